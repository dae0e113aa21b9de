/** The way of a pod from its node in memory to its node in the API: PreBind, Bind, PostBind; or all the way back. */
import { ApiError } from "../api/machinery/status.ts";
import type { Logger } from "../base/log.ts";
import type { EventRecorder } from "../client/event-recorder.ts";
import type { SchedulerCache } from "./framework/cache.ts";
import { fitErrorMessage, noStatuses, rejectingPlugins } from "./framework/fit-error.ts";
import type { PodCycle } from "./framework/plugin.ts";
import type { PodInfo } from "./framework/pod-info.ts";
import type { Profile } from "./framework/profile.ts";
import { needsPreBind, runBind, runPostBind, runPreBind, runUnreserve } from "./framework/run-binding.ts";
import { PluginError, type Rejected } from "./framework/status.ts";
import type { Failure } from "./failures.ts";
import type { PodWrites } from "./pod-writes.ts";
import type { PreBinding } from "./pre-binding.ts";
import { rejectedByNobody, type SchedulingQueue } from "./queue/scheduling-queue.ts";
import type { WaitingPod } from "./queue/waiting-pod.ts";

export interface BindingDeps {
  readonly queue: SchedulingQueue;
  readonly cache: SchedulerCache;
  readonly writes: PodWrites;
  readonly preBinding: PreBinding;
  readonly events: EventRecorder;
  readonly log: Logger;
  /** Ends what waits. */
  readonly signal: AbortSignal;
  readonly fail: (pod: WaitingPod, failure: Failure) => Promise<void> | undefined;
}

/** A pod that is assumed and reserved. */
export interface Chosen {
  readonly pod: WaitingPod;
  readonly profile: Profile;
  readonly cycle: PodCycle;
  readonly nodeName: string;
}

/** Never rejects. */
export async function bindChosen(chosen: Chosen, deps: BindingDeps): Promise<void> {
  const { profile, cycle, nodeName } = chosen;
  try {
    if (needsPreBind(profile, cycle, nodeName)) await prepare(chosen, deps);
    const rejected = await runBind(profile, cycle.pod, nodeName, deps.signal);
    if (rejected === undefined) return bound(chosen, deps);
    await goBack(chosen, failureOf(rejected), deps);
  } catch (thrown) {
    if (deps.signal.aborted) return;
    if (await isBoundAnyway(chosen, thrown, deps)) return bound(chosen, deps);
    await goBack(chosen, errorFailure(thrown), deps);
  }
}

async function prepare(
  { profile, cycle, nodeName }: Chosen,
  { writes, preBinding, signal, log }: BindingDeps,
): Promise<void> {
  const { uid, pod, key } = cycle.pod;
  const stop = preBinding.begin(uid, signal);
  try {
    // It takes a while: autoscalers should know where the pod is going to be.
    await writes.patchStatus(pod, { nominatedNodeName: nodeName });
  } catch (thrown) {
    log.warn("a pod's node could not be nominated", { pod: key, node: nodeName, error: String(thrown) });
  }
  try {
    const rejected = await runPreBind(profile, cycle, nodeName, stop);
    if (rejected !== undefined) throw new PluginError(rejected.plugin, "PreBind", rejected.reasons.join(", "));
  } finally {
    preBinding.end(uid);
  }
}

function bound({ profile, cycle, nodeName }: Chosen, { events, log }: BindingDeps): void {
  const { pod, key } = cycle.pod;
  events.event(pod, {
    type: "Normal",
    reason: "Scheduled",
    action: "Binding",
    message: `Successfully assigned ${key} to ${nodeName}`,
  });
  try {
    runPostBind(profile, cycle.pod, nodeName);
  } catch (thrown) {
    log.error("a PostBind plugin failed", { pod: key, error: thrown });
  }
}

/** Where the answer was lost, the write may have been made: then its room must not be given away. */
async function isBoundAnyway({ cycle, nodeName }: Chosen, thrown: unknown, { writes }: BindingDeps): Promise<boolean> {
  const cause = thrown instanceof PluginError ? thrown.cause : thrown;
  if (cause instanceof ApiError && cause.code < 500) return false;
  try {
    return (await writes.nodeOf(cycle.pod)) === nodeName;
  } catch {
    // Nothing can be learned now; the informer will tell.
    return false;
  }
}

async function goBack({ pod, profile, cycle, nodeName }: Chosen, failure: Failure, deps: BindingDeps): Promise<void> {
  const { queue, cache, fail } = deps;
  const { uid } = cycle.pod;
  runUnreserve(profile, cycle, nodeName);
  cache.forgetPod(uid);
  const { pod: before } = onNode(cycle.pod, nodeName);
  const isRejected = failure.reason === "Unschedulable";
  // Its room is free again. One that was rejected must not be brought back by its own going.
  queue.happened(
    { resource: "Pod", actions: new Set(["Delete"]), before, after: undefined },
    (other) => !isRejected || other.uid !== uid,
  );
  await fail(pod, failure);
}

/** The pod as it will be when it is bound. */
export function onNode(info: PodInfo, nodeName: string): PodInfo {
  const { pod } = info;
  return { ...info, pod: { ...pod, spec: { containers: [], ...pod.spec, nodeName } } };
}

/** After a node was chosen: Reserve, Permit or Bind want none of it. */
export function failureOf(rejected: Rejected, nodeName = ""): Failure {
  const statuses = { ...noStatuses, byNode: new Map([[nodeName, rejected]]) };
  const diagnosis = { nodes: 1, statuses };
  return {
    reason: "Unschedulable",
    message: fitErrorMessage(diagnosis),
    rejectedBy: rejectingPlugins(diagnosis),
    nominatedNodeName: "",
  };
}

export function errorFailure(thrown: unknown): Failure {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { reason: "SchedulerError", message, rejectedBy: rejectedByNobody, nominatedNodeName: "" };
}
