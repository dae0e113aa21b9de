import { stringifyJson } from "../../api/machinery/json.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import type { ApiResponse, ResponseBody } from "../../api/wire.ts";
import { encodeProtobuf } from "../../api/schema/protobuf/encode.ts";
import { contentTypes, type Accepted } from "./negotiate.ts";

/** Bytes of one object, as JSON (with a trailing line feed, as Go's encoder writes), YAML or protobuf. */
export async function encodeObject(object: DeepReadonly<KubeObject>, accepted: Accepted): Promise<Buffer> {
  switch (accepted.mediaType) {
    case "json":
      return Buffer.from(`${accepted.pretty ? indentedJson(object) : stringifyJson(object)}\n`);
    case "yaml":
      return toYaml(object);
    case "protobuf":
      return Buffer.from(encodeProtobuf(object));
  }
}

export function indentedJson(object: unknown): string {
  try {
    return JSON.stringify(object, undefined, 2);
  } catch (thrown) {
    // Integers beyond 2^53 are bigint; indentation is a courtesy that they go without.
    if (thrown instanceof TypeError) return stringifyJson(object);
    throw thrown;
  }
}

/** YAML is rare on this road: the library is loaded when it is first asked for. */
async function toYaml(object: DeepReadonly<KubeObject>): Promise<Buffer> {
  const { yamlText } = await import("./yaml-text.ts");
  return Buffer.from(yamlText(object));
}

export async function objectResponse(
  status: number,
  object: DeepReadonly<KubeObject>,
  accepted: Accepted,
): Promise<ApiResponse> {
  return bytesResponse(status, contentTypes[accepted.mediaType], await encodeObject(object, accepted));
}

export function bytesResponse(
  status: number,
  contentType: string,
  bytes: Uint8Array,
): ApiResponse & { readonly body: Extract<ResponseBody, { type: "bytes" }> } {
  return {
    status,
    headers: { "content-type": contentType, "cache-control": "no-cache, private" },
    body: { type: "bytes", bytes },
  };
}
