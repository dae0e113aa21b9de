import { describe, expect, it } from "vitest";
import type { Node, NodeSelectorTerm, PodSpec, Taint, Toleration } from "../../api/generated/types/core-v1.ts";
import { createPodInfo } from "../framework/pod-info.ts";
import { infoOf, judge, node, pod, scores, snapshotOf } from "../framework/stage.testing.ts";
import { imageLocality } from "./image-locality.ts";
import { createNodeAffinity } from "./node-affinity.ts";
import { nodeDeclaredFeatures } from "./node-declared-features.ts";
import { nodeName } from "./node-name.ts";
import { nodePorts } from "./node-ports.ts";
import { nodeUnschedulable } from "./node-unschedulable.ts";
import { prioritySort } from "./priority-sort.ts";
import { schedulingGates } from "./scheduling-gates.ts";
import { taintToleration } from "./taint-toleration.ts";

describe("SchedulingGates", () => {
  it("holds a pod back while it has gates", () => {
    const gated = pod("p", { spec: { schedulingGates: [{ name: "example.com/a" }, { name: "b" }] } });
    expect(schedulingGates.preEnqueue?.(createPodInfo(gated))).toMatchObject({
      code: "UnschedulableAndUnresolvable",
      reasons: ["waiting for scheduling gates: [example.com/a b]"],
    });
    expect(schedulingGates.preEnqueue?.(createPodInfo(pod("p")))).toBeUndefined();
  });
});

it("PrioritySort puts the higher priority first, then who came first", () => {
  const queued = (name: string, priority: number, timestamp: number) => ({
    info: createPodInfo(pod(name, { priority })),
    timestamp,
  });
  const sorted = [queued("c", 1, 5), queued("b", 1, 3), queued("a", 9, 7)].toSorted(
    (a, b) => prioritySort.compare?.(a, b) ?? 0,
  );
  expect(sorted.map(({ info }) => info.name)).toEqual(["a", "b", "c"]);
});

it("NodeName takes only the node that is named", () => {
  const snapshot = snapshotOf([node("a"), node("b")]);
  expect(judge(nodeName, pod("p", { node: "b" }), snapshot)).toEqual({
    a: "! node(s) didn't match the requested node name",
    b: "fits",
  });
});

describe("NodeUnschedulable", () => {
  const snapshot = snapshotOf([node("a", { spec: { unschedulable: true } }), node("b")]);

  it("keeps pods off cordoned nodes", () => {
    expect(judge(nodeUnschedulable, pod("p"), snapshot)).toEqual({ a: "! node(s) were unschedulable", b: "fits" });
  });

  it("but not those that tolerate it", () => {
    const tolerations = [{ key: "node.kubernetes.io/unschedulable", operator: "Exists", effect: "NoSchedule" }];
    expect(judge(nodeUnschedulable, pod("p", { spec: { tolerations } }), snapshot)).toEqual({ a: "fits", b: "fits" });
  });
});

describe("TaintToleration", () => {
  const taint: Taint = { key: "dedicated", value: "user1", effect: "NoSchedule" };
  const filtered = (taints: Taint[], tolerations: Toleration[]): unknown =>
    judge(taintToleration, pod("p", { spec: { tolerations } }), snapshotOf([node("a", { spec: { taints } })]));

  it.each<[string, Taint[], Toleration[], string]>([
    ["no taints", [], [], "fits"],
    ["a taint", [taint], [], "! node(s) had untolerated taint(s)"],
    ["equal", [taint], [{ key: "dedicated", value: "user1", effect: "NoSchedule" }], "fits"],
    [
      "another value",
      [taint],
      [{ key: "dedicated", operator: "Equal", value: "user2" }],
      "! node(s) had untolerated taint(s)",
    ],
    ["exists", [taint], [{ key: "dedicated", operator: "Exists" }], "fits"],
    ["everything", [taint], [{ operator: "Exists" }], "fits"],
    [
      "another effect",
      [taint],
      [{ key: "dedicated", operator: "Exists", effect: "NoExecute" }],
      "! node(s) had untolerated taint(s)",
    ],
    ["only a preference", [{ ...taint, effect: "PreferNoSchedule" }], [], "fits"],
    [
      "one of two",
      [taint, { key: "x", effect: "NoExecute" }],
      [{ key: "dedicated", operator: "Exists" }],
      "! node(s) had untolerated taint(s)",
    ],
  ])("%s", (_, taints, tolerations, expected) => {
    expect(filtered(taints, tolerations)).toEqual({ a: expected });
  });

  it("prefers nodes with fewer taints of effect PreferNoSchedule", () => {
    const prefer = (...keys: string[]): Node["spec"] => ({
      taints: keys.map((key) => ({ key, effect: "PreferNoSchedule" })),
    });
    const snapshot = snapshotOf([node("a"), node("b", { spec: prefer("x") }), node("c", { spec: prefer("x", "y") })]);
    expect(scores(taintToleration, pod("p"), snapshot)).toEqual({ a: 100, b: 50, c: 0 });
    const tolerating = pod("p", { spec: { tolerations: [{ key: "x", operator: "Exists" }] } });
    expect(scores(taintToleration, tolerating, snapshot)).toEqual({ a: 100, b: 100, c: 0 });
  });
});

