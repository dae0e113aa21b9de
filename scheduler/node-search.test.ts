import fc from "fast-check";
import { expect, it } from "vitest";
import { createSchedulerCache } from "./framework/cache.ts";
import { findFeasibleNodes } from "./framework/feasible-nodes.ts";
import { createPodInfo } from "./framework/pod-info.ts";
import { scoreNodes } from "./framework/score-nodes.ts";
import { listers, node, noneNominated, pod, type PodParts } from "./framework/stage.testing.ts";
import { startCycle } from "./framework/start-cycle.ts";
import { completeConfiguration } from "./configuration/load.ts";
import { createProfiles } from "./create-profiles.ts";
import { createNodeMemory, kindOf } from "./node-memory.ts";
import { scoreFound, searchNodes } from "./node-search.ts";

const unused = { name: "unused" };

const kinds: readonly PodParts[] = [
  { requests: { cpu: "500m" } },
  { requests: { cpu: "500m" }, labels: { app: "a" } },
  { requests: { cpu: "1", memory: "1Gi" }, ports: [{ hostPort: 80 }] },
  { spec: { nodeSelector: { disk: "ssd" } } },
  { spec: { tolerations: [{ operator: "Exists" }] } },
  {
    labels: { app: "a" },
    spec: {
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "a" } } },
          ],
        },
      },
    },
  },
];

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("schedule" as const), which: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("cordon", "taint", "remove", "free"), which: fc.nat(7) }) },
);

it("property: what is remembered of nodes changes no answer", () => {
  const [profile] = createProfiles(completeConfiguration(), {
    listers: listers(),
    volumes: {
      updateVolume: (volume) => Promise.resolve(volume),
      updateClaim: (claim) => Promise.resolve(claim),
      hasPod: () => true,
      until: () => Promise.resolve(),
    },
    claims: {
      fetchClaim: () => Promise.reject(new Error("there are no claims")),
      updateClaim: (claim) => Promise.resolve(claim),
      updateClaimStatus: (claim) => Promise.resolve(claim),
      removeReservation: () => undefined,
      now: () => 0,
    },
    binder: unused,
    createPreemption: () => unused,
  }).values();
  if (profile === undefined) throw new Error("no profile");
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
      const cache = createSchedulerCache();
      const memory = createNodeMemory();
      const nameOf = (index: number): string => `node-${index}`;
      const make = (index: number, spec = {}): void =>
        cache.setNode(node(nameOf(index), { labels: { disk: index % 2 === 0 ? "ssd" : "hdd" }, spec }));
      for (let index = 0; index < 8; index += 1) make(index);
      let [start, placed]: [number, string[]] = [0, []];
      for (const [number, { do: what, which }] of steps.entries()) {
        if (what === "cordon") make(which, { unschedulable: true });
        else if (what === "taint") make(which, { taints: [{ key: "k", effect: "PreferNoSchedule" }] });
        else if (what === "remove") cache.removeNode(nameOf(which));
        else if (what === "free") {
          const [first = "", ...others] = placed;
          placed = others;
          cache.removePod(first);
        } else {
          const info = createPodInfo(pod(`pod-${number}`, kinds[which]));
          const snapshot = cache.snapshot();
          if (snapshot.nodes.length === 0) continue;
          const cycle = startCycle(profile, info, snapshot);
          if ("rejected" in cycle) throw new Error("rejected");
          const search = { nominated: noneNominated, hasNominated: false, start, enough: 5 };
          const expected = findFeasibleNodes(cycle, search);
          const known = memory.of(kindOf(info), snapshot.nodes.length);
          const found = searchNodes(cycle, known, search);
          expect({ ...found, places: undefined }).toEqual({ ...expected, places: undefined });
          expect(scoreFound(profile, cycle, known, found)).toEqual(scoreNodes(profile, cycle, expected.feasible));
          start = found.nextStart;
          const [chosen] = found.feasible;
          if (chosen !== undefined && cache.assumePod(info, chosen.name)) placed.push(info.uid);
        }
      }
    }),
  );
});
