import { ApiError } from "../../api/machinery/status.ts";
import { isObject } from "../../api/machinery/members.ts";
import type { JsonObject, KubeObject } from "../../api/machinery/object.ts";
import { decode, fromHub, settleTypeMeta } from "../encoding/kind.ts";
import { readParsed } from "../encoding/body.ts";
import type { ResourceTarget } from "../pipeline/stages.ts";
import type { ResourceRequest } from "./context.ts";
import { judgeFields, type WriteOptions } from "./write-options.ts";

/** An object from a request's body, in the working version. */
export async function decodeObject(request: ResourceRequest, options: WriteOptions): Promise<KubeObject> {
  const { kind, version } = request;
  const { value, duplicates } = await readParsed(request.request, { protobuf: kind.conversion === undefined });
  settleTypeMeta(kind, version, value);
  const { object, unknown } = decode(kind, version, value);
  keepReset(value, object);
  judgeFields({ unknown, duplicates }, options.fieldValidation, {
    kind: kind.row.kind,
    version: version.served.version,
    warnings: request.warnings,
  });
  request.trail?.sent(fromHub(version, object));
  return object;
}

/** Decoding drops empty lists; of managedFields one is a wish, to start anew. */
export function keepReset(sent: JsonObject, object: KubeObject): void {
  const { metadata } = sent;
  const entries = isObject(metadata) ? metadata["managedFields"] : undefined;
  if (Array.isArray(entries) && entries.length === 0) object.metadata = { ...object.metadata, managedFields: [] };
}

/** The object's own name and namespace must be those of the URL. The namespace may be left out, and counts only where there is one. */
export function matchUrl({ target, kind }: ResourceRequest, object: KubeObject): void {
  const metadata = (object.metadata ??= {});
  const { name = "", namespace = "" } = metadata;
  if (target.name !== "") {
    if (name === "")
      throw new ApiError(
        "BadRequest",
        `the name of the object (${target.name} based on URL) was undeterminable: name must be provided`,
      );
    if (name !== target.name)
      throw new ApiError(
        "BadRequest",
        `the name of the object (${name}) does not match the name on the URL (${target.name})`,
      );
  }
  if (kind.row.scope === "Cluster") {
    delete metadata.namespace;
    return;
  }
  if (namespace !== "" && namespace !== target.namespace)
    throw new ApiError("BadRequest", otherNamespace(namespace, target));
  metadata.namespace = target.namespace;
}

function otherNamespace(namespace: string, target: ResourceTarget): string {
  return target.name === ""
    ? "the namespace of the provided object does not match the namespace sent on the request"
    : `the namespace of the object (${namespace}) does not match the namespace on the request (${target.namespace})`;
}
