import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../machinery/object.ts";
import { rootCodec } from "./codec.testing.ts";
import { parseStructural, type SchemaProps } from "./parse.ts";
import { prune } from "./prune.ts";

const text = { type: "string" };

function pruned(schema: SchemaProps, value: Json): [Json, readonly string[]] {
  const { value: made, unknown } = prune(value, parseStructural(schema));
  return [made, unknown];
}

describe("pruning", () => {
  it.each<[string, SchemaProps, Json, Json, string[]]>([
    [
      "drops what no schema knows",
      { type: "object", properties: { a: text, o: { type: "object", properties: { b: text } } } },
      { a: "1", x: 1, o: { b: "2", y: { z: 1 } } },
      { a: "1", o: { b: "2" } },
      ["o.y", "x"],
    ],
    [
      "looks into lists",
      { type: "object", properties: { list: { type: "array", items: { type: "object", properties: { a: text } } } } },
      { list: [{ a: "1", bar: 1 }, { bar: 2 }] },
      { list: [{ a: "1" }, {}] },
      ["list[0].bar", "list[1].bar"],
    ],
    [
      "keeps maps, and looks into their values",
      { type: "object", additionalProperties: { type: "object", properties: { a: text } } },
      { k: { a: "1", b: "2" } },
      { k: { a: "1" } },
      ["k.b"],
    ],
    [
      "keeps everything below preserve-unknown-fields, but prunes again where a schema stands",
      {
        type: "object",
        "x-kubernetes-preserve-unknown-fields": true,
        properties: { known: { type: "object", properties: { a: text } } },
      },
      { free: { deep: [1, { x: 2 }] }, known: { a: "1", b: "2" } },
      { free: { deep: [1, { x: 2 }] }, known: { a: "1" } },
      ["known.b"],
    ],
    [
      "knows nothing inside additionalProperties: true",
      { type: "object", additionalProperties: true },
      { a: { b: 1 }, c: 1 },
      { a: {}, c: 1 },
      ["a.b"],
    ],
    [
      "drops nulls where they are not allowed",
      { type: "object", properties: { a: text, b: { ...text, nullable: true }, c: { ...text, default: "x" } } },
      { a: null, b: null, c: null },
      { b: null, c: null },
      [],
    ],
    [
      "sorts keys as Go does",
      { type: "object", additionalProperties: text },
      { b: "1", a: "2" },
      { a: "2", b: "1" },
      [],
    ],
    [
      "takes odd names for names",
      { type: "object", properties: { constructor: text } },
      JSON.parse('{"constructor":"a","__proto__":{"x":1},"toString":"b"}') as Json,
      { constructor: "a" } as unknown as Json,
      ["__proto__", "toString"],
    ],
  ])("%s", (_what, schema, value, expected, unknown) => {
    const [made, paths] = pruned(schema, value);
    expect(made).toEqual(expected);
    expect(JSON.stringify(made)).toBe(JSON.stringify(expected));
    expect(paths).toEqual(unknown);
  });

  it("leaves what it was given alone", () => {
    const value = Object.freeze({ b: Object.freeze({ x: 1 }), a: "1" });
    expect(pruned({ type: "object", properties: { a: text } }, value as unknown as Json)).toEqual([{ a: "1" }, ["b"]]);
  });
});

describe("metadata", () => {
  const codec = rootCodec({
    type: "object",
    properties: {
      template: {
        type: "object",
        "x-kubernetes-embedded-resource": true,
        properties: { spec: { type: "object", properties: { a: text } } },
      },
    },
  });

  it("is that of any object, here and in embedded ones", () => {
    const conformed = codec.conform({
      kind: "Boat",
      apiVersion: "example.com/v1",
      metadata: { name: "a", foo: 1, labels: { x: "y" } },
      template: { apiVersion: "v1", kind: "Pod", metadata: { labels: { a: "b" }, bar: 1 }, spec: { a: "1", b: "2" } },
    });
    expect(conformed).toEqual({
      object: {
        apiVersion: "example.com/v1",
        kind: "Boat",
        metadata: { name: "a", labels: { x: "y" } },
        template: { apiVersion: "v1", kind: "Pod", metadata: { labels: { a: "b" } }, spec: { a: "1" } },
      },
      unknown: ["metadata.foo", "template.metadata.bar", "template.spec.b"],
    });
  });

  it.each<[string, Json, string]>([
    [
      "labels that are no texts",
      { metadata: { labels: { a: 1 } } },
      'Boat in version "v1" cannot be handled as a Boat: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string',
    ],
    [
      "an embedded kind that is no text",
      { template: { kind: 1 } },
      'Boat in version "v1" cannot be handled as a Boat: template.kind: Invalid value: 1: must be a string',
    ],
    [
      "what is no object",
      "x",
      'Boat in version "v1" cannot be handled as a Boat: json: cannot unmarshal string into Go value of type map[string]interface {}',
    ],
  ])("refuses %s", (_what, value, message) => {
    expect(() => codec.conform(value)).toThrow(expect.objectContaining({ code: 400, message }));
  });
});

describe("any value", () => {
  const free: SchemaProps = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const list: SchemaProps = {
    type: "array",
    items: { type: "object", properties: { a: text }, additionalProperties: false },
  };
  const schema: SchemaProps = {
    type: "object",
    properties: { a: text, b: list, c: free, "": { type: "array", items: free } },
  };

  it("is pruned once and for all", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const [once] = pruned(schema, value as Json);
        expect(pruned(schema, once)).toEqual([once, []]);
      }),
    );
  });
});
