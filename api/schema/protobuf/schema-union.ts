import { isObject } from "../../machinery/members.ts";
import type { Json } from "../../machinery/object.ts";
import { type Message, readMessage, writeMessage } from "./message.ts";
import { wireTypes } from "./reader.ts";
import { describe, type WireType } from "./wire-type.ts";

/** The three JSONSchemaPropsOr… of CustomResourceDefinitions: one of two fields on the wire, its bare value in JSON. */
export type SchemaUnion = "JSONSchemaPropsOrArray" | "JSONSchemaPropsOrBool" | "JSONSchemaPropsOrStringArray";

const others = {
  JSONSchemaPropsOrArray: "jSONSchemas",
  JSONSchemaPropsOrBool: "allows",
  JSONSchemaPropsOrStringArray: "property",
} as const;

export function schemaUnionType(kind: SchemaUnion, resolve: () => Message): WireType {
  const other = others[kind];
  const zero = kind === "JSONSchemaPropsOrBool" ? false : null;
  return {
    wire: wireTypes.bytes,
    scalar: false,
    read(reader) {
      const outer = reader.enter();
      const { schema, [other]: alternative } = readMessage(reader, resolve());
      reader.leave(outer);
      // A list wins over a schema, a schema over a boolean.
      if (Array.isArray(alternative)) return alternative;
      return schema ?? alternative ?? zero;
    },
    write(writer, value) {
      const mark = writer.size;
      writer.enter();
      const fits = kind === "JSONSchemaPropsOrBool" ? typeof value === "boolean" : Array.isArray(value);
      if (value === undefined || value === null) writeMessage(writer, resolve(), {});
      else if (isObject(value)) writeMessage(writer, resolve(), withSchema(kind, value));
      else if (fits) writeMessage(writer, resolve(), { [other]: value });
      else throw writer.refuse(describe(value));
      writer.leave();
      writer.length(mark);
    },
    zero: () => zero,
  };
}

/** A schema allows: Go says so on the wire. */
function withSchema(kind: SchemaUnion, schema: Json): { schema: Json; allows?: boolean } {
  return kind === "JSONSchemaPropsOrBool" ? { allows: true, schema } : { schema };
}
