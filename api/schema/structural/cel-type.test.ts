import { describe, expect, it } from "vitest";
import type { CelType } from "../../cel/cel.ts";
import { celTypeOf, escapeProperty } from "./cel-type.ts";
import { parseStructural, type SchemaProps } from "./parse.ts";

function typeOf(schema: SchemaProps, isResource = false): CelType | undefined {
  return celTypeOf(parseStructural(schema), isResource);
}

function field(schema: SchemaProps, name: string, isResource = false): unknown {
  const type = typeOf(schema, isResource);
  return type?.type === "object" ? type.of.field(name) : undefined;
}

const unknown: SchemaProps = { "x-kubernetes-preserve-unknown-fields": true };

describe("types of values in rules", () => {
  it.each<[string, SchemaProps, unknown]>([
    ["text", { type: "string", maxLength: 3 }, { type: "string", maxBytes: 12 }],
    ["one of some texts", { type: "string", enum: ["a", "bcd"] }, { type: "string", maxBytes: 3 }],
    ["any text", { type: "string" }, { type: "string", maxBytes: 3 * 1024 * 1024 - 2 }],
    ["bytes", { type: "string", format: "byte", maxLength: 3 }, { type: "bytes", maxBytes: 3 }],
    ["a time", { type: "string", format: "date-time" }, { type: "timestamp" }],
    ["a duration", { type: "string", format: "duration" }, { type: "duration" }],
    ["a whole number", { type: "integer" }, { type: "int" }],
    ["a number", { type: "number" }, { type: "double" }],
    ["either", { "x-kubernetes-int-or-string": true }, { type: "dyn" }],
    [
      "a list",
      { type: "array", maxItems: 2, items: { type: "boolean" } },
      { type: "list", of: { type: "bool" }, maxItems: 2 },
    ],
    [
      "a list without a bound",
      { type: "array", items: { type: "integer" } },
      { type: "list", of: { type: "int" }, maxItems: 1572863 },
    ],
    [
      "a map",
      { type: "object", maxProperties: 2, additionalProperties: { type: "integer" } },
      { type: "map", of: { type: "int" }, maxItems: 2 },
    ],
    ["what nothing is known of", unknown, undefined],
    ["a list of it", { type: "array", items: unknown }, undefined],
  ])("%s", (_what, schema, expected) => {
    expect(typeOf(schema)).toEqual(expected);
  });

  it("has fields by the names that expressions use", () => {
    const schema: SchemaProps = {
      type: "object",
      properties: { "a-b": { type: "integer" }, free: unknown, "1": { type: "integer" } },
    };
    expect(field(schema, "a__dash__b")).toEqual({ type: { type: "int" }, jsonName: "a-b" });
    expect(["a-b", "free", "1", "", "metadata"].map((name) => field(schema, name))).toEqual(Array(5).fill(undefined));
  });

  it("always has what every object has", () => {
    expect(field({ type: "object" }, "metadata", true)).toMatchObject({ type: { type: "object" } });
    expect(field({ type: "object" }, "kind", true)).toMatchObject({ type: { type: "string" } });
  });
});

it.each([
  ["a.b-c/d", "a__dot__b__dash__c__slash__d"],
  ["a__b", "a__underscores__b"],
  ["namespace", "__namespace__"],
  ["self", "self"],
  ["1a", undefined],
  ["a b", undefined],
])("%s is escaped", (name, escaped) => {
  expect(escapeProperty(name)).toBe(escaped);
});
