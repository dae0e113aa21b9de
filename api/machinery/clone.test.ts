import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asParsed, deepClone, deepFreeze } from "./clone.ts";
import { deepEqual } from "./equal.ts";
import { getOwn, setOwn } from "./members.ts";

const json: fc.Arbitrary<unknown> = fc.jsonValue();
const odd: unknown = JSON.parse('{"__proto__":{"x":[1]},"constructor":{"y":2}}');

describe("deepClone", () => {
  it("copies every part", () => {
    fc.assert(
      fc.property(json, (value) => {
        const frozen = deepFreeze(structuredClone(value));
        const copy = deepClone(frozen);
        expect(copy).toEqual(value);
        expect(JSON.stringify(copy)).toBe(JSON.stringify(value));
        if (typeof copy === "object" && copy !== null) expect(Object.isFrozen(copy)).toBe(false);
      }),
    );
  });

  it("shares nothing with the original", () => {
    const original = { a: [{ b: 1 }] };
    const copy = deepClone(original);
    copy.a[0]!.b = 2;
    expect(original).toEqual({ a: [{ b: 1 }] });
  });

  it("takes odd keys as data", () => {
    const copy = deepClone(odd);
    expect(JSON.stringify(copy)).toBe(JSON.stringify(odd));
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });
});

describe("deepEqual", () => {
  it("is equality of JSON", () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(deepEqual(a, structuredClone(a))).toBe(true);
        expect(deepEqual(a, b)).toBe(deepEqual(b, a));
        if (JSON.stringify(a) === JSON.stringify(b)) expect(deepEqual(a, b)).toBe(true);
      }),
    );
  });

  it.each([
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: 1, b: undefined }, { a: 1 }, true],
    [{ a: undefined, b: 1 }, { b: 1, c: undefined }, true],
    [{ a: 1 }, { a: 1, b: 1 }, false],
    [{ a: null }, {}, false],
    [[], {}, false],
    [[1], [1, 2], false],
    [null, {}, false],
    [{ toString: 1 }, {}, false],
    [{ a: 1 }, { b: 1 }, false],
  ])("of %j and %j", (a, b, equal) => expect(deepEqual(a, b)).toBe(equal));

  it("tells a bigint from a number", () => {
    expect(deepEqual(5n, 5n)).toBe(true);
    expect(deepEqual(5n, 5)).toBe(false);
  });

  it("sees odd keys", () => {
    expect(deepEqual(odd, deepClone(odd))).toBe(true);
    expect(deepEqual(odd, {})).toBe(false);
    expect(deepEqual({}, JSON.parse('{"__proto__":{}}'))).toBe(false);
  });
});

describe("asParsed", () => {
  const withHoles = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constant(undefined),
      fc.integer(),
      fc.string(),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom("a", "b", "__proto__", "1"), tie("value"), { noNullPrototype: true }),
    ),
  })).value;

  it("is what a JSON text would say, in its order, and changes nothing", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), withHoles, { noNullPrototype: true }), (object) => {
        const frozen = deepFreeze(object);
        const text = JSON.stringify(frozen);
        expect(JSON.stringify(asParsed(frozen))).toBe(text);
        expect(asParsed(frozen)).toStrictEqual(JSON.parse(text));
      }),
    );
  });

  it("is the value itself as far as nothing is undefined", () => {
    const value = { a: { b: [1, { c: null }] }, d: { e: undefined as unknown } };
    const parsed = asParsed(value);
    expect(parsed).toStrictEqual({ a: { b: [1, { c: null }] }, d: {} });
    expect(parsed.a).toBe(value.a);
    expect(asParsed(value.a)).toBe(value.a);
  });
});

describe("deepFreeze", () => {
  it("freezes every part and answers the same object", () => {
    const object = { a: [{ b: {} }] };
    expect(deepFreeze(object)).toBe(object);
    expect(Object.isFrozen(object.a[0]?.b)).toBe(true);
  });
});

describe("setOwn and getOwn", () => {
  it("treat every key as data", () => {
    const object: Record<string, unknown> = {};
    setOwn(object, "__proto__", 1);
    setOwn(object, "a", 2);
    expect(getOwn(object, "__proto__")).toBe(1);
    expect(getOwn(object, "a")).toBe(2);
    expect(getOwn(object, "constructor")).toBeUndefined();
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
  });
});
