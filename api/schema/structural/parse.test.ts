import { describe, expect, it } from "vitest";
import { createSchemaPool, parseStructural, type SchemaProps } from "./parse.ts";

const pod: SchemaProps = {
  type: "object",
  description: "A pod.",
  required: ["name"],
  properties: { name: { type: "string", minLength: 1 }, ports: { type: "array", items: { type: "integer" } } },
};

describe("schemas", () => {
  it("say what was written", () => {
    expect(parseStructural({ ...pod, nullable: true, maxProperties: 3, default: { name: "a" } })).toMatchObject({
      type: "object",
      nullable: true,
      default: { name: "a" },
      values: { object: { most: 3, required: ["name"] } },
      holds: { defaults: true, rules: false, uniqueLists: false, embedded: false },
    });
  });

  it("are one object where they are equal to a machine", () => {
    const other: SchemaProps = { ...pod, description: "Another pod.", title: "Pod" };
    const { properties } = parseStructural({ type: "object", properties: { a: pod, b: other } });
    expect(properties?.get("a")).toBe(properties?.get("b"));
  });

  it("are shared by the versions of a definition", () => {
    const pool = createSchemaPool();
    const [one, two] = [structuredClone(pod), structuredClone(pod)].map((schema) => parseStructural(schema, pool));
    expect(one).toBe(two);
  });

  it.each<[string, SchemaProps, SchemaProps]>([
    ["defaults", { type: "string", default: "1" }, { type: "integer", default: 1 }],
    ["required members", { type: "object", required: ["a", "b"] }, { type: "object", required: ["a,b"] }],
    ["absence and false", { type: "object" }, { type: "object", additionalProperties: false }],
    ["numbers beyond 2^53", { type: "integer", maximum: 2 ** 53 }, { type: "integer", maximum: 2 ** 53 + 2 }],
    ["places of equal parts", { type: "array", items: pod }, { type: "object", additionalProperties: pod }],
  ])("differ by %s", (_what, a, b) => {
    const pool = createSchemaPool();
    expect(parseStructural(a, pool)).not.toBe(parseStructural(b, pool));
  });

  it("know what is below them", () => {
    const rules = [{ rule: "true" }];
    const deep: SchemaProps = {
      type: "object",
      properties: { list: { type: "array", items: { type: "string", "x-kubernetes-validations": rules } } },
    };
    expect(parseStructural(deep).holds.rules).toBe(true);
    expect(parseStructural(pod).holds.rules).toBe(false);
  });
});
