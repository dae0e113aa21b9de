import { describe, expect, it } from "vitest";
import { CelBudgetError, CelError, CelProgramError, type CelField, type CelObjectType, type CelType } from "./cel.ts";
import { createCelEnvironment } from "./environment.ts";

function objectType(name: string, fields: Readonly<Record<string, CelField>>): CelObjectType {
  return { name, field: (field) => (Object.hasOwn(fields, field) ? fields[field] : undefined) };
}

const spec = objectType("Spec", {
  replicas: { type: { type: "int" }, jsonName: "replicas" },
  ratio: { type: { type: "double" }, jsonName: "ratio" },
  created: { type: { type: "timestamp" }, jsonName: "created" },
  timeout: { type: { type: "duration" }, jsonName: "timeout" },
  data: { type: { type: "bytes" }, jsonName: "data" },
  port: { type: { type: "dyn" }, jsonName: "port" },
  // Escaped names: `in` is a keyword, and `-` no part of a name.
  __in__: { type: { type: "string" }, jsonName: "in" },
  a__dash__b: { type: { type: "string" }, jsonName: "a-b" },
  __proto__escaped: { type: { type: "string" }, jsonName: "__proto__" },
  labels: { type: { type: "map", of: { type: "string" } }, jsonName: "labels" },
});
const variables: Readonly<Record<string, CelType>> = {
  self: { type: "object", of: spec },
  oldSelf: { type: "optional", of: { type: "object", of: spec } },
  object: { type: "dyn" },
};
const environment = createCelEnvironment({ variables });

function evaluate(text: string, inputs: Readonly<Record<string, object>>): unknown {
  return environment.compile(text).evaluate(inputs, { remaining: 1_000_000 });
}

describe("declared objects", () => {
  const self = {
    replicas: 3,
    ratio: 2,
    created: "2020-01-01T00:00:00Z",
    timeout: "90s",
    data: "aGk=",
    port: "http",
    in: "x",
    "a-b": "y",
    labels: { constructor: "z" },
  };

  it.each([
    ["self.replicas <= 3", true],
    ["self.ratio == 2.0", true],
    ["self.created.getFullYear() == 2020", true],
    ["self.timeout == duration('1m30s')", true],
    ["self.data == b'hi'", true],
    ["self.port == 'http' || self.port == 80", true],
    ["self.__in__ + self.a__dash__b", "xy"],
    ["has(self.__proto__escaped)", false],
    ["self.labels['constructor']", "z"],
    ["'toString' in self.labels", false],
    ["oldSelf.hasValue()", false],
    ["self == self", true],
    ["type(self.replicas) == int", true],
  ])("%s", (text, result) => {
    expect(evaluate(text, { self })).toBe(result);
  });

  it("reads integers beyond 2^53 exactly", () => {
    const large = JSON.parse('{"replicas":1}') as object;
    Object.assign(large, { replicas: 9_007_199_254_740_993n });
    expect(evaluate("self.replicas == 9007199254740993", { self: large })).toBe(true);
  });

  it("says which field is absent", () => {
    expect(() => evaluate("self.replicas > 1", { self: {} })).toThrow(new CelError("no such key: replicas"));
    expect(evaluate("!has(self.replicas) || self.replicas > 1", { self: {} })).toBe(true);
  });

  it("refuses unknown fields when it compiles", () => {
    expect(() => environment.compile("self.replicaz > 1")).toThrow(
      "ERROR: <input>:1:5: undefined field 'replicaz'\n | self.replicaz > 1\n | ....^",
    );
  });

  it("says which text is no time", () => {
    expect(() => evaluate("self.created.getFullYear() > 1", { self: { created: "soon" } })).toThrow(
      'Invalid date-time or date string "soon"',
    );
  });

  it("takes an old object that is there", () => {
    expect(evaluate("self.replicas >= oldSelf.replicas.orValue(0)", { self, oldSelf: { replicas: 5 } })).toBe(false);
  });

  it("fails for a variable without a value", () => {
    expect(() => evaluate("self.replicas > 1", {})).toThrow("no such attribute(s): self");
  });
});

