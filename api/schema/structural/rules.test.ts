import { describe, expect, it } from "vitest";
import { createCelEnvironment } from "../../cel/environment.ts";
import type { DeepReadonly, Json } from "../../machinery/object.ts";
import { createConformer } from "../conform.ts";
import { builtinSchemas } from "../tables.ts";
import { checkSchema } from "./check.ts";
import { boat, said } from "./codec.testing.ts";
import { parseStructural, type SchemaProps } from "./parse.ts";
import type { CelEnvironmentFactory } from "./rule-program.ts";
import { createRuleChecker } from "./rules.ts";

type Value = DeepReadonly<Json>;
type Rules = NonNullable<SchemaProps["x-kubernetes-validations"]>;

const environmentOf: CelEnvironmentFactory = (variables) => createCelEnvironment({ variables });
const text: SchemaProps = { type: "string", maxLength: 10 };

function root(spec: SchemaProps): SchemaProps {
  return { type: "object", properties: { spec } };
}

function withRules(schema: SchemaProps, ...rules: (string | Rules[number])[]): SchemaProps {
  return { ...schema, "x-kubernetes-validations": rules.map((rule) => (typeof rule === "string" ? { rule } : rule)) };
}

function judge(spec: SchemaProps, value: Value, old?: Value): string[] {
  const check = createRuleChecker(parseStructural(root(spec)), environmentOf);
  return said(check(boat(value) as Value, old === undefined ? undefined : (boat(old) as Value)));
}

const object: SchemaProps = {
  type: "object",
  properties: { min: { type: "integer" }, max: { type: "integer" }, name: text, "a-b": text },
};

describe("validation rules", () => {
  it.each<[string, SchemaProps, Value, string[]]>([
    ["that hold", withRules(object, "self.min <= self.max"), { min: 1, max: 2 }, []],
    [
      "that do not",
      withRules(object, "self.min <= self.max"),
      { min: 3, max: 2 },
      ["spec: Invalid value: failed rule: self.min <= self.max"],
    ],
    [
      "about a scalar show it",
      withRules(text, { rule: "self == 'a'", message: "must be a" }),
      "b",
      ['spec: Invalid value: "b": must be a'],
    ],
    [
      "with a message of their own making",
      withRules(object, { rule: "self.min < 0", messageExpression: "'min is ' + string(self.min)" }),
      { min: 3 },
      ["spec: Invalid value: min is 3"],
    ],
    [
      "whose message fails",
      withRules(object, { rule: "self.min < 0", message: "no", messageExpression: "string(self.max)" }),
      { min: 3 },
      ["spec: Invalid value: no"],
    ],
    [
      "with a reason and a place",
      withRules(object, {
        rule: "has(self.name)",
        reason: "FieldValueRequired",
        fieldPath: ".name",
        message: "say it",
      }),
      {},
      ["spec.name: Required value: say it"],
    ],
    [
      "with a forbidden place of an odd name",
      withRules(object, { rule: "!has(self.a__dash__b)", reason: "FieldValueForbidden", fieldPath: "['a-b']" }),
      { "a-b": "x" },
      ["spec.a-b: Forbidden: failed rule: !has(self.a__dash__b)"],
    ],
    [
      "for each item",
      { type: "array", maxItems: 5, items: withRules(object, "self.min > 0") },
      [{ min: 1 }, { min: 0 }],
      ["spec[1]: Invalid value: failed rule: self.min > 0"],
    ],
    [
      "for each value of a map",
      { type: "object", additionalProperties: withRules({ type: "integer" }, "self > 0") },
      { a: 0, b: 1 },
      ["spec[a]: Invalid value: 0: failed rule: self > 0"],
    ],
    [
      "that cannot be evaluated",
      withRules(object, "self.min > 0"),
      {},
      [
        expect.stringMatching(
          /^spec: Invalid value: "object": no such key: min evaluating rule: self.min > 0$/,
        ) as unknown as string,
      ],
    ],
    [
      "not about null",
      { type: "object", properties: { a: withRules({ ...text, nullable: true }, "false") } },
      { a: null },
      [],
    ],
  ])("%s", (_what, schema, value, expected) => {
    expect(judge(schema, value)).toEqual(expected);
  });

  it("see names and types of the whole", () => {
    const schema = withRules({ type: "object" }, "self.metadata.name == 'b' && self.kind == 'Boat'");
    expect(said(createRuleChecker(parseStructural(schema), environmentOf)(boat({}) as Value, undefined))).toEqual([
      "<nil>: Invalid value: failed rule: self.metadata.name == 'b' && self.kind == 'Boat'",
    ]);
  });

  it("stop when the budget is used up", () => {
    const items = withRules(
      { type: "integer" },
      "[1,2,3,4,5].all(a, [1,2,3,4,5].all(b, [1,2,3,4,5].all(c, a+b+c > 0)))",
    );
    const findings = judge(
      { type: "array", items },
      Array.from({ length: 30_000 }, () => 1),
    );
    expect(findings).toEqual([
      expect.stringMatching(
        /^spec\[\d+\]: Invalid value: "integer": validation failed due to running out of cost budget, no further validation rules will be run$/,
      ),
    ]);
  });
});

