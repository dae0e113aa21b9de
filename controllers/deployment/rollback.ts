import type { Deployment } from "../../api/generated/types/apps-v1.ts";
import { deepClone } from "../../api/machinery/clone.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { ObjectEvent } from "../../client/event-recorder.ts";
import { equalIgnoringHash, withoutHash } from "./new-replica-set.ts";
import { nameOf, type SeenSet } from "./replica-sets.ts";
import { revisionOf, rollbackKey, split, wholeNumber } from "./revisions.ts";

export interface Rollback {
  /** As it is to be written; the wish is gone from it, fulfilled or not. */
  readonly deployment: Deployment;
  readonly event: ObjectEvent;
}

/** What comes of the wish, in an annotation, to go back to a revision (0: the last one). Undefined where there is none. */
export function rollbackOf(deployment: DeepReadonly<Deployment>, sets: readonly SeenSet[]): Rollback | undefined {
  const wish = wholeNumber(deployment.metadata?.annotations?.[rollbackKey]);
  if (wish === undefined) return undefined;
  const revision = wish === 0 ? lastRevision(sets) : wish;
  if (revision === 0) return given(deployment, "DeploymentRollbackRevisionNotFound", "Unable to find last revision.");
  const set = sets.find((one) => revisionOf(one) === revision);
  if (set === undefined)
    return given(deployment, "DeploymentRollbackRevisionNotFound", "Unable to find the revision to rollback to.");
  const name = nameOf(deployment);
  if (equalIgnoringHash(deployment.spec?.template, set.spec?.template))
    return given(
      deployment,
      "DeploymentRollbackTemplateUnchanged",
      `The rollback revision contains the same template as current deployment "${name}"`,
    );
  const message = `Rolled back deployment "${name}" to revision ${revision}`;
  return { deployment: as(deployment, set), event: { type: "Normal", reason: "DeploymentRollback", message } };
}

/** The second highest one; 0 where there is none. */
function lastRevision(sets: readonly SeenSet[]): number {
  const revisions = sets.map((set) => revisionOf(set) ?? 0).toSorted((left, right) => right - left);
  return revisions[1] ?? 0;
}

function given(deployment: DeepReadonly<Deployment>, reason: string, message: string): Rollback {
  return { deployment: withoutWish(deepClone<Deployment>(deployment)), event: { type: "Warning", reason, message } };
}

/** With the template of that revision, and with the annotations that it had (the cause of the change, for instance). */
function as(deployment: DeepReadonly<Deployment>, set: SeenSet): Deployment {
  const copy = withoutWish(deepClone<Deployment>(deployment));
  const annotations = { ...split(copy.metadata?.annotations).own, ...split(set.metadata?.annotations).shared };
  const template = deepClone(withoutHash(set.spec?.template) ?? {});
  return {
    ...copy,
    metadata: { ...copy.metadata, annotations },
    ...(copy.spec === undefined ? {} : { spec: { ...copy.spec, template } }),
  };
}

function withoutWish(deployment: Deployment): Deployment {
  const { [rollbackKey]: _, ...annotations } = deployment.metadata?.annotations ?? {};
  return { ...deployment, metadata: { ...deployment.metadata, annotations } };
}
