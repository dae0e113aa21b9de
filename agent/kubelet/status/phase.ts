import { mayRestart } from "../../../api/core/container-restarts.ts";
import type { ContainerStatus, PodSpec } from "../../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { type AnyContainer, isSidecar } from "../observed.ts";

export type Phase = "Pending" | "Running" | "Succeeded" | "Failed";

export interface PhaseParts {
  readonly spec: DeepReadonly<PodSpec>;
  readonly statuses: ReadonlyMap<string, DeepReadonly<ContainerStatus>>;
  /** No container starts again, whatever its policy. */
  readonly isOver: boolean;
  readonly hasInitialized: boolean;
}

/** https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase */
export function phaseOf({ spec, statuses, isOver, hasInitialized }: PhaseParts): Phase {
  const inits = initState(spec, statuses);
  if (inits === "failed for good") return "Failed";
  const counts = countContainers(spec, statuses);
  if (inits === "pending" || counts.waiting > 0) return "Pending";
  if (counts.startingSidecars > 0 && !hasInitialized) return "Pending";
  if (counts.running > 0) return "Running";
  if (counts.stopped === 0) return "Pending";
  if (!isOver && counts.stopped !== counts.stoppedForGood) return "Running";
  return counts.stopped === counts.succeeded ? "Succeeded" : "Failed";
}

type Statuses = PhaseParts["statuses"];

function initState(spec: DeepReadonly<PodSpec>, statuses: Statuses): "through" | "pending" | "failed for good" {
  let state: "through" | "pending" = "through";
  for (const container of spec.initContainers ?? []) {
    if (isSidecar(container)) continue;
    const status = statuses.get(container.name);
    const terminated = status?.state?.terminated ?? (status?.state?.waiting && status.lastState?.terminated);
    if (terminated === undefined) state = "pending";
    else if (terminated.exitCode !== 0 && !mayRestart(container, spec, terminated.exitCode)) return "failed for good";
  }
  return state;
}

interface Counts {
  running: number;
  /** Never started so far. */
  waiting: number;
  startingSidecars: number;
  stopped: number;
  stoppedForGood: number;
  succeeded: number;
}

function countContainers(spec: DeepReadonly<PodSpec>, statuses: Statuses): Counts {
  const counts = { running: 0, waiting: 0, startingSidecars: 0, stopped: 0, stoppedForGood: 0, succeeded: 0 };
  for (const container of spec.initContainers ?? [])
    if (isSidecar(container)) countSidecar(statuses.get(container.name), counts);
  for (const container of spec.containers ?? []) countMain(container, spec, statuses.get(container.name), counts);
  return counts;
}

/** Sidecars that have ended say nothing about the pod. */
function countSidecar(status: DeepReadonly<ContainerStatus> | undefined, counts: Counts): void {
  if (status?.state?.running !== undefined) {
    counts.running += 1;
    if (status.started !== true) counts.startingSidecars += 1;
  } else if (status?.state?.terminated === undefined && status?.lastState?.terminated === undefined) {
    counts.startingSidecars += 1;
    counts.waiting += 1;
  }
}

function countMain(
  container: AnyContainer,
  spec: DeepReadonly<PodSpec>,
  status: DeepReadonly<ContainerStatus> | undefined,
  counts: Counts,
): void {
  if (status?.state?.running !== undefined) {
    counts.running += 1;
    return;
  }
  const terminated = status?.state?.terminated ?? status?.lastState?.terminated;
  if (terminated === undefined) {
    counts.waiting += 1;
    return;
  }
  counts.stopped += 1;
  if (!mayRestart(container, spec, terminated.exitCode)) counts.stoppedForGood += 1;
  if (status?.state?.terminated?.exitCode === 0) counts.succeeded += 1;
}
