import fc from "fast-check";
import { expect, test } from "vitest";
import { defaultRules } from "./defaults.ts";
import type { Json, JsonObject, KubeObject } from "./machinery/object.ts";
import { registry } from "./registry.ts";
import { cellsOf, created, findingsOf, updated, sampleWriteContext } from "./row.testing.ts";
import { createConformer } from "./schema/conform.ts";
import { createDefaulter } from "./schema/default.ts";
import type { Field, StructType, ValueType } from "./schema/schema.ts";
import { builtinSchemas } from "./schema/tables.ts";

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

function structOf(type: StructType, depth: number): fc.Arbitrary<JsonObject> {
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

const schemas = builtinSchemas();
const conformer = createConformer();
const defaulterOf = createDefaulter(schemas, defaultRules, () => 0);

test.each(registry.map((row) => [`${row.plural} ${row.group}`, row] as const))(
  "no object that decodes makes the hooks of %s throw",
  (_name, row) => {
    const type = schemas.get(row.definition);
    const decoded = structOf(type, 5).map((sent): KubeObject => {
      const { object } = conformer.conform({ ...sent, metadata: { name: "x", uid: "u" } }, type);
      defaulterOf(row.definition)(object);
      return object;
    });
    fc.assert(
      fc.property(
        decoded,
        decoded,
        fc.constantFrom("", "status", ...row.subresources.map(({ name }) => name)),
        (object, old, subresource) => {
          const made = created(row, object);
          const changed = updated(row, object, old, subresource);
          for (const given of [made, changed]) {
            findingsOf(row, given, old, subresource);
            row.warn?.(given, old, sampleWriteContext({ subresource }));
            if (row.table !== undefined) cellsOf(row, given);
            row.generation?.(given);
            row.gracePeriod?.(given, undefined);
            for (const select of Object.values(row.selectableFields ?? {})) expect(typeof select(given)).toBe("string");
          }
        },
      ),
      { numRuns: 30 },
    );
  },
);
