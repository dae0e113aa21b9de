import { describe, expect, it } from "vitest";
import { type Attempt, conditionsAfter } from "./conditions.ts";

const now = Date.UTC(2026, 0, 1);
const well: Attempt = { failures: [], remaining: [] };

describe("the conditions of a namespace that is emptied", () => {
  it("say that all is well, and are left alone while that is so", () => {
    const first = conditionsAfter(well, [], now);
    expect(first.map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ["NamespaceDeletionDiscoveryFailure", "False", "ResourcesDiscovered"],
      ["NamespaceDeletionGroupVersionParsingFailure", "False", "ParsedGroupVersions"],
      ["NamespaceDeletionContentFailure", "False", "ContentDeleted"],
      ["NamespaceContentRemaining", "False", "ContentRemoved"],
      ["NamespaceFinalizersRemaining", "False", "ContentHasNoFinalizers"],
    ]);
    expect(conditionsAfter(well, first, now + 5_000)).toBe(first);
  });

  it("sum up failures and what remains, in one order", () => {
    const attempt: Attempt = {
      failures: ["b", "a"],
      remaining: [
        { resource: "pods", group: "", count: 2, finalizers: new Map([["x/y", 2]]) },
        {
          resource: "jobs",
          group: "batch",
          count: 1,
          finalizers: new Map([
            ["x/y", 1],
            ["a/b", 1],
          ]),
        },
      ],
    };
    const messages = conditionsAfter(attempt, [], now).map(({ message }) => message);
    expect(messages.slice(2)).toEqual([
      "Failed to delete all resource types, 2 remaining: a, b",
      "Some resources are remaining: jobs.batch has 1 resource instances, pods. has 2 resource instances",
      "Some content in the namespace has finalizers remaining: a/b in 1 resource instances, x/y in 3 resource instances",
    ]);
  });

  it("keep the time of a transition while only their message changes, and conditions of others", () => {
    const other = { type: "Other", status: "True" };
    const before = conditionsAfter({ ...well, failures: ["a"] }, [other], now);
    const after = conditionsAfter({ ...well, failures: ["b"] }, before, now + 5_000);
    const failure = after.find(({ type }) => type === "NamespaceDeletionContentFailure");
    expect(failure).toMatchObject({ status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" });
    expect(after).toContainEqual(other);
    const done = conditionsAfter(well, after, now + 10_000);
    expect(done.find(({ type }) => type === "NamespaceDeletionContentFailure")?.lastTransitionTime).toBe(
      "2026-01-01T00:00:10Z",
    );
  });
});
