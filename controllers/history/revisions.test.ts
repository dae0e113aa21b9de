import { describe, expect, it } from "vitest";
import { inOrder, nameOf, newestNumber, type Revision, revisionName, surplus } from "./revisions.ts";
import { recordedTemplate, records, templatePatch } from "./template-patch.ts";

const revision = (name: string, number: number, creationTimestamp = "2026-01-01T00:00:00Z"): Revision => ({
  metadata: { name, creationTimestamp },
  revision: number,
});

describe("a history", () => {
  it("is in the order of numbers, then of age, then of names", () => {
    const history = [revision("d", 2), revision("c", 1), revision("b", 1), revision("a", 1, "2026-01-02T00:00:00Z")];
    expect(inOrder(history).map(nameOf)).toEqual(["b", "c", "a", "d"]);
    expect(newestNumber(history)).toBe(2);
    expect(newestNumber([])).toBe(0);
  });

  it.each<[number, string[], string[]]>([
    [2, [], ["a", "b"]],
    [2, ["a"], ["b"]],
    [0, ["b", "d"], ["a", "c"]],
    [4, [], []],
  ])("loses the oldest of those not in use beyond %i", (limit, inUse, lost) => {
    const history = [revision("d", 4), revision("a", 1), revision("c", 3), revision("b", 2)];
    expect(surplus(history, limit, (one) => inUse.includes(nameOf(one))).map(nameOf)).toEqual(lost);
  });

  it("has names that fit", () => {
    expect(revisionName("web", "abc")).toBe("web-abc");
    expect(revisionName("a".repeat(253), "b".repeat(10))).toHaveLength(234);
  });
});

describe("what a revision records", () => {
  const template = { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "nginx" }] } };

  it("is a patch with sorted keys that replaces the template", () => {
    expect(JSON.stringify(templatePatch(template))).toBe(
      '{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"image":"nginx","name":"web"}]}}}}',
    );
  });

  it("is the template, whatever the order of keys", () => {
    const made = { ...revision("a", 1), data: templatePatch(template) };
    expect(recordedTemplate(made)).toEqual(template);
    expect(records(made, template)).toBe(true);
    expect(records(made, { ...template, spec: { containers: [] } })).toBe(false);
  });

  it.each([[undefined], [null], ["text"], [{}], [{ spec: [] }], [{ spec: { template: 7 } }]])(
    "is nothing where the data are %j",
    (data) => {
      const made = { ...revision("a", 1), ...(data === undefined ? {} : { data }) };
      expect(recordedTemplate(made)).toBeUndefined();
    },
  );
});
