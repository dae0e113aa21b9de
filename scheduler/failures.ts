/** A pod that got no node: back into the queue, and told why. */
import type { Pod } from "../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../api/machinery/object.ts";
import { ApiError } from "../api/machinery/status.ts";
import type { Logger } from "../base/log.ts";
import type { EventRecorder } from "../client/event-recorder.ts";
import type { RejectingPlugins } from "./framework/fit-error.ts";
import { createPodInfo, type PodInfo } from "./framework/pod-info.ts";
import type { PodWrites } from "./pod-writes.ts";
import type { SchedulingQueue } from "./queue/scheduling-queue.ts";
import type { WaitingPod } from "./queue/waiting-pod.ts";

export interface Failure {
  /** Of the condition PodScheduled. */
  readonly reason: "Unschedulable" | "SchedulerError";
  readonly message: string;
  readonly rejectedBy: RejectingPlugins;
  /** Empty clears it; undefined leaves it. */
  readonly nominatedNodeName: string | undefined;
}

export interface FailureDeps {
  readonly queue: SchedulingQueue;
  /** As the informer knows it, by `namespace/name`. */
  readonly podOf: (key: string) => DeepReadonly<Pod> | undefined;
  readonly writes: PodWrites;
  readonly events: EventRecorder;
  readonly log: Logger;
}

/** What is returned is the write of the status, which never rejects; undefined where there is no more to do. */
export function handleFailure(pod: WaitingPod, failure: Failure, deps: FailureDeps): Promise<void> | undefined {
  const { queue, podOf, events } = deps;
  const known = podOf(pod.info.key);
  // Deleted, perhaps made anew; or bound, by whomever.
  if (known === undefined || known.metadata?.uid !== pod.info.uid || known.spec?.nodeName) {
    queue.delete(pod.info.uid);
    return undefined;
  }
  const info = known === pod.info.pod ? pod.info : createPodInfo(known);
  queue.requeue(pod, info, failure.rejectedBy);
  if (!queue.has(info.uid)) return undefined;
  nominate(info, failure.nominatedNodeName, queue);
  const { reason, message, nominatedNodeName } = failure;
  events.event(known, {
    type: "Warning",
    reason: "FailedScheduling",
    action: "Scheduling",
    message: truncated(message),
  });
  return tell(
    known,
    { condition: { type: "PodScheduled", status: "False", reason, message }, nominatedNodeName },
    deps,
  );
}

/** In memory first: the next pod must not take the room before the informer tells of it. */
function nominate(info: PodInfo, nodeName: string | undefined, { nominations }: SchedulingQueue): void {
  const nominated = nodeName ?? info.pod.status?.nominatedNodeName;
  if (nominated) nominations.set(info, nominated);
  else nominations.remove(info.uid);
}

async function tell(
  pod: DeepReadonly<Pod>,
  change: Parameters<PodWrites["patchStatus"]>[1],
  { writes, log }: Pick<FailureDeps, "writes" | "log">,
): Promise<void> {
  try {
    await writes.patchStatus(pod, change);
  } catch (thrown) {
    const isGone = thrown instanceof ApiError && (thrown.code === 404 || thrown.code === 409);
    const about = { pod: `${pod.metadata?.namespace}/${pod.metadata?.name}`, error: String(thrown) };
    if (isGone) log.debug("the status of a pod was not written", about);
    else log.warn("the status of a pod could not be written", about);
  }
}

/** Of an event's note, in bytes. */
const longestNote = 1024;

export function truncated(message: string): string {
  const bytes = Buffer.from(message);
  if (bytes.length <= longestNote) return message;
  const suffix = " ...";
  const cut = bytes.subarray(0, longestNote - suffix.length).toString();
  // Half a character at the end stands as a replacement.
  return `${cut.replace(/\u{fffd}+$/u, "")}${suffix}`;
}
