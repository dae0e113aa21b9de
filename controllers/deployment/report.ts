import type { Deployment, DeploymentStatus } from "../../api/generated/types/apps-v1.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Outcome } from "../../client/reconciler.ts";
import { deployments } from "../../client/resource-types.ts";
import type { ControllerDeps } from "../controller.ts";
import { type Conditions, withCondition } from "./conditions.ts";
import { generationsOf } from "./new-replica-set.ts";
import type { Performed } from "./perform.ts";
import { deadlineOf, dueAt, isComplete, withBeginning, withPause } from "./progress.ts";
import { revisionKey } from "./revisions.ts";
import { statusOf } from "./status.ts";

type Deps = Pick<ControllerDeps, "client" | "clock">;
type Status = DeepReadonly<DeploymentStatus>;

/** Writes what has come of it into the Deployment's status, in one write; comes again when the rollout should be done. */
export async function report(
  deployment: DeepReadonly<Deployment>,
  { performed, isRollout }: { readonly performed: Performed; readonly isRollout: boolean },
  deps: Deps,
): Promise<Outcome> {
  const now = deps.clock.now();
  const before: Status = deployment.status ?? {};
  const paused = withPause({ deployment, conditions: before.conditions ?? [], now });
  switch (performed.is) {
    case "collision":
      // The next reconcile, which this write brings about, tries another name.
      return write(deployment, { ...before, collisionCount: (before.collisionCount ?? 0) + 1 }, deps);
    case "refused":
      await write(deployment, { ...before, conditions: withRefusal(deployment, paused, performed.message, now) }, deps);
      throw performed.thrown;
    case "done": {
      const { newest } = generationsOf(deployment, performed.sets);
      const rollout = { deployment, newest, conditions: paused, now };
      const conditions = withBeginning(rollout, performed.hasCreated);
      const status = statusOf({ ...rollout, conditions, sets: performed.sets, isRollout });
      await write(deployment, status, deps, newest?.metadata?.annotations?.[revisionKey]);
      return isRollout ? whenStuck(deployment, status, now) : undefined;
    }
  }
}

function withRefusal(
  deployment: DeepReadonly<Deployment>,
  conditions: Conditions,
  message: string,
  now: number,
): Conditions {
  if (deadlineOf(deployment) === undefined) return conditions;
  const finding = { type: "Progressing", status: "False", reason: "ReplicaSetCreateError", message } as const;
  return withCondition(conditions, finding, now);
}

async function write(
  deployment: DeepReadonly<Deployment>,
  status: Status,
  { client }: Deps,
  revision?: string,
): Promise<void> {
  const { metadata } = deployment;
  const isNumbered = revision === undefined || metadata?.annotations?.[revisionKey] === revision;
  if (isNumbered && deepEqual(status, deployment.status ?? {})) return;
  const annotations = isNumbered ? metadata?.annotations : { ...metadata?.annotations, [revisionKey]: revision };
  const renewed = { ...metadata, ...(annotations === undefined ? {} : { annotations }) };
  await client.update(deployments, { ...deployment, metadata: renewed, status }, "status");
}

function whenStuck(deployment: DeepReadonly<Deployment>, status: Status, now: number): Outcome {
  const due = isComplete(deployment, status) ? undefined : dueAt(deployment, status.conditions ?? []);
  // Times of conditions are whole seconds.
  return due === undefined ? undefined : { after: Math.max(due - now, 0) + 1000 };
}
