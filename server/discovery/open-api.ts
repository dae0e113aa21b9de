import { ApiError } from "../../api/machinery/status.ts";
import type { ApiRequest, ApiResponse } from "../../api/wire.ts";
import type { Clock } from "../../base/clock.ts";
import { acceptClauses } from "../encoding/accept-clauses.ts";
import { acceptsGzip } from "../http/compress.ts";
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

export function createOpenApi(read: ReadOpenApi, clock: Clock): OpenApi {
  let loading: Promise<OpenApiIndex> | undefined;
  const index = (): Promise<OpenApiIndex> => (loading ??= loadIndex(read));
  return {
    async answer(request, path, query) {
      if (path === "v2") return v2(request, read, await index());
      if (path === "v3") return entityResponse(request, v3Paths(await index()));
      const { v3 } = await index();
      const name = path.startsWith("v3/") ? path.slice("v3/".length) : "";
      const document = Object.hasOwn(v3, name) ? v3[name] : undefined;
      if (document === undefined) throw new ApiError("NotFound", "the server could not find the requested resource");
      return v3Document(request, query, { read, clock, name, ...document });
    },
  };
}

async function loadIndex(read: ReadOpenApi): Promise<OpenApiIndex> {
  // Written by our own build.
  return JSON.parse(Buffer.from(await read("index.json")).toString()) as OpenApiIndex;
}

function v2(request: ApiRequest, read: ReadOpenApi, index: OpenApiIndex): Promise<ApiResponse> {
  const { contentType, file } = formOf(request.headers["accept"], formsV2);
  return fileResponse(request, { read, file, contentType, etag: `"${index.v2.hash}"`, more: {} });
}

function v3Paths({ v3 }: OpenApiIndex): Entity {
  const paths = Object.entries(v3).map(([name, { hash }]) => [name, { serverRelativeURL: v3Url(name, hash) }]);
  return jsonEntity("application/json", { paths: Object.fromEntries(paths) });
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
