import { createHash } from "node:crypto";
import { ApiError } from "../../api/machinery/status.ts";
import type { ApiRequest, ApiResponse } from "../../api/wire.ts";
import type { Clock } from "../../base/clock.ts";
import { acceptClauses } from "../encoding/accept-clauses.ts";
import { acceptsGzip } from "../http/compress.ts";
import { noCustomDocuments, type CustomDocuments, type V2Part } from "./custom-documents.ts";
import { compressed, mergeJson, mergeProtobuf } from "./merge-v2.ts";
import { nothingRegistered, type Registered, type RemoteOpenApi, type RemoteOpenApiV2 } from "./registered.ts";
import { remoteParts } from "./remote-v2.ts";
import type { ReadOpenApi } from "./read-open-api.ts";
import { emptyBody, entityResponse, isKnown, jsonEntity, type Entity } from "./entity.ts";

/** `index.json` of the generated folder. */
interface OpenApiIndex {
  /** `apis/apps/v1` → its file and the hash of its bytes. */
  readonly v3: Readonly<Record<string, { readonly hash: string; readonly file: string }>>;
  readonly v2: { readonly hash: string };
}

export interface OpenApi {
  /** `path` is what follows `/openapi/`. */
  answer(request: ApiRequest, path: string, query: URLSearchParams): Promise<ApiResponse>;
}

const protobufV2 = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
/** The "@" is the older spelling, which kubectl still sends; the answer has the newer one, as upstream's. */
const formsV2: readonly Form[] = [
  { accept: "application/json", contentType: "application/json", file: "swagger.json" },
  { accept: "application/com.github.proto-openapi.spec.v2@v1.0+protobuf", contentType: protobufV2, file: "swagger.pb" },
  { accept: protobufV2, contentType: protobufV2, file: "swagger.pb" },
];

interface Form {
  readonly accept: string;
  readonly contentType: string;
  readonly file: string;
}

const yearMs = 365 * 24 * 3_600_000;
/** Documents of custom resources that are kept: a client asks for few of them, and for these again. */
const mostKept = 16;

export function createOpenApi(
  readBuiltin: ReadOpenApi,
  clock: Clock,
  custom: CustomDocuments = noCustomDocuments,
  registered: Pick<Registered, "openApiV3" | "openApiV2"> = nothingRegistered,
): OpenApi {
  let loading: Promise<OpenApiIndex> | undefined;
  const builtin = (): Promise<OpenApiIndex> => (loading ??= loadIndex(readBuiltin));
  const kept = new KeptFiles(mostKept);
  return {
    async answer(request, path, query) {
      const remote = registered.openApiV2();
      const index = merged(await builtin(), custom.groupVersions(), remote);
      const read = reader(index, { builtin: readBuiltin, custom, remote, kept });
      if (path === "v2") return v2(request, read, index);
      if (path === "v3") return entityResponse(request, v3Paths(index, await registered.openApiV3()));
      const name = path.startsWith("v3/") ? path.slice("v3/".length) : "";
      const document = Object.hasOwn(index.v3, name) ? index.v3[name] : undefined;
      if (document === undefined) throw noDocument();
      return v3Document(request, query, { read, clock, name, ...document });
    },
  };
}

async function loadIndex(read: ReadOpenApi): Promise<OpenApiIndex> {
  // Written by our own build.
  return JSON.parse(Buffer.from(await read("index.json")).toString()) as OpenApiIndex;
}

/** A custom resource may be in a group-version of the built-in ones: the document stays theirs. */
function merged(
  { v3, v2 }: OpenApiIndex,
  groupVersions: ReadonlyMap<string, string>,
  remote: readonly RemoteOpenApiV2[],
): OpenApiIndex {
  if (groupVersions.size === 0 && remote.length === 0) return { v3, v2 };
  const own = [...groupVersions].map(
    ([name, hash]) => [`apis/${name}`, { hash, file: `${customPrefix}${name}` }] as const,
  );
  const all = { ...Object.fromEntries(own), ...v3 };
  const names = Object.keys(all).toSorted();
  const hash = createHash("sha512").update(v2.hash);
  for (const [name, own] of groupVersions) hash.update(name).update(own);
  for (const one of remote) hash.update(one.hash);
  return {
    v3: Object.fromEntries(names.map((name) => [name, all[name] ?? { hash: "", file: "" }])),
    v2: { hash: hash.digest("hex").toUpperCase() },
  };
}

const customPrefix = "custom/";

interface Sources {
  readonly builtin: ReadOpenApi;
  readonly custom: CustomDocuments;
  readonly remote: readonly RemoteOpenApiV2[];
  readonly kept: KeptFiles;
}

