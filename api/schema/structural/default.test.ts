import { describe, expect, it } from "vitest";
import { deepFreeze } from "../../machinery/clone.ts";
import type { Json } from "../../machinery/object.ts";
import { applyDefaults } from "./default.ts";
import { parseStructural, type SchemaProps } from "./parse.ts";

const port: SchemaProps = {
  type: "object",
  properties: { port: { type: "integer" }, protocol: { type: "string", default: "TCP" } },
};

describe("defaults", () => {
  it.each<[string, SchemaProps, Json, Json]>([
    ["of what is absent", port, { port: 1 }, { port: 1, protocol: "TCP" }],
    ["not of what is there", port, { protocol: "" }, { protocol: "" }],
    [
      "in lists",
      { type: "array", items: port },
      [{ port: 1 }, {}],
      [{ port: 1, protocol: "TCP" }, { protocol: "TCP" }],
    ],
    ["in maps", { type: "object", additionalProperties: port }, { a: {} }, { a: { protocol: "TCP" } }],
    ["instead of null", port, { protocol: null }, { protocol: "TCP" }],
    [
      "not instead of a null that is allowed",
      { type: "object", properties: { a: { type: "string", nullable: true, default: "x" } } },
      { a: null },
      { a: null },
    ],
    ["in defaults", { type: "object", properties: { o: { ...port, default: {} } } }, {}, { o: { protocol: "TCP" } }],
    ["not in objects that are absent", { type: "object", properties: { o: port } }, {}, {}],
    ["of null items", { type: "array", items: { type: "string", default: "x" } }, [null, "y"], ["x", "y"]],
    [
      "in the order of keys",
      { type: "object", properties: { b: { type: "string", default: "1" }, a: { type: "string", default: "2" } } },
      { c: 1 },
      { a: "2", b: "1", c: 1 },
    ],
  ])("are filled in %s", (_what, schema, value, expected) => {
    applyDefaults(value, parseStructural(schema));
    expect(JSON.stringify(value)).toBe(JSON.stringify(expected));
  });

  it("are copies", () => {
    const schema = deepFreeze({ type: "object", properties: { o: { type: "object", default: { a: [1] } } } });
    const first: { o?: { a: number[] } } = {};
    applyDefaults(first, parseStructural(schema));
    first.o?.a.push(2);
    const second = {};
    applyDefaults(second, parseStructural(schema));
    expect(second).toEqual({ o: { a: [1] } });
  });
});
