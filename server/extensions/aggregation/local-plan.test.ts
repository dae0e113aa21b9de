import { describe, expect, it } from "vitest";
import type { APIService } from "../../../api/generated/types/apiregistration-v1.ts";
import { planLocal, type LocalGroupVersion } from "./local-plan.ts";

const builtIn: readonly LocalGroupVersion[] = [
  { group: "", version: "v1", isCustom: false },
  { group: "autoscaling", version: "v2", isCustom: false },
  { group: "apiregistration.k8s.io", version: "v1", isCustom: false },
];
const custom: LocalGroupVersion = { group: "example.com", version: "v1", isCustom: true };
const made = (served: readonly LocalGroupVersion[]): readonly APIService[] =>
  planLocal(served, [], { starting: true }).flatMap((step) => (step.does === "create" ? [step.object] : []));
const starting = { starting: true };
const running = { starting: false };

describe("what a server serves", () => {
  it("is registered under upstream's names and priorities", () => {
    expect(made([...builtIn, custom]).map(({ metadata, spec }) => [metadata, spec])).toEqual([
      [
        { name: "v1.", labels: { "kube-aggregator.kubernetes.io/automanaged": "onstart" } },
        { version: "v1", groupPriorityMinimum: 18_000, versionPriority: 1 },
      ],
      [
        { name: "v2.autoscaling", labels: { "kube-aggregator.kubernetes.io/automanaged": "onstart" } },
        { group: "autoscaling", version: "v2", groupPriorityMinimum: 17_500, versionPriority: 30 },
      ],
      [
        { name: "v1.example.com", labels: { "kube-aggregator.kubernetes.io/automanaged": "true" } },
        { group: "example.com", version: "v1", groupPriorityMinimum: 1000, versionPriority: 100 },
      ],
    ]);
  });

  it("needs nothing when it is registered", () => {
    expect(planLocal([...builtIn, custom], made([...builtIn, custom]), starting)).toEqual([]);
  });

  it("is put right at the start, and what is custom always", () => {
    const wrong = made([...builtIn, custom]).map((one) => ({
      ...one,
      metadata: { ...one.metadata, resourceVersion: "7", labels: { ...one.metadata?.labels, mine: "kept" } },
      spec: { group: "", version: "", groupPriorityMinimum: 1, versionPriority: 1 },
    }));
    expect(planLocal([...builtIn, custom], wrong, starting).map(({ does }) => does)).toEqual(Array(3).fill("replace"));
    expect(planLocal([...builtIn, custom], wrong, running)).toMatchObject([
      {
        does: "replace",
        object: { metadata: { name: "v1.example.com", resourceVersion: "7", labels: { mine: "kept" } } },
      },
    ]);
  });

  it("comes and goes", () => {
    expect(planLocal([...builtIn, custom], made(builtIn), running)).toMatchObject([
      { does: "create", object: { metadata: { name: "v1.example.com" } } },
    ]);
    expect(planLocal(builtIn, made([...builtIn, custom]), running)).toEqual([
      { does: "delete", name: "v1.example.com" },
    ]);
    expect(planLocal([], made(builtIn), running)).toEqual([]);
    expect(planLocal([], made(builtIn), starting)).toHaveLength(2);
  });
});

it("leaves alone what others have registered", () => {
  const [object] = made([custom]);
  const theirs = {
    ...object,
    metadata: { name: "v1.example.com" },
    spec: { groupPriorityMinimum: 1, versionPriority: 1 },
  };
  expect(planLocal([custom], [theirs], starting)).toEqual([]);
  expect(planLocal([], [theirs], starting)).toEqual([]);
});
