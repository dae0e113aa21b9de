import type { Taint } from "../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../api/machinery/object.ts";
import { Scope } from "../base/scope.ts";
import { type AgentDeps, kubeletDeps } from "./agent-deps.ts";
import { type Kubelet, startKubelet } from "./kubelet/kubelet.ts";
import { createPodWorkers } from "./kubelet/pod-workers.ts";
import { createImageCatalogue } from "./runtime/simulated/image-name.ts";
import { compileRules, type Rule } from "./runtime/simulated/rules.ts";
import { fallbackPodRange, simulatedMachine } from "./runtime/simulated/simulated-machine.ts";
import { SimulatedRuntime } from "./runtime/simulated/simulated-runtime.ts";

export interface SimulatedNodesOptions {
  readonly count: number;
  /** The name of each, from 0; `node-0`, `node-1`, … when absent. */
  readonly nameOf?: (index: number) => string;
  /** Before the rules that stand anyway; see README. */
  readonly rules?: readonly Rule[];
  /** Of each node: 16 cores, 64Gi and 110 pods where nothing is said. */
  readonly capacity?: Readonly<Record<string, string>>;
  readonly labelsOf?: (index: number) => Readonly<Record<string, string>>;
  readonly taints?: readonly DeepReadonly<Taint>[];
  /** Events of pods, images in the status of nodes, leases each 10 s instead of 20 s: where nothing is said, up to twenty nodes. */
  readonly inDetail?: boolean;
  /** Milliseconds between two renewals of a node's Lease; what `inDetail` says when absent. */
  readonly leaseRenewMs?: number;
  /** See KubeletOptions. */
  readonly statusReportMs?: number;
  /** As nodes tell: `v1.36.2`, `amd64`. */
  readonly version?: string;
  readonly architecture?: string;
}

export interface SimulatedNodes extends AsyncDisposable {
  /** In order. */
  readonly kubelets: readonly Kubelet[];
}

/** Past so many nodes details are left out, unless they are asked for. */
const mostInDetail = 20;
/** Of nodes without details: leases are all that costs while nothing happens, and are good for forty seconds. */
const sparingRenewMs = 20_000;
/** Nodes that register at once. */
const startingAtOnce = 32;

/** Starts simulated nodes, one or thousands, in this process; resolves when all are registered. They share what can be shared. */
export async function runSimulatedNodes(options: SimulatedNodesOptions, deps: AgentDeps): Promise<SimulatedNodes> {
  await using scope = new Scope();
  const rules = compileRules(options.rules ?? []);
  const catalogue = createImageCatalogue();
  const workers = scope.use(createPodWorkers(deps));
  const recorders = new Scope();
  scope.use(recorders);
  const kubelets: Kubelet[] = [];
  scope.defer(async () => {
    await Promise.all(kubelets.map((kubelet) => kubelet[Symbol.asyncDispose]()));
  });
  const nameOf = options.nameOf ?? ((index) => `node-${index}`);
  const inDetail = options.inDetail ?? options.count <= mostInDetail;
  const leaseRenewMs = options.leaseRenewMs ?? (inDetail ? undefined : sparingRenewMs);
  const start = async (index: number): Promise<void> => {
    const nodeName = nameOf(index);
    const runtime = new SimulatedRuntime({ nodeName, rules, catalogue, clock: deps.clock, random: deps.random });
    const { capacity, labelsOf, taints, version, architecture } = options;
    const machine = simulatedMachine({
      ...{ nodeName, index, runtimeVersion: runtime.version },
      ...(capacity === undefined ? {} : { capacity }),
      ...(labelsOf === undefined ? {} : { labels: labelsOf(index) }),
      ...(taints === undefined ? {} : { taints }),
      ...(version === undefined ? {} : { version }),
      ...(architecture === undefined ? {} : { architecture }),
    });
    kubelets[index] = await startKubelet(
      {
        machine,
        runtime,
        fallbackPodRange: fallbackPodRange(index),
        reportsImages: inDetail,
        ...(leaseRenewMs === undefined ? {} : { leaseRenewMs }),
        ...(options.statusReportMs === undefined ? {} : { statusReportMs: options.statusReportMs }),
      },
      kubeletDeps(nodeName, { deps, workers, scope: recorders, hasEvents: inDetail }),
    );
  };
  let next = 0;
  const startMany = async (): Promise<void> => {
    while (next < options.count) await start(next++);
  };
  await Promise.all(Array.from({ length: Math.min(startingAtOnce, options.count) }, startMany));
  const all = scope.move();
  return { kubelets, [Symbol.asyncDispose]: () => all[Symbol.asyncDispose]() };
}
