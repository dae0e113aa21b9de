import { describe, expect, it } from "vitest";
import type { ReplicaSet } from "../../../api/generated/types/apps-v1.ts";
import type { Pod, Service, TopologySpreadConstraint } from "../../../api/generated/types/core-v1.ts";
import { createPodInfo } from "../../framework/pod-info.ts";
import {
  cycleOf,
  infoOf,
  judge,
  listerOf,
  listers,
  node,
  pod,
  scores,
  snapshotOf,
} from "../../framework/stage.testing.ts";
import { defaultArgs } from "../args.ts";
import { createPodTopologySpread } from "./pod-topology-spread.ts";

const spread = createPodTopologySpread(defaultArgs.PodTopologySpread, listers());
const zone = "topology.kubernetes.io/zone";
const host = "kubernetes.io/hostname";
const uneven = "node(s) didn't match pod topology spread constraints";
const missing = `! ${uneven} (missing required label)`;
const nodes = [
  node("a", { labels: { [zone]: "z1" } }),
  node("b", { labels: { [zone]: "z1" } }),
  node("c", { labels: { [zone]: "z2" } }),
  node("d", { labels: { [zone]: "z2" } }),
];

function constraint(topologyKey: string, more: Partial<TopologySpreadConstraint> = {}): TopologySpreadConstraint {
  return {
    topologyKey,
    maxSkew: 1,
    whenUnsatisfiable: "DoNotSchedule",
    labelSelector: { matchLabels: { app: "p" } },
    ...more,
  };
}
function wanting(...topologySpreadConstraints: TopologySpreadConstraint[]): Pod {
  return pod("p", { labels: { app: "p", version: "2" }, spec: { topologySpreadConstraints } });
}
function running(...places: readonly string[]): Pod[] {
  return places.map((place, index) => pod(`old${index}`, { node: place, labels: { app: "p", version: "1" } }));
}

describe("DoNotSchedule", () => {
  it.each<[string, Pod, Pod[], Record<string, string>]>([
    [
      "the zone with fewer pods",
      wanting(constraint(zone)),
      running("a", "b", "c"),
      { a: uneven, b: uneven, c: "fits", d: "fits" },
    ],
    [
      "a larger skew",
      wanting(constraint(zone, { maxSkew: 2 })),
      running("a", "b", "c"),
      { a: "fits", b: "fits", c: "fits", d: "fits" },
    ],
    ["hosts", wanting(constraint(host)), running("a", "b", "c"), { a: uneven, b: uneven, c: uneven, d: "fits" }],
    [
      "both",
      wanting(constraint(zone), constraint(host)),
      running("a", "b", "c"),
      { a: uneven, b: uneven, c: uneven, d: "fits" },
    ],
    ["a label that no node has", wanting(constraint("rack")), [], { a: missing, b: missing, c: missing, d: missing }],
    [
      "too few domains",
      wanting(constraint(zone, { minDomains: 3 })),
      running("a", "c"),
      { a: uneven, b: uneven, c: uneven, d: uneven },
    ],
    [
      "enough domains",
      wanting(constraint(zone, { minDomains: 2 })),
      running("a", "c"),
      { a: "fits", b: "fits", c: "fits", d: "fits" },
    ],
    [
      "pods on their way out do not count",
      wanting(constraint(zone)),
      [pod("old", { node: "a", labels: { app: "p" }, metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } })],
      { a: "fits", b: "fits", c: "fits", d: "fits" },
    ],
    [
      "pods of other namespaces do not count",
      wanting(constraint(zone)),
      [pod("old", { node: "a", namespace: "x", labels: { app: "p" } })],
      { a: "fits", b: "fits", c: "fits", d: "fits" },
    ],
    [
      "only pods with the same label values",
      wanting(constraint(zone, { matchLabelKeys: ["version"] })),
      running("a", "b"),
      { a: "fits", b: "fits", c: "fits", d: "fits" },
    ],
    [
      "a pod that does not count itself",
      pod("p", { spec: { topologySpreadConstraints: [constraint(zone)] } }),
      running("a"),
      { a: "fits", b: "fits", c: "fits", d: "fits" },
    ],
  ])("%s", (_, wanted, pods, expected) => {
    expect(judge(spread, wanted, snapshotOf(nodes, pods))).toEqual(expected);
  });

  it("leaves out nodes that the pod cannot go to, unless told to ignore that", () => {
    const onlyZ1 = (more: Partial<TopologySpreadConstraint>): Pod =>
      pod("p", {
        labels: { app: "p" },
        spec: { nodeSelector: { [zone]: "z1" }, topologySpreadConstraints: [constraint(zone, more)] },
      });
    const snapshot = snapshotOf(nodes, running("a"));
    expect(judge(spread, onlyZ1({}), snapshot)).toMatchObject({ a: "fits", b: "fits" });
    expect(judge(spread, onlyZ1({ nodeAffinityPolicy: "Ignore" }), snapshot)).toMatchObject({ a: uneven, b: uneven });
  });

  it("leaves out tainted nodes only where told to", () => {
    const tainted = node("d", { labels: { [zone]: "z3" }, spec: { taints: [{ key: "x", effect: "NoSchedule" }] } });
    const snapshot = snapshotOf([...nodes.slice(0, 3), tainted], running("a", "c"));
    expect(judge(spread, wanting(constraint(zone)), snapshot)).toMatchObject({ a: uneven, c: uneven });
    expect(judge(spread, wanting(constraint(zone, { nodeTaintsPolicy: "Honor" })), snapshot)).toMatchObject({
      a: "fits",
      c: "fits",
    });
  });

  it("takes back exactly what it was told to imagine", () => {
    const pods = running("a", "b", "c");
    const snapshot = snapshotOf(nodes, pods);
    const cycle = cycleOf([spread], wanting(constraint(zone), constraint(host)), snapshot);
    const [filter] = cycle.filters;
    const judged = (): boolean[] => snapshot.nodes.map((info) => filter?.filter.filter(info) === undefined);
    const before = judged();
    for (const [index, place] of ["a", "b", "c"].entries()) {
      const [info, old] = [infoOf(snapshot, place), pods[index]];
      if (old === undefined) continue;
      filter?.filter.removePod?.(createPodInfo(old), info);
      expect(judged()[["a", "c", "b", "d"].indexOf(place)]).toBe(place !== "b" || true);
      filter?.filter.addPod?.(createPodInfo(old), info);
      expect(judged()).toEqual(before);
    }
  });
});

