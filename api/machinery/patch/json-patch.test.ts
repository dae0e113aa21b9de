import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deepFreeze } from "../clone.ts";
import type { Json } from "../object.ts";
import { ApiError } from "../status.ts";
import { applyJsonPatch } from "./json-patch.ts";

const patched = (original: Json, patch: Json): Json => applyJsonPatch(deepFreeze(original), deepFreeze(patch));

function refusal(original: Json, patch: Json): ApiError {
  try {
    patched(original, patch);
  } catch (thrown) {
    if (thrown instanceof ApiError) return thrown;
    throw thrown;
  }
  throw new Error("the patch was taken");
}

describe("a JSON patch", () => {
  it.each<[what: string, original: Json, patch: Json, result: Json]>([
    ["adds a member", { a: 1 }, [{ op: "add", path: "/b", value: 2 }], { a: 1, b: 2 }],
    ["adds null", {}, [{ op: "add", path: "/a", value: null }], { a: null }],
    ["adds over a member", { a: 1 }, [{ op: "add", path: "/a", value: [2] }], { a: [2] }],
    ["inserts into a list", { a: [1, 3] }, [{ op: "add", path: "/a/1", value: 2 }], { a: [1, 2, 3] }],
    [
      "appends to a list",
      { a: [1] },
      [
        { op: "add", path: "/a/-", value: 2 },
        { op: "add", path: "/a/2", value: 3 },
      ],
      { a: [1, 2, 3] },
    ],
    ["counts from the end", { a: [1, 2, 3] }, [{ op: "remove", path: "/a/-1" }], { a: [1, 2] }],
    [
      "removes",
      { a: { b: 1, c: 2 }, d: [1, 2] },
      [
        { op: "remove", path: "/a/b" },
        { op: "remove", path: "/d/0" },
      ],
      { a: { c: 2 }, d: [2] },
    ],
    ["replaces", { a: [1, 2] }, [{ op: "replace", path: "/a/1", value: { b: 1 } }], { a: [1, { b: 1 }] }],
    ["replaces the whole", { a: 1 }, [{ op: "replace", path: "", value: { b: 2 } }], { b: 2 }],
    ["moves", { a: { b: 1 }, c: [] }, [{ op: "move", from: "/a/b", path: "/c/0" }], { a: {}, c: [1] }],
    [
      "copies",
      { a: { b: [1] } },
      [
        { op: "copy", from: "/a", path: "/c" },
        { op: "add", path: "/c/b/-", value: 2 },
      ],
      { a: { b: [1] }, c: { b: [1, 2] } },
    ],
    [
      "tests",
      { a: { b: [1, { c: 2 }] } },
      [{ op: "test", path: "/a", value: { b: [1, { c: 2 }] } }],
      { a: { b: [1, { c: 2 }] } },
    ],
    ["tests for absence by null", { a: 1 }, [{ op: "test", path: "/b", value: null }], { a: 1 }],
    [
      "unescapes",
      { "a/b": 1, "m~n": 2 },
      [
        { op: "remove", path: "/a~1b" },
        { op: "replace", path: "/m~0n", value: 3 },
      ],
      { "m~n": 3 },
    ],
    ["may be empty", { a: 1 }, [], { a: 1 }],
  ])("%s", (_what, original, patch, result) => expect(patched(original, patch)).toEqual(result));

  it.each<[what: string, patch: Json]>([
    ["a test that fails", [{ op: "test", path: "/a", value: 2 }]],
    ["a test of an absent member", [{ op: "test", path: "/x", value: 2 }]],
    ["an absent parent", [{ op: "add", path: "/x/y", value: 1 }]],
    ["removal of nothing", [{ op: "remove", path: "/x" }]],
    ["replacement of nothing", [{ op: "replace", path: "/x", value: 1 }]],
    ["a place beyond the list", [{ op: "add", path: "/list/3", value: 1 }]],
    ["a word as a place", [{ op: "add", path: "/list/x", value: 1 }]],
    ["a path into a string", [{ op: "add", path: "/a/b", value: 1 }]],
    ["an unknown operation", [{ op: "increment", path: "/a" }]],
    ["no path", [{ op: "add", value: 1 }]],
    ["no value", [{ op: "add", path: "/b" }]],
    ["a path without a slash", [{ op: "add", path: "b", value: 1 }]],
    ["a member of the prototype", [{ op: "copy", from: "/constructor", path: "/b" }]],
    ["moving into itself", [{ op: "move", from: "/list", path: "/list/0" }]],
    ["an object that becomes none", [{ op: "replace", path: "", value: [1] }]],
  ])("is refused as a whole for %s", (_what, patch) => {
    const error = refusal({ a: 1, list: [1, 2] }, patch);
    expect(error.toStatus()).toMatchObject({
      code: 422,
      reason: "Invalid",
      message: "the server rejected our request due to an error in our request",
    });
  });

  it("must be a list of objects", () => {
    expect(refusal({}, { op: "add" })).toMatchObject({
      code: 400,
      message: "json: cannot unmarshal object into Go value of type jsonpatch.Patch",
    });
    expect(refusal({}, [1])).toMatchObject({ code: 400 });
  });

  it("is bounded", () => {
    const remove = Array.from({ length: 10_001 }, () => ({ op: "test", path: "/a", value: 1 }));
    expect(refusal({ a: 1 }, remove)).toMatchObject({
      code: 413,
      message: "The allowed maximum operations in a JSON patch is 10000, got 10001",
    });
    const double = Array.from({ length: 40 }, (_, index) => ({ op: "copy", from: "/a", path: `/a/${index}` }));
    expect(refusal({ a: { text: "x".repeat(100) } }, double)).toMatchObject({ code: 422 });
    const deepen = Array.from({ length: 1200 }, () => ({ op: "move", from: "/a", path: "/b/a" })).flatMap((move) => [
      { op: "add", path: "/b", value: {} },
      move,
      { op: "move", from: "/b", path: "/a" },
    ]);
    expect(refusal({ a: {} }, deepen)).toMatchObject({ code: 422 });
  });

  it("takes odd keys as data", () => {
    const result = patched({ a: {} }, [{ op: "add", path: "/a/__proto__", value: { x: 1 } }]);
    expect(JSON.stringify(result)).toBe('{"a":{"__proto__":{"x":1}}}');
    expect(patched(result, [{ op: "remove", path: "/a/__proto__" }])).toEqual({ a: {} });
  });

  it("shares nothing with what it was given", () => {
    const value = { x: { y: 1 } };
    const result = patched({ a: value }, [
      { op: "add", path: "/b", value },
      { op: "copy", from: "/a", path: "/c" },
    ]);
    expect(Object.values(result as object).every((part) => part !== value && !Object.isFrozen(part))).toBe(true);
  });

  it("undoes what its inverse did", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }),
        fc.string(),
        fc.jsonValue(),
        (object, key, value) => {
          const original = object as Json;
          const path = `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
          fc.pre(!Object.hasOwn(object, key));
          const added = patched(original, [
            { op: "add", path, value: value as Json },
            { op: "test", path, value: value as Json },
          ]);
          expect(patched(added, [{ op: "remove", path }])).toEqual(original);
        },
      ),
    );
  });
});
