import type { DeploymentStatus } from "../../api/generated/types/apps-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { boundsOf } from "./bounds.ts";
import { type Conditions, conditionOf, withCondition, without } from "./conditions.ts";
import { type Rollout, withProgress } from "./progress.ts";
import { actualOf, availableOf, type SeenSet, sizeOf, sum } from "./replica-sets.ts";

export interface Seen extends Rollout {
  readonly sets: readonly SeenSet[];
  /** Whether it is about the pod template; a change of size, or a deletion, makes no progress. */
  readonly isRollout: boolean;
}

type Status = DeepReadonly<DeploymentStatus>;

/** The status that is true now. Counts that are zero are left out, as on the wire. */
export function statusOf(seen: Seen): Status {
  const { deployment, sets, newest, now, isRollout, conditions } = seen;
  const available = sum(sets, availableOf);
  const terminating = terminatingOf(sets);
  const { collisionCount } = deployment.status ?? {};
  const counts = {
    ...present({
      observedGeneration: deployment.metadata?.generation ?? 0,
      replicas: sum(sets, actualOf),
      updatedReplicas: newest === undefined ? 0 : actualOf(newest),
      readyReplicas: sum(sets, ({ status }) => status?.readyReplicas ?? 0),
      availableReplicas: available,
      unavailableReplicas: Math.max(sum(sets, sizeOf) - available, 0),
    }),
    ...(terminating === undefined ? {} : { terminatingReplicas: terminating }),
    ...(collisionCount === undefined ? {} : { collisionCount }),
  };
  const { wanted, maxUnavailable } = boundsOf(deployment);
  const judged = withAvailability(conditions, available >= wanted - maxUnavailable, now);
  const told = isRollout ? withFailure(withProgress({ ...seen, conditions: judged }, counts), seen) : judged;
  return { ...counts, ...(told.length === 0 ? {} : { conditions: told }) };
}

function present(counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}

/** Undefined where a ReplicaSet's controller does not tell. */
function terminatingOf(sets: readonly SeenSet[]): number | undefined {
  let total = 0;
  for (const { status } of sets) {
    const { observedGeneration = 0, terminatingReplicas } = status ?? {};
    if (terminatingReplicas === undefined && observedGeneration > 0) return undefined;
    total += terminatingReplicas ?? 0;
  }
  return total;
}

function withAvailability(conditions: Conditions, isAvailable: boolean, now: number): Conditions {
  return withCondition(
    conditions,
    isAvailable
      ? {
          type: "Available",
          status: "True",
          reason: "MinimumReplicasAvailable",
          message: "Deployment has minimum availability.",
        }
      : {
          type: "Available",
          status: "False",
          reason: "MinimumReplicasUnavailable",
          message: "Deployment does not have minimum availability.",
        },
    now,
  );
}

/** That pods cannot be made shows in the Deployment, too; the newest ReplicaSet's word goes first. */
function withFailure(conditions: Conditions, { sets, newest }: Seen): Conditions {
  const failures = (newest === undefined ? sets : [newest, ...sets]).flatMap(({ status }) => status?.conditions ?? []);
  const failure = failures.find(({ type }) => type === "ReplicaFailure");
  if (failure === undefined) return without(conditions, "ReplicaFailure");
  const told = conditionOf(conditions, "ReplicaFailure");
  if (told?.status === failure.status && told.reason === failure.reason) return conditions;
  const { lastTransitionTime } = failure;
  const times = lastTransitionTime === undefined ? {} : { lastTransitionTime, lastUpdateTime: lastTransitionTime };
  return [...without(conditions, "ReplicaFailure"), { ...failure, ...times }];
}
