import type { Deployment, DeploymentStatus } from "../../api/generated/types/apps-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { timeMillis } from "../../api/machinery/time.ts";
import { type Conditions, conditionOf, type Finding, withCondition, without } from "./conditions.ts";
import { nameOf, type SeenSet } from "./replica-sets.ts";

export interface Rollout {
  readonly deployment: DeepReadonly<Deployment>;
  readonly newest: SeenSet | undefined;
  /** Those so far, also of this very reconcile. */
  readonly conditions: Conditions;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

type Status = DeepReadonly<DeploymentStatus>;

/** 2^31 - 1 stands for: never. */
const noDeadline = 0x7fffffff;

export function deadlineOf({ spec }: DeepReadonly<Deployment>): number | undefined {
  const seconds = spec?.progressDeadlineSeconds;
  return seconds === undefined || seconds === noDeadline ? undefined : seconds * 1000;
}

/** All pods are of the newest template and available, and no others are left. */
export function isComplete({ spec, metadata }: DeepReadonly<Deployment>, status: Status = {}): boolean {
  const wanted = spec?.replicas ?? 1;
  return (
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.observedGeneration ?? 0) >= (metadata?.generation ?? 0)
  );
}

/** A paused rollout makes no progress, and must not be blamed for it when it goes on. */
export function withPause({ deployment, conditions, now }: Omit<Rollout, "newest">): Conditions {
  if (deadlineOf(deployment) === undefined) return conditions;
  const reason = conditionOf(conditions, "Progressing")?.reason;
  if (reason === "ProgressDeadlineExceeded") return conditions;
  const isPaused = deployment.spec?.paused === true;
  if (isPaused === (reason === "DeploymentPaused")) return conditions;
  return withCondition(
    conditions,
    isPaused
      ? { type: "Progressing", status: "Unknown", reason: "DeploymentPaused", message: "Deployment is paused" }
      : { type: "Progressing", status: "Unknown", reason: "DeploymentResumed", message: "Deployment is resumed" },
    now,
  );
}

/** A rollout begins with the ReplicaSet that it is about. */
export function withBeginning({ deployment, newest, conditions, now }: Rollout, isCreated: boolean): Conditions {
  if (newest === undefined || deadlineOf(deployment) === undefined) return conditions;
  const begun = (reason: string, message: string): Conditions =>
    withCondition(conditions, { type: "Progressing", status: "True", reason, message }, now);
  if (isCreated) return begun("NewReplicaSetCreated", `Created new replica set "${nameOf(newest)}"`);
  if (conditionOf(conditions, "Progressing") !== undefined) return conditions;
  return begun("FoundNewReplicaSet", `Found new replica set "${nameOf(newest)}"`);
}

/** Whether the rollout has come to its end, goes on, or is stuck. https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status */
export function withProgress(rollout: Rollout, status: Status): Conditions {
  const { deployment, newest, conditions, now } = rollout;
  if (deadlineOf(deployment) === undefined) return without(conditions, "Progressing");
  const current = conditionOf(conditions, "Progressing");
  const isOver = current?.reason === "NewReplicaSetAvailable" && status.replicas === status.updatedReplicas;
  if (isOver) return conditions;
  const subject = newest === undefined ? `Deployment "${nameOf(deployment)}"` : `ReplicaSet "${nameOf(newest)}"`;
  const found = (about: Omit<Finding, "type">): Finding => ({ type: "Progressing", ...about });
  if (isComplete(deployment, status)) {
    const message = `${subject} has successfully progressed.`;
    return withCondition(conditions, found({ status: "True", reason: "NewReplicaSetAvailable", message }), now);
  }
  if (hasProgressed(deployment.status ?? {}, status)) {
    const finding = found({ status: "True", reason: "ReplicaSetUpdated", message: `${subject} is progressing.` });
    return withCondition(conditions, finding, now, true);
  }
  if ((dueAt(deployment, conditions) ?? Infinity) >= now) return conditions;
  const message = `${subject} has timed out progressing.`;
  return withCondition(conditions, found({ status: "False", reason: "ProgressDeadlineExceeded", message }), now);
}

/** More new pods, fewer old ones, or more that are ready or available. */
function hasProgressed(before: Status, after: Status): boolean {
  const updated = (status: Status): number => status.updatedReplicas ?? 0;
  const old = (status: Status): number => (status.replicas ?? 0) - updated(status);
  return (
    updated(after) > updated(before) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

/** When a rollout counts as stuck, unless it moves before; undefined where none is under way. */
export function dueAt(deployment: DeepReadonly<Deployment>, conditions: Conditions): number | undefined {
  const deadline = deadlineOf(deployment);
  const current = conditionOf(conditions, "Progressing");
  if (deadline === undefined || current === undefined) return undefined;
  if (current.reason === "NewReplicaSetAvailable" || current.reason === "ProgressDeadlineExceeded") return undefined;
  const since = timeMillis(current.lastUpdateTime);
  return since === undefined ? undefined : since + deadline;
}
