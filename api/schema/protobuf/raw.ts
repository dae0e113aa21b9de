import { encodeJson, parseJson } from "../../machinery/json.ts";
import type { Json } from "../../machinery/object.ts";
import { type Reader, wireTypes } from "./reader.ts";
import type { WireType } from "./wire-type.ts";
import { expectWire, wrapped } from "./wrapped.ts";

/** `k8s` and a zero byte: what follows is a runtime.Unknown. */
export const magic: Uint8Array = Uint8Array.of(0x6b, 0x38, 0x73, 0x00);

/** RawExtension, FieldsV1 and JSON: { raw = 1 bytes }, any JSON text. */
export const rawJson: WireType = raw((reader) => parseRaw(reader.view()));

/** In a RawExtension the bytes may be an enveloped object as well. */
export function rawExtension(readEnvelope: (reader: Reader) => Json): WireType {
  return raw((reader) => {
    const outer = reader.enter();
    const value = reader.startsWith(magic) ? readEnvelope(reader) : parseRaw(reader.rest());
    reader.leave(outer);
    return value;
  });
}

export function parseRaw(text: Uint8Array): Json {
  return text.length === 0 ? null : parseJson(text, { duplicates: false }).value;
}

function raw(read: (reader: Reader) => Json): WireType {
  return wrapped(
    () => {
      let value: Json = null;
      return {
        readField(reader, number, wire) {
          if (number !== 1) return reader.skip(wire);
          expectWire(wire, wireTypes.bytes);
          value = read(reader);
        },
        finish: () => value,
      };
    },
    (writer, value) => {
      if (value === undefined || value === null) return;
      const mark = writer.size;
      writer.raw(encodeJson(value));
      writer.length(mark);
      writer.tag(1, wireTypes.bytes);
    },
    () => null,
  );
}
