import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseLabelSelector } from "./label-query.ts";
import { type LabelSelector, selectorOf } from "./label-selector.ts";
import {
  createSelector,
  everything,
  exactMatches,
  formatSelector,
  type LabelRequirement,
  matches,
  nothing,
  selectorOfMap,
} from "./labels.ts";
import { ApiError } from "./status.ts";

function refusal(text: string): string {
  try {
    parseLabelSelector(text);
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.reason === "BadRequest") return thrown.message;
    throw thrown;
  }
  return "";
}

describe("parsing", () => {
  it.each([
    ["", ""],
    [" \t", ""],
    ["x=a", "x=a"],
    ["x==a", "x==a"],
    ["x != a", "x!=a"],
    ["x=", "x="],
    ["x=,z= ", "x=,z="],
    ["x", "x"],
    ["!x", "!x"],
    ["x in (c,a,,b, a)", "x in (,a,b,c)"],
    ["x notin ()", "x notin ()"],
    ["x in (,)", "x in ()"],
    ["x in (in,notin)", "x in (in,notin)"],
    ["in in (a)", "in in (a)"],
    ["x>1,y<2", "x>1,y<2"],
    ["b=1,a=2,example.com/c=3", "a=2,b=1,example.com/c=3"],
    ["x=a,y,!z", "x=a,y,!z"],
  ])("reads %j as %j", (text, canonical) => {
    const selector = parseLabelSelector(text);
    expect(formatSelector(selector)).toBe(canonical);
    expect(formatSelector(parseLabelSelector(canonical))).toBe(canonical);
  });

  it.each([
    ["x=a||y=b", /^unable to parse requirement: values\[0\]\[x\]: Invalid value: "a\|\|y": a valid label must be/],
    ["x=a=b", "found '=', expected: ',' or 'end of string'"],
    ["x==", ""],
    ["x==a==b", "found '==', expected: ',' or 'end of string'"],
    ["!x=a", ""],
    [
      "x<",
      "unable to parse requirement: values[0]: Invalid value: \"\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
    [
      "x>a",
      "unable to parse requirement: values[0]: Invalid value: \"a\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
    [",x", "found ',', expected: !, identifier, or 'end of string'"],
    ["x,", "found '', expected: identifier after ','"],
    ["x y", "unable to parse requirement: found 'y', expected: in, notin, =, ==, !=, gt, lt"],
    ["x in a", "unable to parse requirement: found 'a' expected: '('"],
    ["x in (a", "unable to parse requirement: found '', expected: ',' or ')'"],
    ["x in (a b)", "unable to parse requirement: found 'b', expected: ',' or ')'"],
    ["x in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier"],
    ["x=(", "unable to parse requirement: found '(', expected: identifier"],
    ["!", "unable to parse requirement: found '', expected: identifier"],
    ["a/b/c=d", /^unable to parse requirement: <nil>: Invalid value: "a\/b\/c": a valid label key must consist of/],
    ["x in (a,%)", /^unable to parse requirement: values\[0\]\[x\]: Invalid value: "%"/],
  ])("answers %j with upstream's words", (text, message) => {
    if (message === "") expect(refusal(text)).toBe("");
    else if (typeof message === "string") expect(refusal(text)).toBe(message);
    else expect(refusal(text)).toMatch(message);
  });

  it("is bounded", () => expect(refusal("a,".repeat(100_000))).toMatch(/too long/));
});

describe("matching", () => {
  it.each<[string, Record<string, string>, boolean]>([
    ["", {}, true],
    ["x=a", { x: "a" }, true],
    ["x=a", { x: "b" }, false],
    ["x=", {}, false],
    ["x=", { x: "" }, true],
    ["x!=a", {}, true],
    ["x!=a", { x: "a" }, false],
    ["x in (a,b)", { x: "b" }, true],
    ["x in (a,b)", {}, false],
    ["x notin (a,b)", {}, true],
    ["x notin (a,b)", { x: "a" }, false],
    ["x", { x: "" }, true],
    ["x", { y: "" }, false],
    ["!x", { y: "" }, true],
    ["!x", { x: "" }, false],
    ["x>1", { x: "2" }, true],
    ["x>1", { x: "1" }, false],
    ["x<9223372036854775807", { x: "9223372036854775806" }, true],
    ["x>1", { x: "9223372036854775808" }, false],
    ["x>1", { x: "two" }, false],
    ["x=a,y=b", { x: "a", y: "b", z: "c" }, true],
    ["x=a,y=b", { x: "a" }, false],
    ["constructor", {}, false],
  ])("%j on %j: %j", (text, labels, expected) => expect(matches(parseLabelSelector(text), labels)).toBe(expected));

  it("takes absent labels for none", () => {
    expect(matches(parseLabelSelector("!x"), undefined)).toBe(true);
    expect(matches(everything, null)).toBe(true);
    expect(matches(nothing, {})).toBe(false);
  });

  it("agrees with a model on what the selector's text says", () => {
    const key = fc.constantFrom("a", "b", "c");
    const value = fc.constantFrom("", "1", "2", "x");
    const requirement: fc.Arbitrary<LabelRequirement> = fc.oneof(
      fc
        .tuple(key, fc.constantFrom("=" as const, "==" as const, "!=" as const), value)
        .map(([k, operator, v]) => ({ key: k, operator, values: [v] })),
      fc
        .tuple(key, fc.constantFrom("in" as const, "notin" as const), fc.uniqueArray(value, { minLength: 1 }))
        .map(([k, operator, values]) => ({ key: k, operator, values })),
      fc
        .tuple(key, fc.constantFrom("exists" as const, "!" as const))
        .map(([k, operator]) => ({ key: k, operator, values: [] })),
    );
    const model = ({ key: k, operator, values }: LabelRequirement, labels: Record<string, string>): boolean => {
      const has = Object.keys(labels).includes(k);
      if (operator === "exists" || operator === "!") return has === (operator === "exists");
      const isOne = has && values.some((one) => one === labels[k]);
      return operator === "!=" || operator === "notin" ? !isOne : isOne;
    };
    fc.assert(
      fc.property(
        fc.array(requirement),
        fc.dictionary(key, value, { noNullPrototype: true }),
        (requirements, labels) => {
          const parsed = parseLabelSelector(formatSelector(createSelector(requirements)));
          expect(matches(parsed, labels)).toBe(requirements.every((one) => model(one, labels)));
        },
      ),
    );
  });
});

describe("label selector objects", () => {
  it.each<[LabelSelector | undefined, string]>([
    [{}, ""],
    [{ matchLabels: { b: "1", a: "2" } }, "a=2,b=1"],
    [
      { matchLabels: { b: "1" }, matchExpressions: [{ key: "a", operator: "In", values: ["y", "x"] }] },
      "a in (x,y),b=1",
    ],
    [
      {
        matchExpressions: [
          { key: "a", operator: "NotIn", values: ["x"] },
          { key: "b", operator: "Exists" },
          { key: "c", operator: "DoesNotExist" },
        ],
      },
      "a notin (x),b,!c",
    ],
  ])("%j", (object, text) => expect(formatSelector(selectorOf(object))).toBe(text));

  it("select nothing when absent and everything when empty", () => {
    expect(matches(selectorOf(undefined), { a: "b" })).toBe(false);
    expect(matches(selectorOf({}), { a: "b" })).toBe(true);
  });

  it.each<[LabelSelector, string]>([
    [{ matchExpressions: [{ key: "a", operator: "Near" }] }, '"Near" is not a valid label selector operator'],
    [
      { matchExpressions: [{ key: "a", operator: "In", values: [] }] },
      "for 'in', 'notin' operators, values set can't be empty",
    ],
    [
      { matchExpressions: [{ key: "a", operator: "Exists", values: ["x"] }] },
      "values set must be empty for exists and does not exist",
    ],
    [{ matchLabels: { "a b": "c" } }, 'key: Invalid value: "a b"'],
  ])("refuse %j", (object, message) => expect(() => selectorOf(object)).toThrow(message));
});

it("exact matches are told apart for indexes", () => {
  expect([...exactMatches(parseLabelSelector("a=1,b in (2),c in (3,4),d!=5,e"))]).toEqual([
    ["a", "1"],
    ["b", "2"],
  ]);
  expect(matches(selectorOfMap({ a: "1" }), { a: "1", b: "2" })).toBe(true);
});
