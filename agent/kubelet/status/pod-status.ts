import { podRequests } from "../../../api/core/pod-resources.ts";
import { isPodLevelResource } from "../../../api/core/resource-list-defaults.ts";
import { qosClass } from "../../../api/core/pod-qos.ts";
import { writeQuantities } from "../../../api/core/quantities.ts";
import type { ContainerStatus, PodStatus } from "../../../api/generated/types/core-v1.ts";
import { deepEqual } from "../../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { formatTime } from "../../../api/machinery/time.ts";
import { type AnyPod, hasInitialized, type Observed } from "../observed.ts";
import { withResources } from "../resize.ts";
import { othersConditions, podConditions } from "./conditions.ts";
import { containerStatuses } from "./container-statuses.ts";
import { type Phase, phaseOf } from "./phase.ts";

export interface Host {
  /** The node's own addresses, at most one of each family. */
  readonly ips: readonly string[];
  /** The scheme of container IDs. */
  readonly runtimeName: string;
}

type Status = DeepReadonly<PodStatus>;

/**
 * The status that is true now, made of what the API has and what is seen on the node; the very one that `pod` has where
 * nothing has changed. `now` in milliseconds.
 */
export function podStatus(
  pod: AnyPod,
  observed: Observed,
  { host, now }: { readonly host: Host; readonly now: number },
): Status {
  const status =
    observed.failure?.isRejection === true ? rejected(pod, observed, now) : running(pod, observed, host, now);
  return deepEqual(status, pod.status) ? (pod.status ?? status) : status;
}

function running(pod: AnyPod, observed: Observed, host: Host, now: number): Status {
  const { spec = { containers: [] }, status: before = {}, metadata } = pod;
  const lists = containerStatuses(pod, observed, host.runtimeName);
  const statuses = new Map<string, DeepReadonly<ContainerStatus>>();
  for (const status of [...lists.initContainerStatuses, ...lists.containerStatuses]) statuses.set(status.name, status);
  const { isOver } = observed;
  const initialized = hasInitialized(pod, observed.containers);
  const calculated = phaseOf({ spec, statuses, isOver, hasInitialized: initialized });
  const phase = settledPhase(calculated, pod, observed);
  const conditions = podConditions({
    ...{ spec, observed, phase, statuses, now },
    generation: metadata?.generation,
    before: before.conditions ?? [],
  });
  const { initContainerStatuses, containerStatuses: mainStatuses, ephemeralContainerStatuses } = lists;
  return {
    ...notOurs(before),
    ...generationOf(pod),
    phase,
    ...reasonOf(phase, before, observed),
    conditions,
    ...addresses(pod, observed, host),
    startTime: before.startTime ?? formatTime(now),
    ...(initContainerStatuses.length === 0 ? {} : { initContainerStatuses }),
    containerStatuses: mainStatuses,
    ...(ephemeralContainerStatuses.length === 0 ? {} : { ephemeralContainerStatuses }),
    qosClass: before.qosClass ?? qosClass(spec),
    ...podResources(observed.resources === undefined ? pod : withResources(pod, observed.resources)),
  };
}

/** What never ran has no containers to tell of. */
function rejected(pod: AnyPod, { failure }: Observed, now: number): Status {
  const { status: before = {}, spec = { containers: [] } } = pod;
  const conditions = othersConditions(before.conditions ?? []);
  return {
    ...notOurs(before),
    ...generationOf(pod),
    phase: "Failed",
    ...(failure === undefined ? {} : { reason: failure.reason, message: `Pod was rejected: ${failure.message}` }),
    ...(conditions.length === 0 ? {} : { conditions }),
    startTime: before.startTime ?? formatTime(now),
    qosClass: before.qosClass ?? qosClass(spec),
  };
}

/** Nothing leads out of Succeeded and Failed, and nothing leads there as long as a container runs. */
function settledPhase(calculated: Phase, { status }: AnyPod, { failure, isOver, isEnding }: Observed): Phase {
  const before = status?.phase;
  if (before === "Failed" || before === "Succeeded") return before;
  if (!isOver && isTerminal(calculated)) return before === "Running" ? "Running" : "Pending";
  if (isOver && failure !== undefined) return "Failed";
  // Ended before everything had started.
  if (isOver && isEnding && !isTerminal(calculated)) return "Failed";
  return calculated;
}

function isTerminal(phase: Phase): boolean {
  return phase === "Failed" || phase === "Succeeded";
}

function reasonOf(phase: Phase, before: Status, { failure, isOver }: Observed): Pick<Status, "reason" | "message"> {
  const { reason, message } = failure !== undefined && isOver ? failure : phase === before.phase ? before : {};
  return { ...(reason === undefined ? {} : { reason }), ...(message === undefined ? {} : { message }) };
}

/** Fields of the status that others write. */
function notOurs(before: Status): Status {
  const { nominatedNodeName, resourceClaimStatuses, extendedResourceClaimStatus } = before;
  const { nodeAllocatableResourceClaimStatuses } = before;
  return {
    ...(nominatedNodeName === undefined ? {} : { nominatedNodeName }),
    ...(resourceClaimStatuses === undefined ? {} : { resourceClaimStatuses }),
    ...(extendedResourceClaimStatus === undefined ? {} : { extendedResourceClaimStatus }),
    ...(nodeAllocatableResourceClaimStatuses === undefined ? {} : { nodeAllocatableResourceClaimStatuses }),
  };
}

function generationOf({ metadata }: AnyPod): Pick<Status, "observedGeneration"> {
  return metadata?.generation === undefined ? {} : { observedGeneration: metadata.generation };
}

/** Pods in the host's network have its addresses. */
function addresses({ spec, status }: AnyPod, { ips }: Observed, host: Host): Status {
  const own = spec?.hostNetwork === true ? host.ips : ips.length > 0 ? ips : (status?.podIPs ?? []).map(({ ip }) => ip);
  const [hostIP] = host.ips;
  const [podIP] = own;
  return {
    ...(hostIP === undefined ? {} : { hostIP, hostIPs: host.ips.map((ip) => ({ ip })) }),
    ...(podIP === undefined ? {} : { podIP, podIPs: own.map((ip) => ({ ip })) }),
  };
}

/** What the node has set aside for the pod as a whole (KEP-5419). */
function podResources(pod: AnyPod): Pick<Status, "allocatedResources" | "resources"> {
  const requests = podRequests(pod, { overhead: true, resizing: false, podLevel: isPodLevelResource });
  const { resources } = pod.spec ?? {};
  return {
    ...(requests.size === 0 ? {} : { allocatedResources: writeQuantities(requests) }),
    ...(resources === undefined ? {} : { resources }),
  };
}
