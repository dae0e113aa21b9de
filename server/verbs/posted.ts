import type { KubeObject } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { ApiResponse } from "../../api/wire.ts";
import { readParsed } from "../encoding/body.ts";
import type { VersionCodec } from "../encoding/kind.ts";
import { objectResponse } from "../encoding/object.ts";
import { acceptedBy, type ResourceRequest } from "./context.ts";
import { judgeFields, type WriteOptions } from "./write-options.ts";

/** What a subresource takes that is no object of its parent's kind. */
export interface PostedKind {
  readonly kind: string;
  /** The first is what the object is taken for; the others are older names of the same. */
  readonly apiVersions: readonly [string, ...string[]];
  readonly codec: VersionCodec;
  /** Whoever decodes judges the name himself. */
  readonly anyName?: true;
}

/** Decodes the body of a POST to a subresource; its name, where the URL has one, must be the URL's. */
export async function decodePosted(
  { request, target, warnings, trail }: ResourceRequest,
  posted: PostedKind,
  options: WriteOptions,
): Promise<KubeObject> {
  const { kind, apiVersions, codec } = posted;
  const { value, duplicates } = await readParsed(request);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw unrecognized(posted);
  const { kind: sentKind = "", apiVersion = "" } = value;
  const isKnown = apiVersion === "" || (typeof apiVersion === "string" && apiVersions.includes(apiVersion));
  if ((sentKind !== "" && sentKind !== kind) || !isKnown) throw unrecognized(posted);
  const { object, unknown } = codec.conform({ ...value, kind, apiVersion: apiVersions[0] });
  codec.default(object);
  judgeFields({ unknown, duplicates }, options.fieldValidation, {
    kind,
    version: apiVersions[0].split("/").at(-1) ?? "",
    warnings,
  });
  trail?.sent(object);
  settlePlace(object, posted, target);
  return object;
}

function settlePlace(
  object: KubeObject,
  { kind, anyName }: PostedKind,
  { name, namespace }: { readonly name: string; readonly namespace: string },
): void {
  const metadata = (object.metadata ??= {});
  if ((metadata.namespace ?? namespace) !== namespace)
    throw new ApiError(
      "BadRequest",
      "the namespace of the provided object does not match the namespace sent on the request",
    );
  metadata.namespace = namespace;
  if (name === "" || anyName === true) return;
  if ((metadata.name ?? "") !== "" && metadata.name !== name)
    throw new ApiError("BadRequest", `name in URL does not match name in ${kind} object`);
  metadata.name = name;
}

function unrecognized({ kind, apiVersions }: PostedKind): ApiError {
  return new ApiError(
    "BadRequest",
    `the object provided is unrecognized (must be of type ${kind} in ${apiVersions[0]})`,
  );
}

/** 201 without an object: what was asked for is done. */
export function done(request: ResourceRequest): Promise<ApiResponse> {
  const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };
  return objectResponse(201, status, acceptedBy(request, { stream: false }));
}
