/**
 * Makes room for pods: evicts victims, while the scheduler goes on. The pod that they are evicted for is not tried
 * again meanwhile. https://github.com/kubernetes/enhancements/tree/master/keps/sig-scheduling/4832-async-preemption
 */
import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import type { EventRecorder } from "../../client/event-recorder.ts";
import type { NominatedPods } from "../framework/plugin.ts";
import type { PodInfo } from "../framework/pod-info.ts";
import type { Candidate } from "../plugins/default-preemption/candidate.ts";
import type { PodWrites } from "../pod-writes.ts";
import type { PreBinding } from "../pre-binding.ts";

export interface PreemptorDeps {
  readonly writes: PodWrites;
  /** As the informer knows it, by `namespace/name`. */
  readonly podOf: (key: string) => DeepReadonly<Pod> | undefined;
  readonly nominated: NominatedPods;
  readonly preBinding: PreBinding;
  readonly events: EventRecorder;
  readonly log: Logger;
  readonly clock: Clock;
  /** Has the pod tried again. */
  readonly retry: (uid: string) => void;
  /** Nothing holds the pod back any more. */
  readonly release: (uid: string) => void;
  /** Work that goes on by itself. */
  readonly background: (work: Promise<void>) => void;
}

export interface Preemptor {
  /** Returns at once. */
  evict(pod: PodInfo, candidate: Candidate): void;
  /** Whether victims of this pod are still to be evicted. */
  isBusy(uid: string): boolean;
}

const retryAfterMs = 1_000;

/** What is left to do for a pod: when only the last victim is, it says itself whether it is done. */
type Progress = { readonly is: "evicting" } | { readonly is: "last"; readonly victim: PodInfo };

export function createPreemptor(deps: PreemptorDeps): Preemptor {
  const busy = new Map<string, Progress>();
  const evictAll = async (pod: PodInfo, nodeName: string, victims: readonly PodInfo[]): Promise<void> => {
    const evictOne = (victim: PodInfo): Promise<void> => evict(victim, { pod, nodeName }, deps);
    try {
      await clearLowerNominations(pod, nodeName, deps);
      await Promise.all(victims.slice(0, -1).map(evictOne));
      for (const victim of victims.slice(-1)) {
        busy.set(pod.uid, { is: "last", victim });
        await evictOne(victim);
      }
    } catch (thrown) {
      deps.log.warn("a preemption failed", { pod: pod.key, node: nodeName, error: thrown });
      // No event may come that brings it back.
      deps.clock.after(retryAfterMs, () => deps.retry(pod.uid));
    }
    busy.delete(pod.uid);
    deps.release(pod.uid);
  };
  return {
    evict(pod, { nodeName, victims }) {
      const left = victims.filter((victim) => victim.pod.metadata?.deletionTimestamp === undefined);
      if (left.length === 0) return;
      busy.set(pod.uid, { is: "evicting" });
      deps.background(evictAll(pod, nodeName, left));
    },
    isBusy(uid) {
      const progress = busy.get(uid);
      if (progress?.is !== "last") return progress !== undefined;
      const victim = deps.podOf(progress.victim.key);
      return victim?.metadata?.uid === progress.victim.uid && victim.metadata.deletionTimestamp === undefined;
    },
  };
}

/** They may no longer fit there, and find another place sooner when they know. */
async function clearLowerNominations(
  pod: PodInfo,
  nodeName: string,
  { nominated, writes, log }: PreemptorDeps,
): Promise<void> {
  const lower = nominated
    .on(nodeName)
    .filter((other) => other.priority < pod.priority && other.pod.status?.nominatedNodeName);
  for (const other of lower) {
    try {
      await writes.patchStatus(other.pod, { nominatedNodeName: "" });
    } catch (thrown) {
      log.warn("a nomination could not be cleared", { pod: other.key, error: thrown });
    }
  }
}

async function evict(
  victim: PodInfo,
  { pod, nodeName }: { readonly pod: PodInfo; readonly nodeName: string },
  { writes, preBinding, events }: PreemptorDeps,
): Promise<void> {
  const told = `Preempted by pod ${pod.uid} on node ${nodeName}`;
  const tell = (message: string): void =>
    events.event(victim.pod, { type: "Normal", reason: "Preempted", action: "Preempting", message, related: pod.pod });
  if (preBinding.cancel(victim.uid, "preempted by DefaultPreemption"))
    return tell(`${told} (in kube-scheduler memory).`);
  const scheduler = pod.pod.spec?.schedulerName ?? "";
  try {
    await writes.patchStatus(victim.pod, {
      condition: {
        type: "DisruptionTarget",
        status: "True",
        reason: "PreemptionByScheduler",
        message: `${scheduler}: preempting to accommodate a higher priority pod`,
      },
    });
    await writes.delete(victim.pod);
  } catch (thrown) {
    // Gone by itself, or another one by its name.
    if (thrown instanceof ApiError && (thrown.code === 404 || thrown.code === 409)) return;
    throw thrown;
  }
  tell(told);
}
