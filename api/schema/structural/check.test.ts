import { describe, expect, it } from "vitest";
import { createConformer } from "../conform.ts";
import { builtinSchemas } from "../tables.ts";
import { checkSchema, type CheckOptions } from "./check.ts";
import { said } from "./codec.testing.ts";
import type { SchemaProps } from "./parse.ts";

const objectMeta = {
  conformer: createConformer(),
  type: builtinSchemas().get("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"),
};
const text: SchemaProps = { type: "string" };

function check(schema: SchemaProps, options: Partial<CheckOptions> = {}): string[] {
  return said(checkSchema(schema, "schema", { objectMeta, ...options }));
}

/** Findings about `schema.properties[x]`, without that path. */
function checkField(x: SchemaProps): string[] {
  return check({ type: "object", properties: { x } }).map((one) => one.replaceAll("schema.properties[x]", "x"));
}

describe("structural schemas", () => {
  it.each<[string, SchemaProps, string[]]>([
    ["a good one", { type: "object", properties: { spec: text } }, []],
    ["no type", {}, ["schema.type: Required value: must not be empty at the root"]],
    ["another type", text, ['schema.type: Invalid value: "string": must be object at the root']],
    [
      "a field without a type",
      { type: "object", properties: { x: {} } },
      ["schema.properties[x].type: Required value: must not be empty for specified object fields"],
    ],
    [
      "items without a type",
      { type: "object", properties: { x: { type: "array", items: {} } } },
      ["schema.properties[x].items.type: Required value: must not be empty for specified array items"],
    ],
    [
      "a list without items",
      { type: "object", properties: { x: { type: "array" } } },
      ["schema.properties[x].items: Required value: must be specified"],
    ],
    [
      "a root that is a map",
      { type: "object", additionalProperties: text },
      ["schema.additionalProperties: Forbidden: must not be used at the root"],
    ],
    [
      "more of metadata than names",
      { type: "object", properties: { metadata: { type: "object", properties: { labels: { type: "object" } } } } },
      [
        "schema.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified",
      ],
    ],
    [
      "names of metadata",
      {
        type: "object",
        properties: { metadata: { type: "object", properties: { name: { type: "string", maxLength: 5 } } } },
      },
      [],
    ],
    [
      "a kind that is no text",
      { type: "object", properties: { kind: { type: "integer" } } },
      ['schema.properties[kind].type: Invalid value: "integer": must be string'],
    ],
    [
      "a root that may be null",
      { type: "object", nullable: true },
      ["schema.nullable: Forbidden: nullable cannot be true at the root"],
    ],
    [
      "what alternatives speak of, and nothing else does",
      { type: "object", anyOf: [{ properties: { a: { minLength: 1 } } }] },
      ["schema.properties[a]: Required value: because it is defined in schema.anyOf[0].properties[a]"],
    ],
    [
      "a default of metadata",
      { type: "object", properties: { metadata: { type: "object", default: {} } } },
      ["schema.properties[metadata].default: Forbidden: must not be set in top-level metadata"],
    ],
  ])("%s", (_what, schema, expected) => {
    expect(check(schema)).toEqual(expected);
  });

  it("says which words a root may have beside a status", () => {
    expect(check({ type: "object", not: { required: ["a"] } }, { hasStatus: true })).toEqual([
      expect.stringContaining("only [Description Type Format Title Maximum"),
    ]);
  });
});

