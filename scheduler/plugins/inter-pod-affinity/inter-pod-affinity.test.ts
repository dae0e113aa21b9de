import { describe, expect, it } from "vitest";
import type { Namespace, Pod, PodAffinityTerm, PodSpec } from "../../../api/generated/types/core-v1.ts";
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
import { defaultArgs, type InterPodAffinityArgs } from "../args.ts";
import { createInterPodAffinity } from "./inter-pod-affinity.ts";

const namespaces = listerOf<Namespace>([
  { metadata: { name: "default", labels: { team: "a" } } },
  { metadata: { name: "other", labels: { team: "b" } } },
]);
const create = (args: Partial<InterPodAffinityArgs> = {}) =>
  createInterPodAffinity({ ...defaultArgs.InterPodAffinity, ...args }, listers({ namespaces }));

const zone = "topology.kubernetes.io/zone";
const nodes = [
  node("a", { labels: { [zone]: "z1" } }),
  node("b", { labels: { [zone]: "z1" } }),
  node("c", { labels: { [zone]: "z2" } }),
];
const far = "! node(s) didn't match pod affinity rules";
const near = "node(s) didn't match pod anti-affinity rules";
const unwanted = "node(s) didn't satisfy existing pods anti-affinity rules";

function term(app: string, more: Partial<PodAffinityTerm> = {}): PodAffinityTerm {
  return { labelSelector: { matchLabels: { app } }, topologyKey: zone, ...more };
}
function affinity(...terms: PodAffinityTerm[]): Partial<PodSpec> {
  return { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } } };
}
function anti(...terms: PodAffinityTerm[]): Partial<PodSpec> {
  return { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } } };
}
function prefers(
  kind: "podAffinity" | "podAntiAffinity",
  weight: number,
  podAffinityTerm: PodAffinityTerm,
): Partial<PodSpec> {
  return { affinity: { [kind]: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm }] } } };
}

describe("required inter-pod affinity", () => {
  const web = pod("web", { node: "a", labels: { app: "web" } });
  const elsewhere = pod("web", { node: "c", namespace: "other", labels: { app: "web" } });

  it.each<[string, Partial<PodSpec>, Pod[], [string, string, string]]>([
    ["near a pod", affinity(term("web")), [web], ["fits", "fits", far]],
    ["away from a pod", anti(term("web")), [web], [near, near, "fits"]],
    [
      "away from it on its host only",
      anti(term("web", { topologyKey: "kubernetes.io/hostname" })),
      [web],
      [near, "fits", "fits"],
    ],
    ["near nobody there is", affinity(term("db")), [web], [far, far, far]],
    ["of another namespace does not count", affinity(term("web")), [elsewhere], [far, far, far]],
    ["of a named namespace", affinity(term("web", { namespaces: ["other"] })), [web, elsewhere], [far, far, "fits"]],
    [
      "of namespaces by label",
      affinity(term("web", { namespaceSelector: { matchLabels: { team: "b" } } })),
      [web, elsewhere],
      [far, far, "fits"],
    ],
    ["of all namespaces", anti(term("web", { namespaceSelector: {} })), [web, elsewhere], [near, near, near]],
    [
      "all terms by the same pod",
      affinity(term("web"), term("db")),
      [web, pod("db", { node: "c", labels: { app: "db" } })],
      [far, far, far],
    ],
    ["a topology that nodes lack", affinity(term("web", { topologyKey: "rack" })), [web], [far, far, far]],
    ["no selector selects nothing", anti({ topologyKey: zone }), [web], ["fits", "fits", "fits"]],
  ])("%s", (_, spec, pods, [a, b, c]) => {
    expect(judge(create(), pod("p", { spec }), snapshotOf(nodes, pods))).toEqual({ a, b, c });
  });

  it("lets the first of a set of pods that want each other go anywhere", () => {
    const first = pod("p", { labels: { app: "web" }, spec: affinity(term("web")) });
    expect(judge(create(), first, snapshotOf([...nodes, node("d")]))).toEqual({
      a: "fits",
      b: "fits",
      c: "fits",
      d: far,
    });
    expect(judge(create(), first, snapshotOf(nodes, [web]))).toEqual({ a: "fits", b: "fits", c: far });
  });

  it("heeds pods that run and want this one away", () => {
    const shy = pod("shy", { node: "a", spec: anti(term("web")) });
    expect(judge(create(), pod("p", { labels: { app: "web" } }), snapshotOf(nodes, [shy]))).toEqual({
      a: unwanted,
      b: unwanted,
      c: "fits",
    });
    expect(judge(create(), pod("p", { namespace: "other", labels: { app: "web" } }), snapshotOf(nodes, [shy]))).toEqual(
      { a: "fits", b: "fits", c: "fits" },
    );
    const shyOfTeam = pod("shy", {
      node: "a",
      spec: anti(term("web", { namespaceSelector: { matchLabels: { team: "b" } } })),
    });
    expect(
      judge(create(), pod("p", { namespace: "other", labels: { app: "web" } }), snapshotOf(nodes, [shyOfTeam])),
    ).toEqual({ a: unwanted, b: unwanted, c: "fits" });
  });

  it("takes back exactly what it was told to imagine", () => {
    const snapshot = snapshotOf(nodes, [web]);
    const cycle = cycleOf([create()], pod("p", { spec: anti(term("web")) }), snapshot);
    const [running] = cycle.filters;
    const a = infoOf(snapshot, "a");
    const judged = (): boolean[] => snapshot.nodes.map((info) => running?.filter.filter(info) === undefined);
    const before = judged();
    running?.filter.removePod?.(createPodInfo(web), a);
    expect(judged()).toEqual([true, true, true]);
    running?.filter.addPod?.(createPodInfo(web), a);
    expect(judged()).toEqual(before);
  });
});

