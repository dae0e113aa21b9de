import fc from "fast-check";
import { expect, it } from "vitest";
import type { Node, Pod } from "../../api/generated/types/core-v1.ts";
import { createSchedulerCache } from "../framework/cache.ts";
import { findFeasibleNodes } from "../framework/feasible-nodes.ts";
import { createPodInfo } from "../framework/pod-info.ts";
import { startCycle } from "../framework/start-cycle.ts";
import { listers, node, noneNominated, pod, profileOf } from "../framework/stage.testing.ts";
import { defaultArgs } from "./args.ts";
import { createInterPodAffinity } from "./inter-pod-affinity/inter-pod-affinity.ts";
import { nodePorts } from "./node-ports.ts";
import { createNodeResourcesFit } from "./node-resources-fit.ts";
import { createPodTopologySpread } from "./pod-topology-spread/pod-topology-spread.ts";

const zone = "topology.kubernetes.io/zone";

interface Wish {
  readonly app: number;
  readonly cpu: number;
  readonly port: number;
  readonly antiHost: boolean;
  readonly antiZone: boolean;
  readonly spread: boolean;
  readonly gone: boolean;
}

const wishes: fc.Arbitrary<Wish[]> = fc.array(
  fc.record({
    app: fc.integer({ min: 0, max: 2 }),
    cpu: fc.integer({ min: 0, max: 4 }),
    port: fc.integer({ min: 0, max: 2 }),
    antiHost: fc.boolean(),
    antiZone: fc.constantFrom(true, false, false, false),
    spread: fc.boolean(),
    gone: fc.constantFrom(true, false, false),
  }),
  { maxLength: 25 },
);

function podOf(index: number, { app, cpu, port, antiHost, antiZone, spread }: Wish): Pod {
  const labelSelector = { matchLabels: { app: String(app) } };
  const keys = [...(antiHost ? ["kubernetes.io/hostname"] : []), ...(antiZone ? [zone] : [])];
  return pod(`p${index}`, {
    labels: { app: String(app) },
    requests: { cpu: String(cpu) },
    ports: port === 0 ? [] : [{ hostPort: port }],
    spec: {
      containers: [
        {
          name: "c",
          image: "i",
          resources: { requests: { cpu: String(cpu) } },
          ports: port === 0 ? [] : [{ containerPort: port, hostPort: port }],
        },
      ],
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: keys.map((topologyKey) => ({ topologyKey, labelSelector })),
        },
      },
      ...(spread
        ? {
            topologySpreadConstraints: [
              { topologyKey: zone, maxSkew: 1, whenUnsatisfiable: "DoNotSchedule", labelSelector },
            ],
          }
        : {}),
    },
  });
}

/** What must hold of all pods together, found the long way. */
function broken(nodes: readonly Node[], placed: readonly Pod[]): string[] {
  const problems: string[] = [];
  const nodeOf = (one: Pod): Node | undefined => nodes.find(({ metadata }) => metadata?.name === one.spec?.nodeName);
  for (const { metadata } of nodes) {
    const here = placed.filter(({ spec }) => spec?.nodeName === metadata?.name);
    const cpu = here.reduce((sum, one) => sum + createPodInfo(one).requests.milliCpu, 0);
    if (cpu > 4000 || here.length > 5) problems.push(`${metadata?.name} is overcommitted`);
    const ports = here.flatMap((one) => createPodInfo(one).hostPorts.map((port) => port.port));
    if (new Set(ports).size < ports.length) problems.push(`${metadata?.name} gives a port twice`);
  }
  for (const one of placed)
    for (const term of one.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [])
      for (const other of placed) {
        const [mine, theirs] = [one, other].map((each) => nodeOf(each)?.metadata?.labels?.[term.topologyKey]);
        const isMeant = other.metadata?.labels?.["app"] === term.labelSelector?.matchLabels?.["app"];
        if (one !== other && isMeant && mine !== undefined && mine === theirs)
          problems.push(`${one.metadata?.name} is too near to ${other.metadata?.name}`);
      }
  return problems;
}

it("never overcommits a node, and never breaks what pods require", () => {
  const plugins = [
    nodePorts,
    createNodeResourcesFit(defaultArgs.NodeResourcesFit),
    createPodTopologySpread(defaultArgs.PodTopologySpread, listers()),
    createInterPodAffinity(defaultArgs.InterPodAffinity, listers()),
  ];
  const nodes = [0, 1, 2, 3].map((index) =>
    node(`n${index}`, { labels: { [zone]: `z${index % 2}` }, allocatable: { cpu: "4", pods: "5" } }),
  );
  fc.assert(
    fc.property(wishes, fc.nat(), (all, seed) => {
      const cache = createSchedulerCache();
      for (const one of nodes) cache.setNode(one);
      let placed: Pod[] = [];
      for (const [index, wish] of all.entries()) {
        const wanted = podOf(index, wish);
        const cycle = startCycle(profileOf(plugins), createPodInfo(wanted), cache.snapshot());
        if ("rejected" in cycle) continue;
        const { feasible } = findFeasibleNodes(cycle, { nominated: noneNominated, start: seed % 4, enough: 9 });
        const chosen = feasible[seed % Math.max(feasible.length, 1)];
        if (chosen === undefined) continue;
        const bound: Pod = { ...wanted, spec: { containers: [], ...wanted.spec, nodeName: chosen.name } };
        cache.assumePod(createPodInfo(bound), chosen.name);
        placed.push(bound);
        expect(broken(nodes, placed)).toEqual([]);
        if (wish.spread) {
          const inZones = ["z0", "z1"].map(
            (name) =>
              placed.filter(
                ({ metadata, spec }) =>
                  metadata?.labels?.["app"] === String(wish.app) &&
                  nodes.find((one) => one.metadata?.name === spec?.nodeName)?.metadata?.labels?.[zone] === name,
              ).length,
          );
          const here = inZones[chosen.labels[zone] === "z0" ? 0 : 1] ?? 0;
          expect(here - Math.min(...inZones)).toBeLessThanOrEqual(1);
        }
        if (wish.gone) {
          cache.removePod(bound.metadata?.uid ?? "");
          placed = placed.filter((one) => one !== bound);
        }
      }
    }),
    { numRuns: 200 },
  );
});