describe("fields", () => {
  const listMap: SchemaProps = {
    type: "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["name"],
    items: { type: "object", required: ["name"], properties: { name: text } },
  };

  it.each<[string, SchemaProps, string[]]>([
    ["free form", { "x-kubernetes-preserve-unknown-fields": true }, []],
    ["either", { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] }, []],
    [
      "either, with a shape",
      {
        "x-kubernetes-int-or-string": true,
        allOf: [{ anyOf: [{ type: "integer" }, { type: "string" }] }, { pattern: "^a$" }],
      },
      [],
    ],
    [
      "types in alternatives",
      { type: "string", anyOf: [{ type: "string" }, { description: "b", nullable: true, default: 1 }] },
      [
        "x.anyOf[0].type: Forbidden: must be empty to be structural",
        "x.anyOf[1].default: Forbidden: must be undefined to be structural",
        "x.anyOf[1].description: Forbidden: must be empty to be structural",
        "x.anyOf[1].nullable: Forbidden: must be false to be structural",
      ],
    ],
    [
      "a pattern that is none",
      { type: "string", pattern: "[a" },
      [
        'x.pattern: Invalid value: "[a": must be a valid regular expression, but isn\'t: error parsing regexp: missing closing ]: `[a`',
      ],
    ],
    [
      "what is not supported",
      {
        type: "object",
        $ref: "#/a",
        id: "b",
        definitions: { a: text },
        patternProperties: { a: text },
        uniqueItems: true,
      },
      [
        "x.id: Forbidden: id is not supported",
        "x.patternProperties: Forbidden: patternProperties is not supported",
        "x.definitions: Forbidden: definitions is not supported",
        "x.$ref: Forbidden: $ref is not supported",
        "x.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
      ],
    ],
    [
      "an unknown type",
      { type: "text" },
      [
        'x.type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"',
      ],
    ],
    [
      "null as a type",
      { type: "null" },
      [
        'x.type: Unsupported value: "null": supported values: "array", "boolean", "integer", "number", "object", "string"',
        "x.type: Forbidden: type cannot be set to null, use nullable as an alternative",
      ],
    ],
    [
      "both properties and additionalProperties",
      { type: "object", properties: { a: text }, additionalProperties: text },
      ["x.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive"],
    ],
    [
      "preserving nothing",
      { type: "object", "x-kubernetes-preserve-unknown-fields": false },
      ["x.x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined"],
    ],
    [
      "an embedded object of another type",
      { type: "string", "x-kubernetes-embedded-resource": true },
      [
        "x.properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields",
        'x.type: Invalid value: "string": must be object if x-kubernetes-embedded-resource is true',
      ],
    ],
    ["a good list map", listMap, []],
    [
      "a list map without keys",
      { ...listMap, "x-kubernetes-list-map-keys": [] },
      ["x.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map"],
    ],
    [
      "a list map with a key that is no property",
      { ...listMap, "x-kubernetes-list-map-keys": ["name", "other", "name"] },
      [
        'x.x-kubernetes-list-map-keys: Invalid value: ["name","other","name"]: entries must all be names of item properties',
        'x.x-kubernetes-list-map-keys: Invalid value: ["name","other","name"]: must not contain duplicate entries',
      ],
    ],
    [
      "a list map whose key may be absent",
      { ...listMap, items: { type: "object", properties: { name: { type: "string", nullable: true } } } },
      [
        "x.items.properties[name].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property",
        "x.items.properties[name].nullable: Forbidden: this property is in x-kubernetes-list-map-keys, so it cannot be nullable",
      ],
    ],
    [
      "a list map with a default key",
      { ...listMap, items: { type: "object", properties: { name: { ...text, default: "a" } } } },
      [],
    ],
    [
      "keys of no map",
      { type: "array", items: text, "x-kubernetes-list-map-keys": ["a"] },
      ["x.x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is non-empty"],
    ],
    [
      "a set of granular objects",
      { type: "array", items: { type: "object", properties: { a: text } }, "x-kubernetes-list-type": "set" },
      [
        "x.items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set",
      ],
    ],
    [
      "an unknown sort of list",
      { type: "array", items: text, "x-kubernetes-list-type": "bag" },
      ['x.x-kubernetes-list-type: Unsupported value: "bag": supported values: "atomic", "set", "map"'],
    ],
    [
      "a map type of a text",
      { type: "string", "x-kubernetes-map-type": "atomic" },
      ['x.type: Invalid value: "string": must be object if x-kubernetes-map-type is specified'],
    ],
    ["a good default", { type: "object", properties: { a: text }, default: { a: "1" } }, []],
    [
      "a default with unknown fields",
      { type: "object", properties: { a: text }, default: { b: "1" } },
      ['x.default: Invalid value: {"b":"1"}: must not have unknown fields'],
    ],
    [
      "a default of another type",
      { type: "object", properties: { a: text }, default: { a: 1 } },
      ['x.default.a: Invalid value: "integer": a in body must be of type string: "integer"'],
    ],
    [
      "a default that is an embedded object without a kind",
      {
        type: "object",
        "x-kubernetes-embedded-resource": true,
        "x-kubernetes-preserve-unknown-fields": true,
        default: { apiVersion: "v1" },
      },
      ["x.default.kind: Required value"],
    ],
    [
      "a default inside of embedded metadata",
      {
        type: "object",
        "x-kubernetes-embedded-resource": true,
        properties: { metadata: { type: "object", properties: { name: { ...text, default: "%" } } } },
      },
      [
        'x.properties[metadata].properties[name].default: Invalid value: "%": must result in valid metadata: metadata.name: Invalid value: "%": may not contain \'%\'',
      ],
    ],
    [
      "a rule without words",
      {
        type: "string",
        "x-kubernetes-validations": [{ rule: " " }, { rule: "a\nb" }, { rule: "true", message: " ", reason: "Odd" }],
      },
      [
        "x.x-kubernetes-validations[0].rule: Required value: rule is not specified",
        "x.x-kubernetes-validations[1].message: Required value: message must be specified if rule contains line breaks",
        'x.x-kubernetes-validations[2].message: Invalid value: " ": must be non-empty if specified',
        'x.x-kubernetes-validations[2].reason: Unsupported value: "Odd": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"',
      ],
    ],
    [
      "field paths",
      {
        type: "object",
        properties: { a: text, "b.c": { type: "object", additionalProperties: text } },
        "x-kubernetes-validations": [".a", "['b.c'].x", ".c", ".a[0]", "a"].map((fieldPath) => ({
          rule: "true",
          fieldPath,
        })),
      },
      [2, 3, 4].map(
        (index) =>
          `x.x-kubernetes-validations[${index}].fieldPath: Invalid value: ${JSON.stringify([".a", "", ".c", ".a[0]", "a"][index])}: must be a valid path`,
      ),
    ],
  ])("%s", (_what, schema, expected) => {
    expect(checkField(schema)).toEqual(expected);
  });
});
