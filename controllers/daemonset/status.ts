import type { DaemonSetStatus } from "../../api/generated/types/apps-v1.ts";
import { isPodAvailable, isPodReady } from "../../api/core/pod-state.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { isUpdated, longestThere } from "./daemon-pod.ts";
import type { Observed } from "./plan.ts";

type Status = DeepReadonly<DaemonSetStatus>;

/** The status that is true now; the very one from before where nothing has changed. */
export function statusOf(observed: Omit<Observed, "backoff">): Status {
  const { set } = observed;
  const counts = count(observed);
  const status: Status = {
    ...set.status,
    ...counts,
    numberUnavailable: counts.desiredNumberScheduled - counts.numberAvailable,
    observedGeneration: set.metadata?.generation ?? 0,
  };
  return set.status !== undefined && isSame(status, set.status) ? set.status : status;
}

type Counts = Record<Exclude<(typeof names)[number], "numberUnavailable">, number>;

/** Of several pods on a node the one that stays counts. */
function count({ set, nodes, pods, hash, place, now }: Omit<Observed, "backoff">): Counts {
  const counts: Counts = {
    desiredNumberScheduled: 0,
    currentNumberScheduled: 0,
    numberMisscheduled: 0,
    numberReady: 0,
    updatedNumberScheduled: 0,
    numberAvailable: 0,
  };
  for (const [name, node] of nodes) {
    const [pod] = (pods.get(name) ?? []).toSorted(longestThere);
    const { shouldRun } = place(node);
    if (shouldRun) counts.desiredNumberScheduled += 1;
    if (pod === undefined) continue;
    if (!shouldRun) {
      counts.numberMisscheduled += 1;
      continue;
    }
    counts.currentNumberScheduled += 1;
    if (isPodReady(pod)) counts.numberReady += 1;
    if (isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, now)) counts.numberAvailable += 1;
    if (isUpdated(pod, set, hash)) counts.updatedNumberScheduled += 1;
  }
  return counts;
}

/** Counts that are zero are left out on the wire. */
function isSame(status: Status, before: Status): boolean {
  return (
    (status.observedGeneration ?? 0) <= (before.observedGeneration ?? 0) &&
    names.every((name) => (status[name] ?? 0) === (before[name] ?? 0))
  );
}

const names = [
  "desiredNumberScheduled",
  "currentNumberScheduled",
  "numberMisscheduled",
  "numberReady",
  "updatedNumberScheduled",
  "numberAvailable",
  "numberUnavailable",
] as const;
