import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deepClone, deepFreeze } from "../clone.ts";
import type { Json, JsonObject } from "../object.ts";
import { applyMergePatch } from "./merge-patch.ts";

describe("a merge patch", () => {
  // The examples of RFC 7386, appendix A, whose patch is an object.
  it.each<[original: Json, patch: Json, result: Json]>([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [["a", "b"], { a: "b" }, { a: "b" }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    [{ a: 1 }, { a: 9007199254740993n }, { a: 9007199254740993n }],
  ])("follows RFC 7386", (original, patch, result) => {
    expect(applyMergePatch(deepFreeze(original), deepFreeze(patch))).toEqual(result);
  });

  it("must be an object", () => {
    expect(() => applyMergePatch({}, [1])).toThrow(
      "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
    );
    expect(() => applyMergePatch({}, "x")).toThrow(/string/);
  });

  it("takes odd keys as data", () => {
    const patch = JSON.parse('{"__proto__":{"x":1},"constructor":null}') as Json;
    const result = applyMergePatch({ a: 1 }, patch);
    expect(JSON.stringify(result)).toBe('{"a":1,"__proto__":{"x":1}}');
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
  });

  it("shares with the original what it leaves alone", () => {
    const original: JsonObject = { spec: { a: [1] }, status: { phase: "Pending", conditions: [] } };
    const result = applyMergePatch(original, { status: { phase: "Running" } });
    expect(result["spec"]).toBe(original["spec"]);
    expect(result["status"]).toEqual({ phase: "Running", conditions: [] });
  });

  it("is idempotent, changes nothing that it was given, and agrees with a model", () => {
    const key = fc.constantFrom("a", "b", "__proto__", "d");
    const { node } = fc.letrec<{ node: Json; object: JsonObject }>((tie) => ({
      node: fc.oneof({ maxDepth: 4 }, fc.integer(), fc.constant(null), fc.array(fc.integer()), tie("object")),
      object: fc.dictionary(key, tie("node"), { noNullPrototype: true }),
    }));
    const object = fc.dictionary(key, node, { noNullPrototype: true });
    fc.assert(
      fc.property(object, object, (original, patch) => {
        const before = deepClone<Json>(original);
        const result = applyMergePatch(original, patch);
        expect(JSON.stringify(result)).toBe(JSON.stringify(model(original, patch)));
        expect(JSON.stringify(applyMergePatch(result, patch))).toBe(JSON.stringify(result));
        expect(original).toEqual(before);
      }),
    );
  });
});

/** RFC 7386, section 2, on lists of pairs. */
function model(target: Json, patch: Json): Json {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const start = typeof target === "object" && target !== null && !Array.isArray(target) ? Object.entries(target) : [];
  const members = new Map<string, Json>(start.map(([key, value]) => [key, value ?? null]));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || value === undefined) members.delete(key);
    else members.set(key, model(members.get(key) ?? null, value));
  }
  return Object.fromEntries(members);
}
