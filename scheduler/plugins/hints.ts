/** Questions that the queueing hints of several plugins ask. */
import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Hint } from "../framework/events.ts";
import type { PodInfo } from "../framework/pod-info.ts";

export function queueIf(condition: boolean): Hint {
  return condition ? "Queue" : "QueueSkip";
}

/** Whether the event is about the very pod that waits. */
export function isSamePod({ uid }: PodInfo, other: DeepReadonly<Pod> | undefined): boolean {
  return other?.metadata?.uid === uid;
}

/** On a node, or with room being made for it there: without it, something is free that was not. */
export function holdsRoom(pod: DeepReadonly<Pod> | undefined): boolean {
  return Boolean(pod?.spec?.nodeName) || Boolean(pod?.status?.nominatedNodeName);
}
