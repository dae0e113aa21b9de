import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { ReplicaSetStatus } from "../../api/generated/types/apps-v1.ts";
import { isPodActive, isPodAvailable } from "../../api/core/pod-state.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { formatTime } from "../../api/machinery/time.ts";
import type { PodTally } from "./pod-tallies.ts";

export interface Observed {
  readonly generation: number;
  readonly tally: PodTally;
  readonly availableReplicas: number;
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
  const { generation, countsTerminating, before, tally, availableReplicas } = observed;
  const conditions = conditionsOf(observed);
  const { conditions: _, ...others } = before ?? { replicas: 0 };
  const { replicas, fullyLabeledReplicas, readyReplicas, terminatingReplicas } = tally;
  const status: DeepReadonly<ReplicaSetStatus> = {
    ...others,
    ...{ replicas, fullyLabeledReplicas, readyReplicas, availableReplicas },
    ...(countsTerminating ? { terminatingReplicas } : {}),
    observedGeneration: generation,
    ...(conditions.length === 0 ? {} : { conditions }),
  };
  return before !== undefined && deepEqual(status, withZeros(before)) ? before : status;
}

/** What a pod becomes by the mere passing of time is not in a tally. */
export function countAvailable(
  pods: readonly DeepReadonly<Pod>[],
  { minReadySeconds, now }: { readonly minReadySeconds: number; readonly now: number },
): number {
  return pods.filter((pod) => isPodActive(pod) && isPodAvailable(pod, minReadySeconds, now)).length;
}

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
