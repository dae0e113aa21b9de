/** How expressions see the built-in types. */
import { escapeProperty } from "../schema/structural/cel-type.ts";
import type { StructType, ValueType } from "../schema/schema.ts";
import type { CelField, CelObjectType, CelType } from "./cel.ts";

/**
 * The type of a struct's JSON, with all that it reaches, made on demand. `name` is for messages: `Deployment`.
 * What upstream's schemas give no type, such as quantities, is no field.
 */
export function celTypeOfStruct(struct: StructType, name: string): CelType {
  return { type: "object", of: objectType(struct, name) };
}

function objectType(struct: StructType, name: string): CelObjectType {
  const fields = new Map<string, CelField>();
  let jsonNames: ReadonlyMap<string, string> | undefined;
  return {
    name,
    field(escaped) {
      const known = fields.get(escaped);
      if (known !== undefined) return known;
      jsonNames ??= new Map([...struct.fields.keys()].map((own) => [escapeProperty(own) ?? "", own]));
      const jsonName = jsonNames.get(escaped) ?? "";
      const value = struct.fields.get(jsonName)?.value;
      const type = value && typeOf(value, `${name}.${escaped}`);
      if (type === undefined) return undefined;
      const field = { type, jsonName };
      fields.set(escaped, field);
      return field;
    },
  };
}

function typeOf(value: ValueType, name: string): CelType | undefined {
  switch (value.type) {
    case "struct":
      return celTypeOfStruct(value.of, name);
    case "list": {
      const of = typeOf(value.of, `${name}.@idx`);
      return of && { type: "list", of };
    }
    case "map": {
      const of = typeOf(value.of, `${name}.@elem`);
      return of && { type: "map", of };
    }
    case "any":
      // An object of which nothing is known.
      return value.raw === "rawExtension" || value.raw === "fieldsV1"
        ? { type: "object", of: { name, field: () => undefined } }
        : undefined;
    case "quantity":
    case "schemaOr":
      return undefined;
    default:
      return scalarTypes[value.type];
  }
}

type Scalar = Exclude<ValueType["type"], "struct" | "list" | "map" | "any" | "quantity" | "schemaOr">;

const scalarTypes: Readonly<Record<Scalar, CelType>> = {
  string: { type: "string" },
  boolean: { type: "bool" },
  integer: { type: "int" },
  number: { type: "double" },
  bytes: { type: "bytes" },
  time: { type: "timestamp" },
  microTime: { type: "timestamp" },
  duration: { type: "string" },
  intOrString: { type: "dyn" },
};
