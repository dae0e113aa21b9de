/** A node with its pods and their sums. Never changed: another pod makes another NodeInfo. */
import { readQuantities } from "../../api/core/quantities.ts";
import type { Node, Taint } from "../../api/generated/types/core-v1.ts";
import type { Labels } from "../../api/machinery/labels.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { roundUp } from "../../api/machinery/quantity.ts";
import { type Amounts, amountsOf } from "./amounts.ts";
import { type HostPort, type UsedPorts, usePorts } from "./host-ports.ts";
import { hasAffinity, type NonZeroAmounts, type PodInfo } from "./pod-info.ts";

/** What the Node object alone says, computed once for each version of it. */
export interface NodeFacts {
  readonly node: DeepReadonly<Node>;
  readonly name: string;
  readonly labels: Labels;
  readonly taints: readonly DeepReadonly<Taint>[];
  /** Cordoned. */
  readonly isUnschedulable: boolean;
  readonly allocatable: Amounts;
  readonly allowedPods: number;
  /** Sizes in bytes by each name of an image. */
  readonly images: ReadonlyMap<string, number>;
}

export interface NodeInfo extends NodeFacts {
  readonly pods: readonly PodInfo[];
  readonly podsWithAffinity: readonly PodInfo[];
  readonly podsWithRequiredAntiAffinity: readonly PodInfo[];
  readonly requested: Amounts;
  readonly nonZeroRequested: NonZeroAmounts;
  readonly usedPorts: UsedPorts;
  /** How many of the pods use a claim, by `namespace/name`. */
  readonly claimUses: ReadonlyMap<string, number>;
  /**
   * Higher than that of any NodeInfo made before by the same cache; 0 for trials. The same for two that differ in
   * nothing but what their pods tell of themselves (`isSameNeighbour`).
   */
  readonly generation: number;
}

export function nodeFactsOf(node: DeepReadonly<Node>): NodeFacts {
  const allocatable = readQuantities(node.status?.allocatable ?? node.status?.capacity);
  const pods = allocatable.get("pods");
  return {
    node,
    name: node.metadata?.name ?? "",
    labels: node.metadata?.labels ?? {},
    taints: node.spec?.taints ?? [],
    isUnschedulable: node.spec?.unschedulable === true,
    allocatable: amountsOf(allocatable),
    allowedPods: pods === undefined ? 0 : Number(roundUp(pods)),
    images: imageSizes(node),
  };
}

function imageSizes({ status }: DeepReadonly<Node>): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { names = [], sizeBytes = 0 } of status?.images ?? [])
    for (const name of names) sizes.set(name, Number(sizeBytes));
  return sizes;
}

export function createNodeInfo(facts: NodeFacts, pods: readonly PodInfo[], generation = 0): NodeInfo {
  const requested = { milliCpu: 0, memory: 0, ephemeralStorage: 0, scalars: new Map<string, number>() };
  const nonZeroRequested = { milliCpu: 0, memory: 0 };
  const usedPorts = new Map<string, Set<string>>();
  const claimUses = new Map<string, number>();
  for (const { requests, nonZeroRequests, hostPorts, claims } of pods) {
    requested.milliCpu += requests.milliCpu;
    requested.memory += requests.memory;
    requested.ephemeralStorage += requests.ephemeralStorage;
    if (requests.scalars.size > 0) addScalars(requested.scalars, requests.scalars);
    nonZeroRequested.milliCpu += nonZeroRequests.milliCpu;
    nonZeroRequested.memory += nonZeroRequests.memory;
    if (hostPorts.length > 0) usePorts(usedPorts, hostPorts);
    for (const claim of claims) claimUses.set(claim, (claimUses.get(claim) ?? 0) + 1);
  }
  const podsWithAffinity = pods.filter(hasAffinity);
  return {
    ...facts,
    pods,
    podsWithAffinity,
    podsWithRequiredAntiAffinity: podsWithAffinity.filter(({ affinity }) => affinity.requiredAnti.length > 0),
    requested,
    nonZeroRequested,
    usedPorts,
    claimUses,
    generation,
  };
}

function addScalars(total: Map<string, number>, more: ReadonlyMap<string, number>): void {
  for (const [name, amount] of more) total.set(name, (total.get(name) ?? 0) + amount);
}

/** As if this pod ran there, too. Preemption asks often: what the pod does not change is shared. */
export function withPod(node: NodeInfo, pod: PodInfo): NodeInfo {
  const { requests, nonZeroRequests, hostPorts, claims } = pod;
  const isAnti = pod.affinity.requiredAnti.length > 0;
  return {
    ...node,
    generation: 0,
    pods: [...node.pods, pod],
    podsWithAffinity: hasAffinity(pod) ? [...node.podsWithAffinity, pod] : node.podsWithAffinity,
    podsWithRequiredAntiAffinity: isAnti
      ? [...node.podsWithRequiredAntiAffinity, pod]
      : node.podsWithRequiredAntiAffinity,
    requested: sumOf(node.requested, requests),
    nonZeroRequested: {
      milliCpu: node.nonZeroRequested.milliCpu + nonZeroRequests.milliCpu,
      memory: node.nonZeroRequested.memory + nonZeroRequests.memory,
    },
    usedPorts: hostPorts.length === 0 ? node.usedPorts : portsWith(node.usedPorts, hostPorts),
    claimUses: claims.length === 0 ? node.claimUses : usesWith(node.claimUses, claims),
  };
}

function sumOf(a: Amounts, b: Amounts): Amounts {
  let scalars = a.scalars;
  if (b.scalars.size > 0) {
    const copy = new Map(a.scalars);
    addScalars(copy, b.scalars);
    scalars = copy;
  }
  return {
    milliCpu: a.milliCpu + b.milliCpu,
    memory: a.memory + b.memory,
    ephemeralStorage: a.ephemeralStorage + b.ephemeralStorage,
    scalars,
  };
}

function portsWith(used: UsedPorts, ports: readonly HostPort[]): UsedPorts {
  const copy = new Map([...used].map(([key, addresses]) => [key, new Set(addresses)]));
  usePorts(copy, ports);
  return copy;
}

function usesWith(uses: ReadonlyMap<string, number>, claims: readonly string[]): ReadonlyMap<string, number> {
  const copy = new Map(uses);
  for (const claim of claims) copy.set(claim, (copy.get(claim) ?? 0) + 1);
  return copy;
}

/** As if these pods were gone. */
export function withoutPods(node: NodeInfo, gone: ReadonlySet<PodInfo>): NodeInfo {
  return createNodeInfo(
    node,
    node.pods.filter((pod) => !gone.has(pod)),
  );
}