describe("preferred inter-pod affinity", () => {
  const web = pod("web", { node: "a", labels: { app: "web" } });

  it.each<[string, Partial<PodSpec>, Pod[], unknown]>([
    ["near", prefers("podAffinity", 5, term("web")), [web], { a: 100, b: 100, c: 0 }],
    ["away", prefers("podAntiAffinity", 5, term("web")), [web], { a: 0, b: 0, c: 100 }],
    ["nobody there", prefers("podAffinity", 5, term("db")), [web], "skip"],
    [
      "others want it near",
      {},
      [pod("o", { node: "c", spec: prefers("podAffinity", 5, term("p")) })],
      { a: 0, b: 0, c: 100 },
    ],
    [
      "others want it away",
      {},
      [pod("o", { node: "c", spec: prefers("podAntiAffinity", 5, term("p")) })],
      { a: 100, b: 100, c: 0 },
    ],
    ["others must have it near", {}, [pod("o", { node: "c", spec: affinity(term("p")) })], { a: 0, b: 0, c: 100 }],
    [
      "numbers count",
      prefers("podAffinity", 5, term("web")),
      [web, pod("w2", { node: "a", labels: { app: "web" } }), pod("w3", { node: "c", labels: { app: "web" } })],
      { a: 100, b: 100, c: 0 },
    ],
  ])("%s", (_, spec, pods, expected) => {
    expect(scores(create(), pod("p", { labels: { app: "p" }, spec }), snapshotOf(nodes, pods))).toEqual(expected);
  });

  it("can be told to leave out what others prefer", () => {
    const others = [pod("o", { node: "c", spec: prefers("podAffinity", 5, term("p")) })];
    const ignoring = create({ ignorePreferredTermsOfExistingPods: true });
    expect(scores(ignoring, pod("p", { labels: { app: "p" } }), snapshotOf(nodes, others))).toBe("skip");
    const hard = [pod("o", { node: "c", spec: affinity(term("p")) })];
    expect(
      scores(create({ hardPodAffinityWeight: 0 }), pod("p", { labels: { app: "p" } }), snapshotOf(nodes, hard)),
    ).toBe("skip");
  });
});
