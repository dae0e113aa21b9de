import type { JsonObject } from "../../machinery/object.ts";
import { readEnvelope, type TypeMeta } from "./envelope.ts";
import { findMessage } from "./kinds.ts";
import { Reader } from "./reader.ts";

/**
 * An enveloped object as JSON, as Go's encoding/json would print it. Throws ApiError BadRequest for anything else.
 * A body whose envelope names no kind is of the one that its endpoint expects.
 */
export function decodeProtobuf(bytes: Uint8Array, expected?: TypeMeta): JsonObject {
  return readEnvelope(new Reader(bytes), expected, findMessage);
}
