import { describe, expect, it } from "vitest";
import { allowed, type Attributes, type Authorizer, type Decision, noOpinion } from "./authorizer.ts";
import { union } from "./union.ts";

const attributes: Attributes = { user: { name: "jane", groups: [] }, verb: "get", path: "/" };
const denied: Decision = { opinion: "deny", reason: "not today" };
const says =
  (decision: Decision): Authorizer =>
  () =>
    decision;
const saysLater =
  (decision: Decision): Authorizer =>
  () =>
    Promise.resolve(decision);

describe("several authorizers", () => {
  it.each([
    { of: [], expected: noOpinion },
    { of: [says(noOpinion), says(allowed), says(denied)], expected: allowed },
    { of: [says(denied), says(allowed)], expected: denied },
    { of: [saysLater(noOpinion), says(noOpinion), saysLater(allowed), says(denied)], expected: allowed },
    {
      of: [says({ ...noOpinion, reason: "one" }), saysLater({ ...noOpinion, reason: "two" }), says(noOpinion)],
      expected: { opinion: "no opinion", reason: "one\ntwo" },
    },
    {
      of: [says({ ...noOpinion, error: "no answer" }), saysLater({ ...noOpinion, reason: "two" })],
      expected: { opinion: "no opinion", reason: "two", error: "no answer" },
    },
    { of: [says({ ...noOpinion, error: "no answer" }), says(allowed)], expected: allowed },
  ])("the first opinion counts ($expected.opinion)", async ({ of, expected }) => {
    expect(await union(of)(attributes)).toEqual(expected);
  });

  it("answers at once where nobody has to be waited for", () => {
    expect(union([says(noOpinion), says(allowed)])(attributes)).toBe(allowed);
  });
});