describe("transition rules", () => {
  const immutable = withRules(text, { rule: "self == oldSelf", message: "is immutable" });
  const listMap = (items: SchemaProps): SchemaProps => ({
    type: "array",
    items,
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["name"],
  });

  it.each<[string, SchemaProps, Value, Value | undefined, string[]]>([
    ["hold on a create", immutable, "a", undefined, []],
    ["hold when nothing changes", immutable, "a", "a", []],
    ["see what was before", immutable, "b", "a", ['spec: Invalid value: "b": is immutable']],
    [
      "know items of list maps",
      listMap({ type: "object", properties: { name: text, value: immutable } }),
      [
        { name: "b", value: "1" },
        { name: "a", value: "2" },
      ],
      [{ name: "a", value: "1" }],
      ['spec[1].value: Invalid value: "2": is immutable'],
    ],
    [
      "can do with nothing before",
      withRules(text, { rule: "oldSelf.hasValue() || self == 'first'", optionalOldSelf: true }),
      "second",
      undefined,
      ["spec: Invalid value: \"second\": failed rule: oldSelf.hasValue() || self == 'first'"],
    ],
  ])("%s", (_what, schema, value, old, expected) => {
    expect(judge(schema, value, old)).toEqual(expected);
  });
});

describe("what did not change", () => {
  const strict = withRules(text, "self != 'bad'");

  it.each<[string, SchemaProps, Value, Value, string[]]>([
    [
      "is forgiven",
      { type: "object", properties: { a: strict, b: text } },
      { a: "bad", b: "2" },
      { a: "bad", b: "1" },
      [],
    ],
    ["is forgiven in lists that did not change", { type: "array", items: strict }, ["bad"], ["bad"], []],
    [
      "is not forgiven in lists that did",
      { type: "array", items: strict },
      ["bad", "new"],
      ["bad"],
      ["spec[0]: Invalid value: \"bad\": failed rule: self != 'bad'"],
    ],
    [
      "is not forgiven where it is new",
      { type: "object", properties: { a: strict } },
      { a: "bad" },
      {},
      ["spec.a: Invalid value: \"bad\": failed rule: self != 'bad'"],
    ],
  ])("%s", (_what, schema, value, old, expected) => {
    expect(judge(schema, value, old)).toEqual(expected);
  });
});

describe("rules of a definition", () => {
  const objectMeta = {
    conformer: createConformer(),
    type: builtinSchemas().get("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"),
  };
  const check = (spec: SchemaProps): string[] =>
    said(checkSchema(root(spec), "s", { objectMeta, environmentOf })).map((one) =>
      one.replaceAll("s.properties[spec]", "x"),
    );
  const rule = (index: number): string => `x.x-kubernetes-validations[${index}]`;

  it.each<[string, SchemaProps, (string | RegExp)[]]>([
    ["are good", withRules(object, "self.min <= self.max"), []],
    [
      "do not compile",
      withRules(object, "self.foo > 0"),
      [
        /^x\.x-kubernetes-validations\[0\]\.rule: Invalid value: \{"Rule":"self.foo \\u003e 0","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null\}: compilation failed: ERROR: <input>:1:5: undefined field 'foo'/,
      ],
    ],
    [
      "refuse the default",
      { ...withRules(text, { rule: "self != 'a'", message: "no a" }), default: "a" },
      [/^x\.default: Invalid value: "a": no a$/],
    ],
    [
      "say neither yes nor no",
      withRules(object, "self.min"),
      [/rule: Invalid value: .*: cel expression must evaluate to a bool$/],
    ],
    [
      "make a message that is no text",
      withRules(object, { rule: "true", messageExpression: "self.min" }),
      [/messageExpression: Invalid value: .*: messageExpression must evaluate to a string$/],
    ],
    [
      "are too expensive",
      withRules(
        { type: "array", items: { type: "array", items: { type: "string" } } },
        "self.all(x, x.all(y, self.all(z, z == x)))",
      ),
      [
        `${rule(0)}.rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`,
        `${rule(0)}.rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
        /^s: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x/,
      ],
    ],
    [
      "are cheap where sizes are bounded",
      { type: "array", maxItems: 10, items: withRules(text, "self.matches('^a+$')") },
      [],
    ],
    [
      "ask for an old self that cannot be found",
      { type: "array", maxItems: 10, items: withRules(text, "self == oldSelf") },
      [
        'x.items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within x',
      ],
    ],
    [
      "take an old self for optional, and do not ask for it",
      withRules(text, { rule: "self != ''", optionalOldSelf: true }),
      [`${rule(0)}.optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule`],
    ],
    [
      "are not looked at where the schema is wrong",
      { ...withRules(object, "self.foo"), uniqueItems: true },
      [/^x\.uniqueItems: Forbidden/],
    ],
  ])("%s", (_what, schema, expected) => {
    const found = check(schema);
    expect(found).toHaveLength(expected.length);
    for (const [index, one] of expected.entries())
      expect(found[index]).toEqual(typeof one === "string" ? one : expect.stringMatching(one));
  });
});
