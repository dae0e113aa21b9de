/** What the scheduler writes into the status of pods. */
import type { Pod, PodCondition } from "../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../api/machinery/object.ts";
import { formatTime } from "../api/machinery/time.ts";

export interface StatusChange {
  readonly condition?: Pick<PodCondition, "type" | "status" | "reason" | "message">;
  /** Empty clears it; undefined leaves it. */
  readonly nominatedNodeName?: string | undefined;
}

/** A strategic merge patch of the status; undefined where all is so already. */
export function statusPatch(pod: DeepReadonly<Pod>, change: StatusChange, now: number): object | undefined {
  const condition = conditionPatch(pod, change, now);
  const { nominatedNodeName } = change;
  const isNominationNew =
    nominatedNodeName !== undefined && nominatedNodeName !== (pod.status?.nominatedNodeName ?? "");
  if (condition === undefined && !isNominationNew) return undefined;
  return {
    // Not a pod of the same name that came after it.
    metadata: { uid: pod.metadata?.uid },
    status: {
      ...(condition === undefined ? {} : { conditions: [condition] }),
      ...(isNominationNew ? { nominatedNodeName: nominatedNodeName || null } : {}),
    },
  };
}

function conditionPatch(
  { metadata, status }: DeepReadonly<Pod>,
  { condition }: StatusChange,
  now: number,
): object | undefined {
  if (condition === undefined) return undefined;
  const old = status?.conditions?.find(({ type }) => type === condition.type);
  const isSameStatus = old?.status === condition.status;
  if (isSameStatus && old.reason === condition.reason && old.message === condition.message) return undefined;
  return {
    ...condition,
    lastProbeTime: null,
    lastTransitionTime: isSameStatus && old.lastTransitionTime !== undefined ? old.lastTransitionTime : formatTime(now),
    ...(metadata?.generation === undefined ? {} : { observedGeneration: metadata.generation }),
  };
}
