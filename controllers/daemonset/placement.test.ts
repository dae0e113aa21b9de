import { describe, expect, it } from "vitest";
import type { DaemonSet } from "../../api/generated/types/apps-v1.ts";
import type { Node, PodSpec, Taint } from "../../api/generated/types/core-v1.ts";
import { daemonTolerations, placer } from "./placement.ts";

const set = (spec: Partial<PodSpec>): DaemonSet => ({
  spec: { selector: {}, template: { spec: { containers: [], ...spec } } },
});
const node = (labels: Record<string, string>, ...taints: Taint[]): Node => ({
  metadata: { name: "node", labels },
  spec: { taints },
});
const taint = (key: string, effect: string): Taint => ({ key, effect });
const required = (key: string, value: string): Partial<PodSpec> => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key, operator: "In", values: [value] }] }],
      },
    },
  },
});

describe("a daemon", () => {
  it.each<[string, Partial<PodSpec>, Node, { shouldRun: boolean; mayStay: boolean }]>([
    ["runs anywhere", {}, node({}), { shouldRun: true, mayStay: true }],
    ["keeps to its node selector", { nodeSelector: { a: "b" } }, node({}), { shouldRun: false, mayStay: false }],
    ["runs where its affinity leads", required("a", "b"), node({ a: "b" }), { shouldRun: true, mayStay: true }],
    ["keeps to its affinity", required("a", "b"), node({ a: "c" }), { shouldRun: false, mayStay: false }],
    ["keeps to a node by name", { nodeName: "other" }, node({}), { shouldRun: false, mayStay: false }],
    [
      "stays where it was when others are kept away",
      {},
      node({}, taint("x", "NoSchedule")),
      { shouldRun: false, mayStay: true },
    ],
    ["leaves when it is told to", {}, node({}, taint("x", "NoExecute")), { shouldRun: false, mayStay: false }],
    [
      "takes no notice of a preference",
      {},
      node({}, taint("x", "PreferNoSchedule")),
      { shouldRun: true, mayStay: true },
    ],
    [
      "runs on a node in trouble",
      {},
      node(
        {},
        taint("node.kubernetes.io/not-ready", "NoExecute"),
        taint("node.kubernetes.io/unreachable", "NoExecute"),
        taint("node.kubernetes.io/disk-pressure", "NoSchedule"),
        taint("node.kubernetes.io/memory-pressure", "NoSchedule"),
        taint("node.kubernetes.io/pid-pressure", "NoSchedule"),
        taint("node.kubernetes.io/unschedulable", "NoSchedule"),
      ),
      { shouldRun: true, mayStay: true },
    ],
    [
      "waits for the network",
      {},
      node({}, taint("node.kubernetes.io/network-unavailable", "NoSchedule")),
      { shouldRun: false, mayStay: true },
    ],
    [
      "does not wait for the network when it is the node's",
      { hostNetwork: true },
      node({}, taint("node.kubernetes.io/network-unavailable", "NoSchedule")),
      { shouldRun: true, mayStay: true },
    ],
  ])("%s", (_, spec, where, placement) => {
    expect(placer(set(spec))(where)).toEqual(placement);
  });

  it("tolerates trouble for ever, where it was for a time only", () => {
    const own = {
      key: "node.kubernetes.io/not-ready",
      operator: "Exists",
      effect: "NoExecute",
      tolerationSeconds: 300,
    };
    const { tolerationSeconds: _, ...forEver } = own;
    const tolerations = daemonTolerations({ containers: [], tolerations: [{ key: "x", operator: "Exists" }, own] });
    expect(tolerations.slice(0, 3)).toEqual([
      { key: "x", operator: "Exists" },
      forEver,
      { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute" },
    ]);
    expect(tolerations).toHaveLength(7);
  });
});
