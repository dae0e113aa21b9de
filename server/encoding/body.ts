import { jsonCopy } from "../../api/machinery/clone.ts";
import { parseJson } from "../../api/machinery/json.ts";
import type { Json } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { decodeProtobuf } from "../../api/schema/protobuf/decode.ts";
import type { ApiRequest } from "../../api/wire.ts";
import type { MediaType } from "./negotiate.ts";

/** Upstream's limit for request bodies. */
export const maxBodyBytes: number = 3 * 1024 * 1024;

/** A body as JSON values. `duplicates` says which keys stood twice; the last one counts. */
export interface ParsedBody {
  readonly value: Json;
  readonly duplicates: readonly string[];
}

export async function readBody({ body }: ApiRequest): Promise<Buffer> {
  if (body === undefined) return Buffer.alloc(0);
  const bytes = body instanceof Uint8Array ? body : await (body.whole?.(maxBodyBytes) ?? joined(body));
  if (bytes === undefined || bytes.length > maxBodyBytes) throw tooLarge();
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function joined(body: AsyncIterable<Uint8Array>): Promise<Buffer | undefined> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > maxBodyBytes) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces, size);
}

/** The request's object, from its body or as a client in this process handed it over. */
export async function readParsed(
  request: ApiRequest,
  accepted: { readonly protobuf: boolean } = { protobuf: true },
): Promise<ParsedBody> {
  return handedOver(request) ?? parseBody(request, await readBody(request), accepted);
}

/** Undefined where the request has a body instead, or none. */
export function handedOver({ object }: ApiRequest): ParsedBody | undefined {
  return object === undefined ? undefined : { value: jsonCopy(object), duplicates: none };
}

const none: readonly string[] = [];

/** Parses an object's body by its Content-Type; JSON when the request names none. Custom resources come in no protobuf. */
export async function parseBody(
  request: ApiRequest,
  bytes: Buffer,
  accepted: { readonly protobuf: boolean } = { protobuf: true },
): Promise<ParsedBody> {
  switch (mediaTypeOf(request.headers["content-type"], accepted.protobuf)) {
    case "json":
      return parseJson(bytes, { duplicates: true });
    case "yaml":
      return parseYamlBody(bytes);
    case "protobuf":
      return { value: decodeProtobuf(bytes), duplicates: [] };
  }
}

const openingBrace = 0x7b;

/**
 * JSON is YAML, and most of what comes as YAML is JSON: that is parsed as such, many times faster. The YAML library is
 * loaded when the first other body arrives.
 */
export async function parseYamlBody(bytes: Buffer): Promise<ParsedBody> {
  if (bytes[0] === openingBrace) {
    try {
      return parseJson(bytes, { duplicates: true });
    } catch (thrown) {
      // A flow mapping of YAML begins so, too.
      if (!(thrown instanceof ApiError)) throw thrown;
    }
  }
  const { parseYaml } = await import("../../api/machinery/yaml.ts");
  return parseYaml(bytes);
}

function mediaTypeOf(header: string | undefined, protobuf: boolean): MediaType {
  const mediaType = header?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  switch (mediaType) {
    case "":
    case "*/*":
    case "application/json":
      return "json";
    case "application/yaml":
      return "yaml";
    case "application/vnd.kubernetes.protobuf":
      if (protobuf) return "protobuf";
  }
  const textual = ["application/json", "application/yaml"];
  throw unsupportedMediaType(protobuf ? [...textual, "application/vnd.kubernetes.protobuf"] : textual);
}

export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  return new ApiError(
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`,
  );
}

function tooLarge(): ApiError {
  return new ApiError("RequestEntityTooLarge", `Request entity too large: limit is ${maxBodyBytes}`);
}