/** Files as the build made them, or made now for custom resources and remote servers. */
function reader(index: OpenApiIndex, { builtin, custom, remote, kept }: Sources): ReadOpenApi {
  const hasCustom = Object.values(index.v3).some(({ file }) => file.startsWith(customPrefix));
  if (!hasCustom && remote.length === 0) return builtin;
  const parts = async function* (): AsyncGenerator<V2Part> {
    yield* custom.v2();
    if (remote.length > 0) yield* remoteParts(remote, await builtin("swagger.json"));
  };
  const make = async (file: string): Promise<Uint8Array> => {
    if (file.endsWith(".gz")) return compressed(await read(file.slice(0, -".gz".length)));
    if (file === "swagger.json") return mergeJson(await builtin(file), parts());
    if (file === "swagger.pb") return mergeProtobuf(await builtin(file), parts());
    const document = await custom.v3(file.slice(customPrefix.length));
    // The definition went while it was asked for.
    if (document === undefined) throw noDocument();
    return document;
  };
  const read: ReadOpenApi = (file) => {
    const hash = file.startsWith("swagger.") ? index.v2.hash : hashOf(file, index);
    return hash === undefined ? builtin(file) : kept.get(`${file} ${hash}`, () => make(file));
  };
  return read;
}

function hashOf(file: string, { v3 }: OpenApiIndex): string | undefined {
  if (!file.startsWith(customPrefix)) return undefined;
  const name = file.slice(customPrefix.length).replace(/\.gz$/, "");
  return v3[`apis/${name}`]?.hash ?? "";
}

/** The last few that were asked for. */
class KeptFiles {
  readonly #most: number;
  readonly #files = new Map<string, Promise<Uint8Array>>();

  constructor(most: number) {
    this.#most = most;
  }

  async get(key: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const file = this.#files.get(key) ?? make();
    this.#files.delete(key);
    this.#files.set(key, file);
    for (const oldest of this.#files.keys()) {
      if (this.#files.size <= this.#most) break;
      this.#files.delete(oldest);
    }
    try {
      return await file;
    } catch (thrown) {
      this.#files.delete(key);
      throw thrown;
    }
  }
}

function noDocument(): ApiError {
  return new ApiError("NotFound", "the server could not find the requested resource");
}

function v2(request: ApiRequest, read: ReadOpenApi, index: OpenApiIndex): Promise<ApiResponse> {
  const { contentType, file } = formOf(request.headers["accept"], formsV2);
  return fileResponse(request, { read, file, contentType, etag: `"${index.v2.hash}"`, more: {} });
}

/** A group-version that another server answers for has that server's document, or none. */
function v3Paths({ v3 }: OpenApiIndex, remote: readonly RemoteOpenApi[]): Entity {
  const urls = new Map<string, string | undefined>(
    Object.entries(v3).map(([name, { hash }]) => [name, v3Url(name, hash)]),
  );
  for (const { name, serverRelativeURL } of remote) urls.set(name, serverRelativeURL);
  const known = [...urls].flatMap(([name, url]) => (url === undefined ? [] : [[name, { serverRelativeURL: url }]]));
  return jsonEntity("application/json", { paths: Object.fromEntries(known) });
}

function v3Url(name: string, hash: string): string {
  return `/openapi/v3/${name}?hash=${hash}`;
}

interface V3Document {
  readonly read: ReadOpenApi;
  readonly clock: Clock;
  readonly name: string;
  readonly hash: string;
  readonly file: string;
}

/** A URL with the hash of its content never changes; one with an old hash leads to the new. */
async function v3Document(request: ApiRequest, query: URLSearchParams, document: V3Document): Promise<ApiResponse> {
  const { read, clock, name, hash, file } = document;
  const json = { accept: "application/json", contentType: "application/json", file };
  formOf(request.headers["accept"], [json]);
  const asked = query.get("hash") ?? "";
  if (asked !== "" && asked !== hash) return { status: 301, headers: { location: v3Url(name, hash) }, body: emptyBody };
  const forever = {
    "cache-control": "public, immutable",
    expires: new Date(clock.now() + yearMs).toUTCString(),
  };
  return fileResponse(request, {
    read,
    file,
    contentType: json.contentType,
    etag: `"${hash}"`,
    more: asked === "" ? {} : forever,
  });
}

/** The first clause that one of the forms satisfies. */
function formOf(accept: string | undefined, forms: readonly Form[]): Form {
  for (const { value } of acceptClauses(accept || "*/*")) {
    const found = forms.find((form) => value === "*/*" || value === "application/*" || value === form.accept);
    if (found !== undefined) return found;
  }
  const names = forms.map((form) => form.accept).join(", ");
  throw new ApiError("NotAcceptable", `only the following media types are accepted: ${names}`);
}

interface FileEntity {
  readonly read: ReadOpenApi;
  readonly file: string;
  readonly contentType: string;
  readonly etag: string;
  readonly more: Readonly<Record<string, string>>;
}

/** The build has compressed each file as well as it can be. */
async function fileResponse(
  request: ApiRequest,
  { read, file, contentType, etag, more }: FileEntity,
): Promise<ApiResponse> {
  const headers = { etag, vary: "Accept, Accept-Encoding", ...more };
  if (isKnown(request.headers["if-none-match"], etag)) return { status: 304, headers, body: emptyBody };
  const gzip = acceptsGzip(request.headers["accept-encoding"]);
  const bytes = await read(gzip ? `${file}.gz` : file);
  return {
    status: 200,
    headers: { "content-type": contentType, ...headers, ...(gzip ? { "content-encoding": "gzip" } : {}) },
    body: { type: "bytes", bytes },
  };
}