describe("NodeAffinity", () => {
  const plugin = createNodeAffinity({});
  const snapshot = snapshotOf([
    node("a", { labels: { disk: "ssd", size: "10" } }),
    node("b", { labels: { disk: "hdd" } }),
  ]);
  const no = "! node(s) didn't match Pod's node affinity/selector";
  const required = (...nodeSelectorTerms: NodeSelectorTerm[]): Partial<PodSpec> => ({
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
  });
  const expression = (key: string, operator: string, ...values: string[]): NodeSelectorTerm => ({
    matchExpressions: [{ key, operator, ...(values.length === 0 ? {} : { values }) }],
  });

  it.each<[string, Partial<PodSpec>, string, string]>([
    ["nodeSelector", { nodeSelector: { disk: "ssd" } }, "fits", no],
    ["In", required(expression("disk", "In", "ssd", "nvme")), "fits", no],
    ["NotIn", required(expression("disk", "NotIn", "ssd")), no, "fits"],
    ["Exists", required(expression("size", "Exists")), "fits", no],
    ["DoesNotExist", required(expression("size", "DoesNotExist")), no, "fits"],
    ["Gt", required(expression("size", "Gt", "9")), "fits", no],
    ["Lt", required(expression("size", "Lt", "9")), no, no],
    ["terms are alternatives", required(expression("disk", "In", "x"), expression("disk", "In", "hdd")), no, "fits"],
    ["an empty term matches nothing", required({}), no, no],
    ["no terms match nothing", required(), no, no],
    ["what cannot be read matches nothing", required(expression("disk", "Like", "ssd")), no, no],
    ["selector and affinity", { nodeSelector: { disk: "ssd" }, ...required(expression("size", "In", "11")) }, no, no],
    ["by name", required({ matchFields: [{ key: "metadata.name", operator: "In", values: ["b"] }] }), no, "fits"],
    [
      "not by name",
      required({ matchFields: [{ key: "metadata.name", operator: "NotIn", values: ["b"] }] }),
      "fits",
      no,
    ],
  ])("%s", (_, spec, a, b) => {
    expect(judge(plugin, pod("p", { spec }), snapshot)).toEqual({ a, b });
  });

  it("rejects the pod where its terms name no node together", () => {
    const field = (name: string) => ({ key: "metadata.name", operator: "In", values: [name] });
    const conflicting = pod("p", { spec: required({ matchFields: [field("a"), field("b")] }) });
    expect(judge(plugin, conflicting, snapshot)).toBe("! pod affinity terms conflict");
  });

  it("demands of every pod what the configuration adds", () => {
    const added = createNodeAffinity({
      addedAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [expression("disk", "In", "hdd")] },
      },
    });
    expect(judge(added, pod("p"), snapshot)).toEqual({
      a: "! node(s) didn't match scheduler-enforced node affinity",
      b: "fits",
    });
  });

  it("prefers nodes by the weights of the terms that match", () => {
    const preferring = pod("p", {
      spec: {
        affinity: {
          nodeAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 2, preference: expression("disk", "In", "ssd") },
              { weight: 1, preference: expression("disk", "In", "hdd") },
              { weight: 9, preference: {} },
            ],
          },
        },
      },
    });
    expect(scores(plugin, preferring, snapshot)).toEqual({ a: 100, b: 50 });
    expect(scores(plugin, pod("p"), snapshot)).toBe("skip");
  });

  it("tries a waiting pod again only when a node begins to match", () => {
    const hint = plugin.events?.find(({ resource }) => resource === "Node");
    const wanting = createPodInfo(pod("p", { spec: { nodeSelector: { disk: "ssd" } } }));
    const [ssd, hdd] = [infoOf(snapshot, "a").node, infoOf(snapshot, "b").node];
    if (hint?.resource !== "Node") throw new Error("no hint");
    expect(hint.hint?.(wanting, undefined, ssd)).toBe("Queue");
    expect(hint.hint?.(wanting, undefined, hdd)).toBe("QueueSkip");
    expect(hint.hint?.(wanting, hdd, ssd)).toBe("Queue");
    expect(hint.hint?.(wanting, ssd, ssd)).toBe("QueueSkip");
  });
});

