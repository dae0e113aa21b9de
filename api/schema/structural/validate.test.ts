import { describe, expect, it } from "vitest";
import type { DeepReadonly, Json } from "../../machinery/object.ts";
import { boat, boatCodec, said } from "./codec.testing.ts";
import type { SchemaProps } from "./parse.ts";

type Value = DeepReadonly<Json>;

function judge(schema: SchemaProps, value: Value): string[] {
  return said(boatCodec(schema).validate(boat(value)));
}

describe("values", () => {
  it.each<[string, SchemaProps, Value, string[]]>([
    ["a good text", { type: "string" }, "a", []],
    [
      "another type",
      { type: "integer" },
      "a",
      ['spec: Invalid value: "string": spec in body must be of type integer: "string"'],
    ],
    ["a whole number as a fraction", { type: "number" }, 1, []],
    [
      "a fraction as a whole number",
      { type: "integer" },
      1.5,
      [
        'spec: Invalid value: "number": spec in body must be of type integer: "number"',
        '<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec',
      ],
    ],
    ["a whole number above a fraction's whole part", { type: "number", minimum: 0.5 }, 0, []],
    [
      "a whole number above a broken limit",
      { type: "number", maximum: 0.5 },
      1,
      ["spec: Invalid value: 1: spec in body should be less than or equal to 0"],
    ],
    [
      "a limit that is no integer",
      { type: "integer", minimum: 0.5 },
      3,
      ['<nil>: Invalid value: "": Minimum boundary value must be of type integer (default format) in spec'],
    ],
    ["a list where a format is asked of texts", { type: "string", format: "date" }, [], []],
    ["null", { type: "string" }, null, ['spec: Invalid value: "null": spec in body must be of type string: "null"']],
    ["an allowed null", { type: "string", nullable: true }, null, []],
    [
      "none of a choice",
      { type: "string", enum: ["a", "b"] },
      "x",
      ['spec: Unsupported value: "x": supported values: "a", "b"'],
    ],
    [
      "none of a choice of numbers",
      { type: "integer", enum: [1, 2] },
      3,
      ['spec: Unsupported value: 3: supported values: "1", "2"'],
    ],
    [
      "a text of another shape",
      { type: "string", pattern: "^a$" },
      "b",
      [`spec: Invalid value: "b": spec in body should match '^a$'`],
    ],
    ["a long text", { type: "string", maxLength: 2 }, "abc", ["spec: Too long: may not be more than 2 bytes"]],
    ["as many characters as allowed", { type: "string", maxLength: 2 }, "\u{1f600}\u{1f600}", []],
    [
      "a short text",
      { type: "string", minLength: 2 },
      "\u{1f600}",
      ['spec: Invalid value: "\u{1f600}": spec in body should be at least 2 chars long'],
    ],
    [
      "a small number",
      { type: "integer", minimum: 2 },
      1,
      ["spec: Invalid value: 1: spec in body should be greater than or equal to 2"],
    ],
    [
      "a number at an exclusive bound",
      { type: "number", maximum: 0.5, exclusiveMaximum: true },
      0.5,
      ["spec: Invalid value: 0.5: spec in body should be less than 0.5"],
    ],
    [
      "a number between multiples",
      { type: "integer", multipleOf: 5 },
      7,
      ["spec: Invalid value: 7: spec in body should be a multiple of 5"],
    ],
    ["a multiple of a fraction", { type: "number", multipleOf: 0.1 }, 0.3, []],
    [
      "a number beyond 32 bits",
      { type: "integer", format: "int32" },
      2 ** 31,
      ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec'],
    ],
    ["the greatest number of 64 bits", { type: "integer", format: "int64" }, 2n ** 63n - 1n, []],
    [
      "a short list",
      { type: "array", minItems: 1 },
      [],
      ["spec: Invalid value: 0: spec in body should have at least 1 items"],
    ],
    ["a long list", { type: "array", maxItems: 1 }, [1, 2], ["spec: Too many: 2: must have at most 1 item"]],
    [
      "a wrong item",
      { type: "array", items: { type: "string" } },
      ["a", 1],
      ['spec[1]: Invalid value: "integer": spec[1] in body must be of type string: "integer"'],
    ],
    [
      "members that are absent",
      { type: "object", required: ["a", "b"], properties: { a: { type: "string" } } },
      { a: "" },
      ["spec.b: Required value"],
    ],
    [
      "a wrong value of a map",
      { type: "object", additionalProperties: { type: "boolean" } },
      { k: 1 },
      ['spec.k: Invalid value: "integer": spec.k in body must be of type boolean: "integer"'],
    ],
    [
      "an object that is too small",
      { type: "object", minProperties: 1 },
      {},
      ["spec: Invalid value: 0: spec in body should have at least 1 properties"],
    ],
    [
      "an object that is too large",
      { type: "object", maxProperties: 1, additionalProperties: { type: "string" } },
      { a: "", b: "" },
      ["spec: Too many: 2: must have at most 1 item"],
    ],
    ["a number for either", { "x-kubernetes-int-or-string": true }, 1, []],
    [
      "neither of either",
      { "x-kubernetes-int-or-string": true },
      true,
      ['spec: Invalid value: "boolean": spec in body must be of type integer,string: "boolean"'],
    ],
    [
      "the wrong format",
      { type: "string", format: "date-time" },
      "now",
      ['spec: Invalid value: "now": spec in body must be of type date-time: "now"'],
    ],
    ["a format that nobody knows", { type: "string", format: "zip" }, "?", []],
    [
      "none of alternatives",
      { type: "object", properties: { a: { type: "string" } }, anyOf: [{ required: ["a"] }, { required: ["b"] }] },
      {},
      ['<nil>: Invalid value: "": "spec" must validate at least one schema (anyOf)', "spec.a: Required value"],
    ],
    [
      "none of exclusive alternatives",
      { type: "object", oneOf: [{ required: ["a"] }, { required: ["b"] }] },
      {},
      [
        '<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found none valid',
        "spec.a: Required value",
      ],
    ],
    [
      "two of exclusive alternatives",
      { type: "object", oneOf: [{ required: ["a"] }, { required: ["b"] }] },
      { a: 1, b: 1 },
      ['<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
    ],
    [
      "one of several demands",
      { type: "integer", allOf: [{ minimum: 1 }, { maximum: 5 }] },
      6,
      [
        "spec: Invalid value: 6: spec in body should be less than or equal to 5",
        '<nil>: Invalid value: "": "spec" must validate all the schemas (allOf)',
      ],
    ],
    [
      "what must not be",
      { type: "string", not: { enum: ["a"] } },
      "a",
      ['<nil>: Invalid value: "": "spec" must not validate the schema (not)'],
    ],
    [
      "a set with an item thrice",
      { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
      ["a", "b", "a", "a"],
      ['spec[2]: Duplicate value: "a"'],
    ],
    [
      "a key twice",
      {
        type: "array",
        items: { type: "object", properties: { name: { type: "string" } } },
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name"],
      },
      [{ name: "a" }, { name: "b" }, { name: "a" }],
      ['spec[2]: Duplicate value: {"name":"a"}'],
    ],
    [
      "an embedded object without a name for its type",
      { type: "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true },
      { apiVersion: "a/b/c", metadata: { labels: { "-": "" } } },
      [
        'spec.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
        "spec.kind: Required value",
        expect.stringMatching(
          /^spec\.metadata\.labels: Invalid value: "-": name part must consist/,
        ) as unknown as string,
      ],
    ],
  ])("%s", (_what, schema, value, expected) => {
    expect(judge(schema, value)).toEqual(expected);
  });
});

describe("formats", () => {
  it.each<[string, string[], string[]]>([
    ["date-time", ["2026-01-02T03:04:05Z", "2026-01-02t03:04:05.123456+01:00"], ["2026-01-02", "2026-13-02T03:04:05Z"]],
    ["date", ["2024-02-29"], ["2023-02-29", "2024-2-9"]],
    ["duration", ["1h30m", "22 ns", "3 days"], ["", "x", "5"]],
    ["email", ["jo@example.com", "Jo <jo@example.com>", '"a b"@example.com'], ["jo", "@x", "a@b@c <"]],
    ["hostname", ["a", "a.example.com", "1.example.com"], ["-a.example.com", "a_b.com", "example.c", "a..bc"]],
    ["ipv4", ["10.0.0.1"], ["010.0.0.1", "1.2.3", "::1"]],
    ["ipv6", ["::1", "fe80::1"], ["1.2.3.4", "::g"]],
    ["cidr", ["10.0.0.0/8", "::/0"], ["10.0.0.0", "10.0.0.0/33"]],
    ["mac", ["01:02:03:04:05:ab", "0102.0304.05ab"], ["01:02:03", "01-02:03-04-05-ab"]],
    ["uri", ["https://example.com/a?b", "/path", "urn:x"], ["example.com", "http://a b", "", "http://a:b:c/"]],
    ["uuid", ["123E4567-e89b-12d3-a456-426614174000"], ["123e4567"]],
    ["isbn", ["0321751043", "978-0321751041"], ["0321751044"]],
    ["creditcard", ["4111 1111 1111 1111"], ["4111 1111 1111 1112"]],
    ["ssn", ["111-22-3333"], ["111-22-333"]],
    ["hexcolor", ["#FFF", "a0b1c2"], ["#ffff"]],
    ["rgbcolor", ["rgb(255, 0,1)"], ["rgb(256,0,0)"]],
    ["byte", ["YQ=="], ["YQ", "", "a-_="]],
    ["bsonobjectid", ["507f1f77bcf86cd799439011"], ["507f"]],
    ["k8s-short-name", ["a-1"], ["A", "-a", "a".repeat(64)]],
    ["k8s-long-name", ["a.b-1"], ["a..b", "a.".repeat(130)]],
    ["password", [""], []],
  ])("%s", (format, good, wrong) => {
    const isGood = (text: string): boolean => judge({ type: "string", format }, text).length === 0;
    expect(good.filter((text) => !isGood(text))).toEqual([]);
    expect(wrong.filter(isGood)).toEqual([]);
  });
});

describe("ratcheting", () => {
  const item: SchemaProps = {
    type: "object",
    properties: { name: { type: "string" }, value: { type: "string", maxLength: 1 } },
  };
  const listMap: SchemaProps = {
    type: "array",
    items: item,
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["name"],
  };

  it.each<[string, SchemaProps, Value, Value, string[]]>([
    [
      "what is as it was",
      { type: "object", additionalProperties: { type: "string", maxLength: 1 } },
      { a: "long", b: "c" },
      { a: "long", b: "b" },
      [],
    ],
    [
      "not what changed",
      { type: "object", additionalProperties: { type: "string", maxLength: 1 } },
      { a: "longer" },
      { a: "long" },
      ["spec.a: Too long: may not be more than 1 byte"],
    ],
    [
      "items of list maps, wherever they stand",
      listMap,
      [
        { name: "new", value: "x" },
        { name: "a", value: "long" },
      ],
      [{ name: "a", value: "long" }],
      [],
    ],
    [
      "not items of other lists",
      { type: "array", items: item },
      [{ name: "a", value: "long" }, { name: "new" }],
      [{ name: "a", value: "long" }],
      ["spec[0].value: Too long: may not be more than 1 byte"],
    ],
    ["lists as a whole", { type: "array", items: item }, [{ value: "long" }], [{ value: "long" }], []],
    [
      "not what an object that changed lacks",
      { type: "object", required: ["a"], properties: { b: { type: "string" } } },
      { b: "new" },
      { b: "old" },
      ["spec.a: Required value"],
    ],
    [
      "not inside alternatives, unless all around is as it was",
      {
        type: "object",
        properties: { a: { type: "string" }, b: { type: "string" } },
        allOf: [{ properties: { a: { maxLength: 1 } } }],
      },
      { a: "long", b: "new" },
      { a: "long", b: "old" },
      [
        "spec.a: Too long: may not be more than 1 byte",
        '<nil>: Invalid value: "": "spec" must validate all the schemas (allOf). None validated',
      ],
    ],
    [
      "duplicates, once there were some",
      { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
      ["a", "a", "b", "b"],
      ["a", "a"],
      [],
    ],
  ])("forgives %s", (_what, schema, value, old, expected) => {
    expect(said(boatCodec(schema).validateUpdate(boat(value), boat(old)))).toEqual(expected);
  });
});
