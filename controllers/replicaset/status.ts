import type { Pod, PodTemplateSpec } from "../../api/generated/types/core-v1.ts";
import type { ReplicaSetStatus } from "../../api/generated/types/apps-v1.ts";
import { isPodAvailable, isPodReady, isPodTerminal, isPodTerminating } from "../../api/core/pod-state.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { formatTime } from "../../api/machinery/time.ts";

export interface Observed {
  readonly generation: number;
  readonly template: DeepReadonly<PodTemplateSpec> | undefined;
  readonly minReadySeconds: number;
  /** What it owns and selects, also what has ended or is on its way out. */
  readonly pods: readonly DeepReadonly<Pod>[];
  /** Whether the status says how many pods are on their way out. */
  readonly countsTerminating: boolean;
  readonly before: DeepReadonly<ReplicaSetStatus> | undefined;
  /** Why pods could not be made or deleted, this time. */
  readonly failure?: { readonly reason: "FailedCreate" | "FailedDelete"; readonly message: string };
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The status that is true now; the very one from before where nothing has changed. */
export function statusOf(observed: Observed): DeepReadonly<ReplicaSetStatus> {
  const { generation, countsTerminating, before } = observed;
  const conditions = conditionsOf(observed);
  const { conditions: _, ...others } = before ?? { replicas: 0 };
  const { terminatingReplicas, ...counts } = countsOf(observed);
  const status: DeepReadonly<ReplicaSetStatus> = {
    ...others,
    ...counts,
    ...(countsTerminating ? { terminatingReplicas } : {}),
    observedGeneration: generation,
    ...(conditions.length === 0 ? {} : { conditions }),
  };
  return before !== undefined && deepEqual(status, withZeros(before)) ? before : status;
}

/** In one pass: sets may be large, and each of their pods changes several times. */
function countsOf({ template, minReadySeconds, pods, now }: Observed): Required<Counts> {
  const labels = Object.entries(template?.metadata?.labels ?? {});
  const counts = {
    replicas: 0,
    fullyLabeledReplicas: 0,
    readyReplicas: 0,
    availableReplicas: 0,
    terminatingReplicas: 0,
  };
  for (const pod of pods) {
    if (isPodTerminal(pod)) continue;
    if (isPodTerminating(pod)) {
      counts.terminatingReplicas += 1;
      continue;
    }
    counts.replicas += 1;
    const own = pod.metadata?.labels ?? {};
    if (labels.every(([key, value]) => own[key] === value)) counts.fullyLabeledReplicas += 1;
    if (!isPodReady(pod)) continue;
    counts.readyReplicas += 1;
    if (isPodAvailable(pod, minReadySeconds, now)) counts.availableReplicas += 1;
  }
  return counts;
}

type Counts = Omit<ReplicaSetStatus, "conditions" | "observedGeneration">;

/** These counts are left out on the wire when they are zero. */
function withZeros(status: DeepReadonly<ReplicaSetStatus>): DeepReadonly<ReplicaSetStatus> {
  return {
    fullyLabeledReplicas: 0,
    readyReplicas: 0,
    availableReplicas: 0,
    ...status,
  };
}

/** What went wrong first stays until all goes well. */
function conditionsOf({ before, failure, now }: Observed): NonNullable<DeepReadonly<ReplicaSetStatus>["conditions"]> {
  const conditions = before?.conditions ?? [];
  const told = conditions.some(({ type }) => type === "ReplicaFailure");
  if (failure === undefined) return told ? conditions.filter(({ type }) => type !== "ReplicaFailure") : conditions;
  if (told) return conditions;
  return [...conditions, { type: "ReplicaFailure", status: "True", lastTransitionTime: formatTime(now), ...failure }];
}