describe("NodePorts", () => {
  const no = "node(s) didn't have free ports for the requested pod ports";
  type Port = { hostPort: number; protocol?: string; hostIP?: string };
  it.each<[string, Port, Port, string]>([
    ["another port", { hostPort: 81 }, { hostPort: 80 }, "fits"],
    ["the same", { hostPort: 80 }, { hostPort: 80 }, no],
    ["another protocol", { hostPort: 80, protocol: "UDP" }, { hostPort: 80 }, "fits"],
    ["another address", { hostPort: 80, hostIP: "127.0.0.1" }, { hostPort: 80, hostIP: "127.0.0.2" }, "fits"],
    ["any address against one", { hostPort: 80 }, { hostPort: 80, hostIP: "127.0.0.2" }, no],
    ["one address against any", { hostPort: 80, hostIP: "127.0.0.2" }, { hostPort: 80 }, no],
  ])("%s", (_, wanted, used, expected) => {
    const snapshot = snapshotOf([node("a")], [pod("old", { node: "a", ports: [used] })]);
    expect(judge(nodePorts, pod("p", { ports: [wanted] }), snapshot)).toEqual({ a: expected });
  });
});

describe("ImageLocality", () => {
  const mebibyte = 1024 * 1024;
  const having = (name: string, ...sizes: readonly [string, number][]): Node =>
    node(name, { status: { images: sizes.map(([image, size]) => ({ names: [image], sizeBytes: size * mebibyte })) } });
  const wanting = (...images: string[]) =>
    pod("p", { spec: { containers: images.map((image, index) => ({ name: `c${index}`, image })) } });

  it("prefers nodes with large images, the more nodes have them", () => {
    const snapshot = snapshotOf([
      having("a", ["big:v1", 2000]),
      having("b", ["big:v1", 2000]),
      having("c", ["small:latest", 20]),
    ]);
    expect(scores(imageLocality, wanting("big:v1"), snapshot)).toEqual({ a: 100, b: 100, c: 0 });
    expect(scores(imageLocality, wanting("small"), snapshot)).toEqual({ a: 0, b: 0, c: 0 });
    const alone = snapshotOf([having("a", ["big:v1", 600]), having("b"), having("c")]);
    expect(scores(imageLocality, wanting("big:v1"), alone)).toEqual({
      a: Math.trunc((100 * (200 - 23)) / 977),
      b: 0,
      c: 0,
    });
  });

  it("has no opinion of images that nobody has", () => {
    expect(scores(imageLocality, wanting("unknown"), snapshotOf([having("a")]))).toBe("skip");
  });
});

it("NodeDeclaredFeatures keeps a pod off nodes that lack what it needs", () => {
  const restarting = pod("p", {
    spec: {
      containers: [
        {
          name: "c",
          image: "i",
          restartPolicyRules: [{ action: "RestartAllContainers", exitCodes: { operator: "In", values: [1] } }],
        },
      ],
    },
  });
  const able = node("a", { status: { declaredFeatures: ["RestartAllContainersOnContainerExits"] } });
  expect(judge(nodeDeclaredFeatures, restarting, snapshotOf([able, node("b")]))).toEqual({
    a: "fits",
    b: "! node(s) didn't match Pod's required features",
  });
});
