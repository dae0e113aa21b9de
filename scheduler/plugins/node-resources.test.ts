import { describe, expect, it } from "vitest";
import { judge, node, pod, scores, snapshotOf } from "../framework/stage.testing.ts";
import { defaultArgs, type ScoringStrategy } from "./args.ts";
import { createNodeResourcesFit } from "./node-resources-fit.ts";
import { createBalancedAllocation } from "./node-resources-balanced-allocation.ts";

const defaults = defaultArgs.NodeResourcesFit;
const fit = createNodeResourcesFit(defaults);

function used(requests: Record<string, string>, allocatable: Record<string, string> = {}) {
  return snapshotOf([node("a", { allocatable })], [pod("old", { node: "a", requests })]);
}

describe("NodeResourcesFit", () => {
  it.each<[string, Record<string, string>, ReturnType<typeof used>, string]>([
    ["exactly what is left", { cpu: "1", memory: "4Gi" }, used({ cpu: "3", memory: "4Gi" }), "fits"],
    ["too much CPU", { cpu: "1001m" }, used({ cpu: "3" }), "Insufficient cpu"],
    ["too much memory", { memory: "5Gi" }, used({ memory: "4Gi" }), "Insufficient memory"],
    ["both", { cpu: "2", memory: "5Gi" }, used({ cpu: "3", memory: "4Gi" }), "Insufficient cpu, Insufficient memory"],
    ["more than there ever is", { cpu: "5" }, used({}), "! Insufficient cpu"],
    [
      "storage",
      { "ephemeral-storage": "2Gi" },
      used({ "ephemeral-storage": "9Gi" }, { "ephemeral-storage": "10Gi" }),
      "Insufficient ephemeral-storage",
    ],
    [
      "an extended resource",
      { "example.com/gpu": "1" },
      used({ "example.com/gpu": "1" }, { "example.com/gpu": "1" }),
      "Insufficient example.com/gpu",
    ],
    ["one that no node has", { "example.com/gpu": "1" }, used({}), "! Insufficient example.com/gpu"],
    ["huge pages", { "hugepages-2Mi": "4Mi" }, used({}, { "hugepages-2Mi": "4Mi" }), "fits"],
    ["nothing on an overcommitted node", {}, used({ cpu: "9" }), "fits"],
    ["memory on a node with too much CPU taken", { memory: "1Gi" }, used({ cpu: "9" }), "fits"],
    ["too many pods", {}, used({}, { pods: "1" }), "Too many pods"],
    ["too many pods, and CPU", { cpu: "4" }, used({ cpu: "1" }, { pods: "1" }), "Too many pods, Insufficient cpu"],
  ])("%s", (_, requests, snapshot, expected) => {
    expect(judge(fit, pod("p", { requests }), snapshot)).toEqual({ a: expected });
  });

  it("ignores extended resources that it is told to", () => {
    const wanting = pod("p", { requests: { "example.com/gpu": "1", "other.com/nic": "1", cpu: "1" } });
    const ignoring = createNodeResourcesFit({
      ...defaults,
      ignoredResources: ["example.com/gpu"],
      ignoredResourceGroups: ["other.com"],
    });
    expect(judge(ignoring, wanting, used({}))).toEqual({ a: "fits" });
    const onlyNative = createNodeResourcesFit({ ...defaults, ignoredResources: ["cpu"] });
    expect(judge(onlyNative, pod("p", { requests: { cpu: "9" } }), used({}))).toEqual({ a: "! Insufficient cpu" });
  });

  it("tries a waiting pod again when room may have come free", () => {
    const hints = Object.fromEntries((fit.events ?? []).map((event) => [event.resource, event]));
    const { Pod: afterPod, Node: afterNode } = hints;
    if (afterPod?.resource !== "Pod" || afterNode?.resource !== "Node") throw new Error("no hints");
    const waiting = snapshotOf([node("x")], [pod("p", { node: "x", requests: { cpu: "2" } })]).nodes[0]?.pods[0];
    if (waiting === undefined) throw new Error("no pod");
    expect(afterPod.hint?.(waiting, pod("other", { node: "a" }), undefined)).toBe("Queue");
    expect(afterPod.hint?.(waiting, pod("other"), undefined)).toBe("QueueSkip");
    const sized = (cpu: string) => pod("other", { node: "a", requests: { cpu } });
    expect(afterPod.hint?.(waiting, sized("2"), sized("1"))).toBe("Queue");
    expect(afterPod.hint?.(waiting, sized("1"), sized("2"))).toBe("QueueSkip");
    const large = (cpu: string) => node("a", { allocatable: { cpu } });
    expect(afterNode.hint?.(waiting, undefined, large("1"))).toBe("QueueSkip");
    expect(afterNode.hint?.(waiting, undefined, large("2"))).toBe("Queue");
    expect(afterNode.hint?.(waiting, large("2"), large("3"))).toBe("Queue");
    expect(afterNode.hint?.(waiting, large("3"), large("2"))).toBe("QueueSkip");
  });
});

