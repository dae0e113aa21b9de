import { describe, expect, it } from "vitest";
import type { Node, Pod } from "../../api/generated/types/core-v1.ts";
import { type Action, hintOf } from "./events.ts";
import { nodeChanges, podChanges } from "./object-changes.ts";
import { createPodInfo } from "./pod-info.ts";
import { node, pod } from "./stage.testing.ts";

describe("what an update of a node changed", () => {
  const before = node("a", {
    status: {
      allocatable: { cpu: "1" },
      conditions: [{ type: "Ready", status: "True", lastHeartbeatTime: "2026-01-01T00:00:00Z" }],
    },
  });
  it.each<[string, Node, Action[]]>([
    [
      "a heartbeat",
      {
        ...before,
        status: {
          ...before.status,
          conditions: [{ type: "Ready", status: "True", lastHeartbeatTime: "2026-01-01T00:00:10Z" }],
        },
      },
      [],
    ],
    ["the same amount in other words", { ...before, status: { ...before.status, allocatable: { cpu: "1000m" } } }, []],
    ["more CPU", { ...before, status: { ...before.status, allocatable: { cpu: "2" } } }, ["UpdateNodeAllocatable"]],
    ["a label", { ...before, metadata: { name: "a", labels: { x: "y" } } }, ["UpdateNodeLabel"]],
    ["a taint", { ...before, spec: { taints: [{ key: "x", effect: "NoSchedule" }] } }, ["UpdateNodeTaint"]],
    [
      "a condition",
      { ...before, status: { ...before.status, conditions: [{ type: "Ready", status: "False" }] } },
      ["UpdateNodeCondition"],
    ],
    [
      "an annotation",
      { ...before, metadata: { ...before.metadata, annotations: { x: "y" } } },
      ["UpdateNodeAnnotation"],
    ],
    ["a feature", { ...before, status: { ...before.status, declaredFeatures: ["X"] } }, ["UpdateNodeDeclaredFeature"]],
  ])("%s", (_, after, expected) => {
    expect([...nodeChanges(before, after)]).toEqual(expected);
  });

  it("is a taint less where it is no longer cordoned", () => {
    expect([...nodeChanges({ ...before, spec: { unschedulable: true } }, before)]).toEqual(["UpdateNodeTaint"]);
  });
});

describe("what an update of a pod changed", () => {
  const before = pod("p", {
    requests: { cpu: "2" },
    spec: {
      containers: [{ name: "c", image: "i", resources: { requests: { cpu: "2" } } }],
      schedulingGates: [{ name: "g" }],
    },
  });
  const withSpec = (spec: Partial<NonNullable<Pod["spec"]>>): Pod => ({
    ...before,
    spec: { containers: [], ...before.spec, ...spec },
  });
  it.each<[string, Pod, Action[]]>([
    ["a label", { ...before, metadata: { ...before.metadata, labels: { x: "y" } } }, ["UpdatePodLabel"]],
    [
      "less CPU",
      withSpec({ containers: [{ name: "c", image: "i", resources: { requests: { cpu: "1" } } }] }),
      ["UpdatePodScaleDown"],
    ],
    [
      "more CPU",
      withSpec({ containers: [{ name: "c", image: "i", resources: { requests: { cpu: "3" } } }] }),
      ["Update"],
    ],
    ["a toleration", withSpec({ tolerations: [{ operator: "Exists" }] }), ["UpdatePodToleration"]],
    ["no gate any more", withSpec({ schedulingGates: [] }), ["UpdatePodSchedulingGatesEliminated"]],
    [
      "a claim",
      { ...before, status: { resourceClaimStatuses: [{ name: "c", resourceClaimName: "x" }] } },
      ["UpdatePodGeneratedResourceClaim"],
    ],
    ["something else", { ...before, metadata: { ...before.metadata, annotations: { x: "y" } } }, ["Update"]],
  ])("%s", (_, after, expected) => {
    expect([...podChanges(before, after)]).toEqual(expected);
  });
});

describe("what a plugin thinks of an event", () => {
  const waiting = createPodInfo(pod("p"));
  const added = { resource: "Node", actions: new Set<Action>(["Add"]), before: undefined, after: node("a") } as const;

  it("nothing of what it did not ask for", () => {
    expect(hintOf({ resource: "Pod", actions: ["Add"] }, added, waiting)).toBeUndefined();
    expect(hintOf({ resource: "Node", actions: ["Delete"] }, added, waiting)).toBeUndefined();
  });

  it("queues without a hint, or does as the hint says", () => {
    expect(hintOf({ resource: "Node", actions: ["Add"] }, added, waiting)).toBe("Queue");
    expect(hintOf({ resource: "Node", actions: ["Add"], hint: () => "QueueSkip" }, added, waiting)).toBe("QueueSkip");
  });

  it("gets every finer update where it asks for updates", () => {
    const relabelled = { ...added, actions: new Set<Action>(["UpdateNodeLabel"]), before: node("a") };
    expect(hintOf({ resource: "Node", actions: ["Update"] }, relabelled, waiting)).toBe("Queue");
  });
});
