/** A pod with all that scheduling asks of it again and again, computed once. */
import { podRequests, type PodResourceOptions } from "../../api/core/pod-resources.ts";
import { isPodLevelResource } from "../../api/core/resource-list-defaults.ts";
import type { Container, Pod, PodSpec } from "../../api/generated/types/core-v1.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import type { Labels } from "../../api/machinery/labels.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { type AffinityTerm, affinityTermOf, type WeightedAffinityTerm } from "./affinity-term.ts";
import { type Amounts, amountsOf, sameAmounts } from "./amounts.ts";
import type { HostPort } from "./host-ports.ts";

export interface PodInfo {
  readonly pod: DeepReadonly<Pod>;
  /** `namespace/name`. */
  readonly key: string;
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels | undefined;
  /** Of its class; 0 without. */
  readonly priority: number;
  /** What it takes of a node: with overhead, and the most of what it has and wants while it is resized. */
  readonly requests: Amounts;
  /** The same, where containers that ask for no CPU or memory are taken to need a little: only for scoring. */
  readonly nonZeroRequests: NonZeroAmounts;
  readonly hostPorts: readonly HostPort[];
  /** `namespace/name` of the claims behind its volumes, generic ephemeral ones included. */
  readonly claims: readonly string[];
  readonly affinity: PodAffinityTerms;
}

export interface NonZeroAmounts {
  readonly milliCpu: number;
  readonly memory: number;
}

export interface PodAffinityTerms {
  readonly required: readonly AffinityTerm[];
  readonly requiredAnti: readonly AffinityTerm[];
  readonly preferred: readonly WeightedAffinityTerm[];
  readonly preferredAnti: readonly WeightedAffinityTerm[];
}

const noTerms: PodAffinityTerms = { required: [], requiredAnti: [], preferred: [], preferredAnti: [] };
const resources: PodResourceOptions = { overhead: true, resizing: true, podLevel: isPodLevelResource };

export function createPodInfo(pod: DeepReadonly<Pod>): PodInfo {
  const { name = "", namespace = "", uid = "", labels } = pod.metadata ?? {};
  const requests = amountsOf(podRequests(pod, resources));
  return {
    pod,
    key: `${namespace}/${name}`,
    uid,
    namespace,
    name,
    labels,
    priority: pod.spec?.priority ?? 0,
    requests,
    nonZeroRequests: nonZeroRequests(pod, requests),
    hostPorts: hostPorts(pod.spec),
    claims: claimsOf(pod).map(({ key }) => key),
    affinity: affinityTerms(pod, namespace),
  };
}

/**
 * Whether others are placed beside it just as before: most of what is told of a pod that has a node is how it is doing.
 * Terms of affinity are not compared: with them the answer is no.
 */
export function isSameNeighbour(before: PodInfo, after: PodInfo): boolean {
  return (
    before.affinity === noTerms &&
    after.affinity === noTerms &&
    before.pod.metadata?.deletionTimestamp === after.pod.metadata?.deletionTimestamp &&
    sameAmounts(before.requests, after.requests) &&
    before.nonZeroRequests.milliCpu === after.nonZeroRequests.milliCpu &&
    before.nonZeroRequests.memory === after.nonZeroRequests.memory &&
    deepEqual(before.labels, after.labels) &&
    deepEqual(before.hostPorts, after.hostPorts) &&
    deepEqual(before.claims, after.claims)
  );
}

export interface PodClaim {
  /** `namespace/name`. */
  readonly key: string;
  readonly name: string;
  /** Made for the pod, and owned by it. */
  readonly isEphemeral: boolean;
}

export function claimsOf({ metadata, spec }: DeepReadonly<Pod>): PodClaim[] {
  const claims: PodClaim[] = [];
  for (const volume of spec?.volumes ?? []) {
    const isEphemeral = volume.ephemeral !== undefined;
    const name = isEphemeral ? `${metadata?.name}-${volume.name}` : volume.persistentVolumeClaim?.claimName;
    if (name !== undefined) claims.push({ key: `${metadata?.namespace}/${name}`, name, isEphemeral });
  }
  return claims;
}

const leastCpu = "100m";
const leastMemory = "200Mi";

function nonZeroRequests(pod: DeepReadonly<Pod>, requests: NonZeroAmounts): NonZeroAmounts {
  const { containers = [], initContainers = [] } = pod.spec ?? {};
  if (containers.every(asksForBoth) && initContainers.every(asksForBoth)) return requests;
  const fullSpec = {
    ...pod.spec,
    containers: containers.map(withLeast),
    initContainers: initContainers.map(withLeast),
  };
  const { milliCpu, memory } = amountsOf(podRequests({ ...pod, spec: fullSpec }, resources));
  return { milliCpu, memory };
}

function asksForBoth({ resources: { requests } = {} }: DeepReadonly<Container>): boolean {
  return requests !== undefined && Object.hasOwn(requests, "cpu") && Object.hasOwn(requests, "memory");
}

function withLeast(container: DeepReadonly<Container>): DeepReadonly<Container> {
  const requests = { cpu: leastCpu, memory: leastMemory, ...container.resources?.requests };
  return { ...container, resources: { ...container.resources, requests } };
}

/** Those of sidecars count, too; other init containers are gone before they could be in the way for long. */
function hostPorts(spec: DeepReadonly<PodSpec> | undefined): HostPort[] {
  const ports: HostPort[] = [];
  const lasting = [
    ...(spec?.containers ?? []),
    ...(spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always"),
  ];
  for (const container of lasting) {
    for (const { hostPort = 0, protocol, hostIP } of container.ports ?? [])
      if (hostPort > 0) ports.push({ protocol: protocol || "TCP", ip: hostIP || "0.0.0.0", port: hostPort });
  }
  return ports;
}

function affinityTerms(pod: DeepReadonly<Pod>, namespace: string): PodAffinityTerms {
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
  if (podAffinity === undefined && podAntiAffinity === undefined) return noTerms;
  const required = (terms: DeepReadonly<typeof podAffinity>): AffinityTerm[] =>
    (terms?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => affinityTermOf(term, namespace));
  const preferred = (terms: DeepReadonly<typeof podAffinity>): WeightedAffinityTerm[] =>
    (terms?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ weight, podAffinityTerm }) => ({
      weight,
      term: affinityTermOf(podAffinityTerm, namespace),
    }));
  return {
    required: required(podAffinity),
    requiredAnti: required(podAntiAffinity),
    preferred: preferred(podAffinity),
    preferredAnti: preferred(podAntiAffinity),
  };
}

export function hasAffinity({ affinity }: PodInfo): boolean {
  return affinity.required.length + affinity.preferred.length > 0 || hasAntiAffinity(affinity);
}

function hasAntiAffinity({ requiredAnti, preferredAnti }: PodAffinityTerms): boolean {
  return requiredAnti.length + preferredAnti.length > 0;
}