describe("programs", () => {
  it("names the variables that it reads", () => {
    expect([...environment.compile("has(self.port) && [1].all(object, object > 0)").variables]).toEqual(["self"]);
  });

  it("answers one type of those that are allowed", () => {
    const bool: CelType = { type: "bool" };
    expect(environment.compile("1 == 1", { returns: [bool] }).returns).toEqual(bool);
    expect(() => environment.compile("1", { returns: [bool] })).toThrow("must evaluate to bool");
    expect(() => environment.compile("1", { returns: [bool, { type: "string" }] })).toThrow(
      "must evaluate to one of [bool string]",
    );
  });

  it("tells constants that cannot be converted apart", () => {
    expect(() => environment.compile("int(1e30)")).toThrow(CelProgramError);
    expect(() => environment.compile("'a'.find('(')")).toThrow(
      new CelProgramError("error parsing regexp: missing closing ): `(`"),
    );
  });

  it("feeds its answer to another program", () => {
    const listed = environment.compile("self.labels.map(k, k)");
    const value = listed.evaluate({ self: { labels: { a: "1" } } }, { remaining: 1_000 }) as object;
    const using = createCelEnvironment({ variables: { names: listed.returns } }).compile("names[0] + '!'");
    expect(using.evaluate({ names: value }, { remaining: 1_000 })).toBe("a!");
  });
});

describe("budgets", () => {
  const sum = environment.compile("lists.range(100).all(x, x >= 0)");

  it("takes what was spent, also as a bigint", () => {
    const budget = { remaining: 1_000n };
    sum.evaluate({}, budget);
    expect(budget.remaining).toBe(1_000n - 612n);
  });

  it("ends an evaluation that the rest of the budget does not pay", () => {
    const budget = { remaining: 100 };
    expect(() => sum.evaluate({}, budget)).toThrow(CelBudgetError);
    expect(budget.remaining).toBeLessThan(0);
  });

  it.each([
    ["nested loops", "lists.range(10000).all(x, lists.range(10000).all(y, y >= 0))"],
    ["long ranges", "lists.range(100000000).size() > 0"],
    ["lists that double", `[[1]]${".map(a, a + a)".repeat(60)}[0].sum() > 0`],
    ["lists that share their parts", `[[1]]${".map(a, [a, a])".repeat(60)}.all(a, a == a)`],
    ["texts that double", `['aaaa']${".map(a, a + a)".repeat(60)}[0].size() > 0`],
    [
      "replacements",
      "[1].map(x, lists.range(100).map(y, 'a').join()).map(a, a.replace('a', a)).map(a, a.replace('a', a)).map(a, a.replace('a', a)).size() > 0",
    ],
  ])("bounds %s", (_, text) => {
    const evaluation = (): unknown => environment.compile(text).evaluate({}, { remaining: 10_000_000 });
    expect(evaluation).toThrow(new CelBudgetError("expression"));
  });
});

describe("bounds of expressions", () => {
  it.each([
    ["nesting", `${"(".repeat(10_000)}1${")".repeat(10_000)}`, "expression recursion limit exceeded: 250"],
    ["chains", `1${"+1".repeat(40_000)}`, "max recursion depth exceeded"],
    ["selectors", `object${".a".repeat(40_000)}`, "max recursion depth exceeded"],
    ["length", "x".repeat(100_001), "expression code point size exceeds limit: size: 100001, limit 100000"],
    ["quotes", "'".repeat(99_999), "Syntax error"],
  ])("%s", (_, text, message) => {
    expect(() => environment.compile(text)).toThrow(message);
  });

  it("takes what upstream takes", () => {
    expect(evaluate(`${"(".repeat(248)}1${")".repeat(248)}`, {})).toBe(1n);
    expect(evaluate(`1${"+1".repeat(248)}`, {})).toBe(249n);
    expect(evaluate(`true${" && true".repeat(5_000)}`, {})).toBe(true);
  });
});
