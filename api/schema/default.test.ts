import { describe, expect, test } from "vitest";
import type { JsonObject } from "../machinery/object.ts";
import { createDefaulter, type DefaultRules } from "./default.ts";
import type { Field, Schemas, StructType, ValueType } from "./schema.ts";

function struct(name: string, fields: Record<string, ValueType>): StructType {
  const made = Object.entries(fields).map(([field, value]): [string, Field] => [
    field,
    { name: field, value, required: false, pointer: false, omitEmpty: true, omitZero: false },
  ]);
  return { name, fields: new Map(made), atomic: false };
}

const text: ValueType = { type: "string" };
const leaf = struct("Leaf", { a: text, b: text });
const leaves: ValueType = { type: "list", of: { type: "struct", of: leaf } };
const root = struct("Root", {
  first: text,
  leaf: { type: "struct", of: leaf },
  leaves,
  nested: { type: "list", of: leaves },
  mapped: { type: "map", of: { type: "struct", of: leaf } },
  labels: { type: "map", of: text },
  last: text,
});
const schemas: Schemas = { get: (name) => (name === "Root" ? root : leaf), has: () => true };

function fill(object: JsonObject, rules: DefaultRules): string {
  createDefaulter(schemas, rules, () => 7)("Root")(object);
  return JSON.stringify(object);
}

const leafRule: DefaultRules = { Leaf: (value, set) => set.ifUnset(value, "a", "x") };

describe("a rule applies", () => {
  test("wherever its type occurs, but not inside maps", () => {
    expect(fill({ leaf: {}, leaves: [{}, { b: "1" }], nested: [[{}]], mapped: { k: {} } }, leafRule)).toBe(
      '{"leaf":{"a":"x"},"leaves":[{"a":"x"},{"a":"x","b":"1"}],"nested":[[{"a":"x"}]],"mapped":{"k":{}}}',
    );
  });

  test("before those of the types inside, which see what it made", () => {
    const rules: DefaultRules = { ...leafRule, Root: (value, set) => void set.within(value, "leaf") };
    expect(fill({}, rules)).toBe('{"leaf":{"a":"x"}}');
  });

  test("to null as to what is absent, and to zero only when it says so", () => {
    const rules: DefaultRules = {
      Leaf(value, set) {
        set.ifUnset(value, "a", "x");
        set.ifZero(value, "b", "y");
      },
    };
    expect(
      fill(
        {
          leaves: [
            { a: null, b: "" },
            { a: "", b: "z" },
          ],
        },
        rules,
      ),
    ).toBe('{"leaves":[{"a":"x","b":"y"},{"a":"","b":"z"}]}');
  });

  test("with the injected time", () => {
    expect(fill({}, { Root: (value, set) => set.put(value, "first", String(set.now())) })).toBe('{"first":"7"}');
  });
});

describe("what rules add", () => {
  test("stands in the order of fields, also at the top", () => {
    expect(
      fill({ last: "z", leaf: { b: "1" } }, { ...leafRule, Root: (value, set) => set.ifUnset(value, "first", "0") }),
    ).toBe('{"first":"0","leaf":{"a":"x","b":"1"},"last":"z"}');
  });

  test("to a map stands sorted, and any key is a key", () => {
    const rules: DefaultRules = {
      Root(value, set) {
        const labels = set.within(value, "labels");
        for (const key of ["constructor", "__proto__", "a"]) set.ifUnset(labels, key, "1");
      },
    };
    expect(fill({ labels: { b: "0" } }, rules)).toBe('{"labels":{"__proto__":"1","a":"1","b":"0","constructor":"1"}}');
  });
});

test("a type that contains itself ends", () => {
  const own = new Map<string, Field>();
  const ring: StructType = { name: "Ring", fields: own, atomic: false };
  own.set("next", {
    name: "next",
    value: { type: "struct", of: ring },
    required: false,
    pointer: true,
    omitEmpty: true,
    omitZero: false,
  });
  own.set("a", { name: "a", value: text, required: false, pointer: false, omitEmpty: true, omitZero: false });
  const rings: Schemas = { get: () => ring, has: () => true };
  const object: JsonObject = { next: { next: {} } };
  createDefaulter(rings, { Ring: (value, set) => set.ifUnset(value, "a", "x") }, () => 0)("Ring")(object);
  expect(object).toEqual({ a: "x", next: { a: "x", next: { a: "x" } } });
});