describe("the scores of NodeResourcesFit", () => {
  const snapshot = snapshotOf(
    [
      node("empty", { allocatable: { cpu: "4", memory: "10000" } }),
      node("half", { allocatable: { cpu: "4", memory: "10000" } }),
    ],
    [pod("old", { node: "half", requests: { cpu: "2", memory: "5000" } })],
  );
  const wanting = pod("p", { requests: { cpu: "1", memory: "5000" } });
  const scored = (strategy: ScoringStrategy): unknown =>
    scores(createNodeResourcesFit({ ...defaults, scoringStrategy: strategy }), wanting, snapshot);
  const resources = [
    { name: "cpu", weight: 1 },
    { name: "memory", weight: 1 },
  ];

  it("least allocated", () => {
    // empty: cpu (4-1)/4 = 75, memory 50; half: cpu 25, memory 0
    expect(scored({ type: "LeastAllocated", resources })).toEqual({ empty: 62, half: 12 });
  });

  it("most allocated", () => {
    expect(scored({ type: "MostAllocated", resources })).toEqual({ empty: 37, half: 87 });
  });

  it("by weight", () => {
    const weighted = [
      { name: "cpu", weight: 3 },
      { name: "memory", weight: 1 },
    ];
    expect(scored({ type: "LeastAllocated", resources: weighted })).toEqual({ empty: 68, half: 18 });
  });

  it("requested to capacity ratio", () => {
    const shape = [
      { utilization: 0, score: 0 },
      { utilization: 100, score: 10 },
    ];
    expect(scored({ type: "RequestedToCapacityRatio", resources, requestedToCapacityRatio: { shape } })).toEqual({
      empty: 38,
      half: 88,
    });
    const falling = [
      { utilization: 0, score: 10 },
      { utilization: 50, score: 5 },
      { utilization: 100, score: 0 },
    ];
    expect(
      scored({ type: "RequestedToCapacityRatio", resources, requestedToCapacityRatio: { shape: falling } }),
    ).toEqual({ empty: 63, half: 25 });
  });

  it("leaves out extended resources that the pod does not ask for", () => {
    const withGpu = [...resources, { name: "example.com/gpu", weight: 5 }];
    expect(scored({ type: "LeastAllocated", resources: withGpu })).toEqual({ empty: 62, half: 12 });
  });
});

describe("NodeResourcesBalancedAllocation", () => {
  const balanced = createBalancedAllocation(defaultArgs.NodeResourcesBalancedAllocation);
  const sized = { allocatable: { cpu: "4", memory: "4000" } };

  it("prefers nodes that become more balanced", () => {
    const snapshot = snapshotOf(
      [node("even", sized), node("lopsided", sized), node("worse", sized)],
      [
        pod("a", { node: "lopsided", requests: { memory: "2000" } }),
        pod("b", { node: "worse", requests: { cpu: "2" } }),
      ],
    );
    // even: 100 to 75; lopsided: 75 to 100; worse: 75 to 50
    expect(scores(balanced, pod("p", { requests: { cpu: "2" } }), snapshot)).toEqual({
      even: 62,
      lopsided: 87,
      worse: 62,
    });
  });

  it("gives 75 where nothing changes, and nothing for a pod that asks for nothing", () => {
    const snapshot = snapshotOf([node("even", sized)]);
    expect(scores(balanced, pod("p", { requests: { cpu: "1", memory: "1000" } }), snapshot)).toEqual({ even: 75 });
    expect(scores(balanced, pod("p"), snapshot)).toBe("skip");
  });
});
