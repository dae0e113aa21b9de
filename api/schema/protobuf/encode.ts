import type { JsonObject } from "../../machinery/object.ts";
import { ApiError } from "../../machinery/status.ts";
import { envelopeTail, type TypeMeta, writeEnvelopeHead } from "./envelope.ts";
import { findMessage } from "./kinds.ts";
import { type Message, writeMessage } from "./message.ts";
import { wireTypes } from "./reader.ts";
import { Writer } from "./writer.ts";

/** An object, which names its apiVersion and kind, in its envelope. */
export function encodeProtobuf(object: object): Uint8Array {
  const { typeMeta, message, json } = encodable(object);
  const writer = new Writer();
  writer.raw(envelopeTail);
  const mark = writer.size;
  writeMessage(writer, message, json);
  writeEnvelopeHead(writer, typeMeta, writer.size - mark);
  return writer.finish();
}

/** An object without its envelope: what an item of a list is. */
export function encodeBody(object: object): Uint8Array {
  const { message, json } = encodable(object);
  const writer = new Writer();
  writeMessage(writer, message, json);
  return writer.finish();
}

/**
 * A list in pieces, around its items' bodies as they are (see `encodeBody`): joined they are one envelope.
 * `typeMeta` and `metadata` are the list's.
 */
export function* encodeList(
  typeMeta: TypeMeta,
  metadata: JsonObject,
  bodies: readonly Uint8Array[],
): Generator<Uint8Array, void, undefined> {
  const meta = encodeBody({ ...typeMeta, metadata });
  const items = encodable(typeMeta).message.fields.find((field) => field.name === "items");
  if (items === undefined) throw new Error(`${typeMeta.kind} is no list`);
  const heads = bodies.map((body) => itemHead(items.number, body.length));
  let size = meta.length;
  for (const [index, body] of bodies.entries()) size += heads[index]!.length + body.length;
  const head = new Writer(256);
  head.raw(meta);
  writeEnvelopeHead(head, typeMeta, size);
  yield head.finish();
  for (const [index, body] of bodies.entries()) {
    yield heads[index]!;
    yield body;
  }
  yield envelopeTail;
}

function itemHead(number: number, length: number): Uint8Array {
  const writer = new Writer(16);
  writer.varint(length);
  writer.tag(number, wireTypes.bytes);
  return writer.finish();
}

/** One frame of `application/vnd.kubernetes.protobuf;stream=watch`: its length in four bytes, then meta.WatchEvent. */
export function encodeWatchEvent(type: string, envelope: Uint8Array): Uint8Array {
  const writer = new Writer(envelope.length + 64);
  // object = 2, a RawExtension { raw = 1 }
  writer.raw(envelope);
  writer.length(0);
  writer.tag(1, wireTypes.bytes);
  writer.length(0);
  writer.tag(2, wireTypes.bytes);
  writer.string(type);
  writer.tag(1, wireTypes.bytes);
  const length = writer.size;
  writer.raw(Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length));
  return writer.finish();
}

function encodable(object: object): { typeMeta: TypeMeta; message: Message; json: JsonObject } {
  // Every field's type is checked as it is written.
  const json = object as JsonObject;
  const { apiVersion, kind } = json;
  const typeMeta = {
    apiVersion: typeof apiVersion === "string" ? apiVersion : "",
    kind: typeof kind === "string" ? kind : "",
  };
  const message = findMessage(typeMeta.apiVersion, typeMeta.kind);
  if (message === undefined)
    throw new ApiError(
      "NotAcceptable",
      `kind ${JSON.stringify(typeMeta.kind)} of ${JSON.stringify(typeMeta.apiVersion)} has no protobuf form`,
    );
  return { typeMeta, message, json };
}
