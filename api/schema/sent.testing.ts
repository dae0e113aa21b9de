import fc from "fast-check";
import type { Json, JsonObject } from "../machinery/object.ts";
import type { Field, StructType, ValueType } from "./schema.ts";

/** What a client may send for a type: every field there or not, empty or filled; deep down, nothing more. */
function valueOf(type: ValueType, depth: number): fc.Arbitrary<Json> {
  switch (type.type) {
    case "struct":
      return depth === 0 ? fc.constant({}) : structOf(type.of, depth - 1);
    case "list":
      return fc.array(valueOf(type.of, depth), { maxLength: 2 });
    case "map":
      return fc.dictionary(
        fc.constantFrom("a", "cpu", "storage", "__proto__", "example.com/x"),
        valueOf(type.of, depth),
        {
          maxKeys: 2,
        },
      );
    case "boolean":
      return fc.boolean();
    case "integer":
    case "number":
      return fc.constantFrom(0, 1, 80, 70_000);
    case "intOrString":
      return fc.constantFrom<Json>(0, 80, "50%", "http", "");
    case "quantity":
      return fc.constantFrom("0", "1", "100m", "1Gi");
    case "bytes":
      return fc.constantFrom("", "e30=");
    case "time":
      return fc.constantFrom<Json>(null, "2026-01-01T00:00:00Z");
    case "microTime":
      return fc.constantFrom<Json>(null, "2026-01-01T00:00:00.000000Z");
    case "duration":
      return fc.constantFrom("0s", "1h0m0s");
    case "any":
      return fc.constantFrom<Json>({}, { a: [1] });
    case "schemaOr":
      return fc.constant({});
    default:
      return fc.constantFrom("", "a", "a/b", "*", "..", "10.0.0.1", "None", "Indexed");
  }
}

/** The same for a struct. */
export function structOf(type: StructType, depth: number): fc.Arbitrary<JsonObject> {
  const fieldOf = (field: Field): fc.Arbitrary<Json> =>
    field.enum === undefined || field.value.type !== "string"
      ? valueOf(field.value, depth)
      : fc.constantFrom(...field.enum);
  const members = [...type.fields.values()].filter(({ name }) => name !== "metadata" || depth < 4);
  const shape = Object.fromEntries(
    members.map((field) => [field.name, fc.option(fieldOf(field), { freq: depth > 2 ? 4 : 1 })]),
  );
  return fc.record(shape, { requiredKeys: [] });
}
