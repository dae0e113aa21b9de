import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileRules } from "./compiled-rules.ts";
import { TooManyCombinations, uncovered } from "./coverage.ts";
import { describeRules } from "./describe-rules.ts";
import { questionOf } from "./question.ts";
import type { Rule } from "./rule.ts";
import { asks } from "./rules.testing.ts";

const pods = (...verbs: readonly string[]): Rule => ({ verbs, apiGroups: [""], resources: ["pods"] });
const named = (rule: Rule, ...resourceNames: readonly string[]): Rule => ({ ...rule, resourceNames });
const of = (rule: Rule, ...resources: readonly string[]): Rule => ({ ...rule, resources });
const paths = (...nonResourceURLs: readonly string[]): Rule => ({ verbs: ["get"], nonResourceURLs });

describe("what is held of wanted rules", () => {
  it.each<[string, readonly Rule[], readonly Rule[], readonly Rule[]]>([
    ["the same", [pods("get", "list")], [pods("list"), pods("get")], []],
    ["more verbs", [pods("get")], [pods("get", "list")], [pods("list")]],
    [
      "stars hold all",
      [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }],
      [pods("get"), of(pods("*"), "*/log")],
      [],
    ],
    ["only a star holds a star", [pods("get", "list", "create", "delete")], [pods("*")], [pods("*")]],
    ["a resource holds no subresource", [pods("get")], [of(pods("get"), "pods/log")], [of(pods("get"), "pods/log")]],
    ["a subresource of any parent", [of(pods("get"), "*/log")], [of(pods("get"), "pods/log", "a/log")], []],
    ["all names hold some", [pods("get")], [named(pods("get"), "a", "b")], []],
    ["some names hold no others", [named(pods("get"), "a")], [named(pods("get"), "a", "b")], [named(pods("get"), "b")]],
    ["some names do not hold all", [named(pods("get"), "a")], [pods("get")], [pods("get")]],
    ["paths", [paths("/a/*", "/b")], [paths("/a/x", "/a/*", "/b", "/b/c")], [paths("/b/c")]],
    ["resources hold no paths", [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }], [paths("/a")], [paths("/a")]],
    ["nothing is always held", [], [{ verbs: ["get"], apiGroups: [], resources: ["pods"] }], []],
  ])("%s", (_what, held, wanted, missing) => {
    expect(uncovered(held, wanted)).toEqual(missing);
  });

  it("is not looked for among more combinations than any role has", () => {
    const many = Array.from({ length: 60 }, (_, at) => `x${at}`);
    expect(() => uncovered([], [{ verbs: many, apiGroups: many, resources: many }])).toThrow(TooManyCombinations);
  });

  it("is enough to be allowed all that they allow", () => {
    const some = (...values: readonly string[]): fc.Arbitrary<string[]> =>
      fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 3 });
    const rule: fc.Arbitrary<Rule> = fc.oneof(
      fc.record({
        verbs: some("get", "list", "*"),
        apiGroups: some("", "apps", "*"),
        resources: some("pods", "pods/log", "*/log", "*"),
        resourceNames: fc.array(fc.constantFrom("a", "b"), { maxLength: 2 }),
      }),
      fc.record({ verbs: some("get", "*"), nonResourceURLs: some("/a", "/a/*", "/a*", "*") }),
    );
    const rules = fc.array(rule, { maxLength: 4 });
    const user = { name: "jane", groups: [] };
    const questions = ["get", "list", "watch"]
      .flatMap((verb) =>
        ["pods", "pods/log", "nodes/log", "deployments.apps", "/a", "/a/b", "/c"].map((what) => `${verb} ${what}`),
      )
      .flatMap((question) => [question, `${question} named a`])
      .map((question) => questionOf(asks(user, question)));
    fc.assert(
      fc.property(rules, rules, (held, wanted) => {
        const mine = compileRules([...held, ...uncovered(held, wanted)]);
        const theirs = compileRules(wanted);
        for (const question of questions) if (theirs.allow(question)) expect(mine.allow(question)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

it("tells rules that differ in their verbs alone as one, and paths one by one", () => {
  const missing = [
    pods("list"),
    paths("/b"),
    pods("get"),
    named(pods("get"), "a"),
    named(pods("list"), "b"),
    paths("/a"),
  ];
  expect(describeRules(missing)).toEqual([
    '{APIGroups:[""], Resources:["pods"], ResourceNames:["a"], Verbs:["get"]}',
    '{APIGroups:[""], Resources:["pods"], ResourceNames:["b"], Verbs:["list"]}',
    '{APIGroups:[""], Resources:["pods"], Verbs:["list" "get"]}',
    '{NonResourceURLs:["/a"], Verbs:["get"]}',
    '{NonResourceURLs:["/b"], Verbs:["get"]}',
  ]);
});
