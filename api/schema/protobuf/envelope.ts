import { isObject } from "../../machinery/members.ts";
import type { JsonObject } from "../../machinery/object.ts";
import { ApiError } from "../../machinery/status.ts";
import { type Message, readMessage } from "./message.ts";
import { magic, parseRaw } from "./raw.ts";
import { malformed, type Reader, wireTypes } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** A kind as the envelope names it. */
export interface TypeMeta {
  readonly apiVersion: string;
  readonly kind: string;
}

/** The message of a kind, if it has one. */
export type FindMessage = (apiVersion: string, kind: string) => Message | undefined;

// runtime.Unknown { typeMeta = 1 { apiVersion = 1, kind = 2 }, raw = 2, contentEncoding = 3, contentType = 4 }
const typeMetaTag = 1 * 8 + wireTypes.bytes;
const rawTag = 2 * 8 + wireTypes.bytes;
const encodingTag = 3 * 8 + wireTypes.bytes;
const contentTypeTag = 4 * 8 + wireTypes.bytes;
const apiVersionTag = 1 * 8 + wireTypes.bytes;
const kindTag = 2 * 8 + wireTypes.bytes;

/** What stands behind the body: Go always writes the empty content encoding and type. */
export const envelopeTail: Uint8Array = Uint8Array.of(encodingTag, 0, contentTypeTag, 0);

/** What stands before a body of this many bytes. */
export function writeEnvelopeHead(writer: Writer, typeMeta: TypeMeta, bodyBytes: number): void {
  writer.varint(bodyBytes);
  writer.varint(rawTag);
  const mark = writer.size;
  writer.string(typeMeta.kind);
  writer.varint(kindTag);
  writer.string(typeMeta.apiVersion);
  writer.varint(apiVersionTag);
  writer.length(mark);
  writer.varint(typeMetaTag);
  writer.raw(magic);
}

/** Reads an envelope that goes on to the reader's end. */
export function readEnvelope(reader: Reader, expected: TypeMeta | undefined, find: FindMessage): JsonObject {
  if (!reader.startsWith(magic))
    throw new ApiError(
      "BadRequest",
      "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]",
    );
  reader.advance(magic.length);
  const { end } = reader;
  const unknown = readUnknown(reader);
  if (unknown.contentEncoding !== "") throw malformed(`content encoding ${JSON.stringify(unknown.contentEncoding)}`);
  const kind = unknown.typeMeta.kind || (expected?.kind ?? "");
  const apiVersion = unknown.typeMeta.apiVersion || (expected?.apiVersion ?? "");
  reader.at = unknown.rawStart;
  reader.end = unknown.rawEnd;
  const object =
    unknown.contentType === "application/json" ? readJson(reader) : readBody(reader, { apiVersion, kind }, find);
  reader.at = end;
  reader.end = end;
  return { kind, apiVersion, ...object };
}

interface Unknown {
  readonly typeMeta: TypeMeta;
  readonly rawStart: number;
  readonly rawEnd: number;
  readonly contentEncoding: string;
  readonly contentType: string;
}

function readUnknown(reader: Reader): Unknown {
  let typeMeta = { apiVersion: "", kind: "" };
  let rawStart = reader.end;
  let rawEnd = reader.end;
  let contentEncoding = "";
  let contentType = "";
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag === typeMetaTag) typeMeta = readTypeMeta(reader);
    else if (tag === rawTag) {
      const length = reader.length();
      rawStart = reader.advance(length);
      rawEnd = rawStart + length;
    } else if (tag === encodingTag) contentEncoding = reader.string();
    else if (tag === contentTypeTag) contentType = reader.string();
    else reader.skip(tag & 7);
  }
  return { typeMeta, rawStart, rawEnd, contentEncoding, contentType };
}

function readTypeMeta(reader: Reader): { apiVersion: string; kind: string } {
  const outer = reader.enter();
  const typeMeta = { apiVersion: "", kind: "" };
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag === apiVersionTag) typeMeta.apiVersion = reader.string();
    else if (tag === kindTag) typeMeta.kind = reader.string();
    else reader.skip(tag & 7);
  }
  reader.leave(outer);
  return typeMeta;
}

function readBody(reader: Reader, { apiVersion, kind }: TypeMeta, find: FindMessage): JsonObject {
  if (kind === "") throw new ApiError("BadRequest", "Object 'Kind' is missing in the protobuf envelope");
  if (apiVersion === "") throw new ApiError("BadRequest", "Object 'apiVersion' is missing in the protobuf envelope");
  const found = find(apiVersion, kind);
  if (found === undefined)
    throw new ApiError(
      "BadRequest",
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`,
    );
  return readMessage(reader, found);
}

function readJson(reader: Reader): JsonObject {
  const value = parseRaw(reader.rest());
  if (!isObject(value)) throw malformed("the JSON in the envelope is no object");
  return value;
}