describe("ScheduleAnyway", () => {
  const soft = { whenUnsatisfiable: "ScheduleAnyway" };

  it("prefers topologies with fewer pods", () => {
    const snapshot = snapshotOf(nodes, running("a", "a", "c"));
    expect(scores(spread, wanting(constraint(zone, soft)), snapshot)).toEqual({ a: 33, b: 33, c: 100, d: 100 });
    const scored = scores(spread, wanting(constraint(host, soft)), snapshot);
    expect(scored).toEqual({ a: 0, b: 100, c: 50, d: 100 });
  });

  it("gives nothing to nodes without the label", () => {
    const snapshot = snapshotOf([...nodes, node("e")], running("a"));
    expect(scores(spread, wanting(constraint(zone, soft)), snapshot)).toMatchObject({ e: 0, c: 100 });
  });

  it("spreads pods of one controller or service by default", () => {
    const replicaSets = listerOf<ReplicaSet>([
      { metadata: { name: "rs", namespace: "default" }, spec: { selector: { matchLabels: { app: "p" } } } },
    ]);
    const services = listerOf<Service>([
      { metadata: { name: "s", namespace: "default" }, spec: { selector: { version: "2" } } },
    ]);
    const ownerReferences = [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "rs", uid: "1", controller: true }];
    const owned = pod("p", { labels: { app: "p" }, metadata: { ownerReferences } });
    const owning = createPodTopologySpread(defaultArgs.PodTopologySpread, listers({ replicaSets, services }));
    const snapshot = snapshotOf([...nodes, node("e")], running("a"));
    const scored = scores(owning, owned, snapshot);
    expect(scored).toMatchObject({ e: 100 });
    expect(scored).not.toMatchObject({ a: 100 });
    expect(scores(owning, pod("p", { labels: { app: "p" } }), snapshot)).toBe("skip");
    expect(scores(owning, pod("p", { labels: { version: "2" } }), snapshot)).not.toBe("skip");
  });

  it("uses the constraints of the configuration for pods without their own", () => {
    const services = listerOf<Service>([
      { metadata: { name: "s", namespace: "default" }, spec: { selector: { app: "p" } } },
    ]);
    const configured = createPodTopologySpread(
      {
        defaultingType: "List",
        defaultConstraints: [{ topologyKey: zone, maxSkew: 1, whenUnsatisfiable: "DoNotSchedule" }],
      },
      listers({ services }),
    );
    const snapshot = snapshotOf(nodes, running("a"));
    expect(judge(configured, pod("p", { labels: { app: "p" } }), snapshot)).toMatchObject({ a: uneven, c: "fits" });
  });
});
