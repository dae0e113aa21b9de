import type { Job } from "../../api/generated/types/batch-v1.ts";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import { controllerOf } from "../../api/machinery/owners.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Informer } from "../../client/informer.ts";
import { keyFor, keyOf } from "../../client/lister.ts";
import { jobs as jobType, pods as podType } from "../../client/resource-types.ts";
import type { ControllerDeps } from "../controller.ts";
import { isFinished } from "./job-conditions.ts";
import { isTracked, trackingFinalizer } from "./job-pods.ts";

export interface OrphanParts {
  readonly jobs: Informer<Job>;
  readonly pods: Informer<Pod>;
  readonly deps: ControllerDeps;
  readonly isManagedElsewhere: (job: DeepReadonly<Job>) => boolean;
}

/** Pods that were kept for a job that is gone, or has finished without counting them, would stay for ever: they are let go. */
export function watchOrphans(parts: OrphanParts): void {
  const { jobs, pods, deps } = parts;
  const reconciler = deps.reconciler({ name: "job-controller orphans", reconcile: (key) => letGo(key, parts) });
  const wake = (pod: DeepReadonly<Pod>): void => {
    if (isTracked(pod) && isOrphan(pod, parts)) reconciler.add(keyOf(pod));
  };
  pods.on({ added: wake, updated: wake });
  const wakeAll = (job: DeepReadonly<Job>): void => {
    for (const pod of pods.list(job.metadata?.namespace))
      if (controllerOf(pod)?.uid === job.metadata?.uid && isTracked(pod)) reconciler.add(keyOf(pod));
  };
  jobs.on({
    deleted: wakeAll,
    updated(job, old) {
      if (isFinished(job) && !isFinished(old)) wakeAll(job);
    },
  });
}

function isOrphan(pod: DeepReadonly<Pod>, { jobs, isManagedElsewhere }: OrphanParts): boolean {
  const owner = controllerOf(pod);
  if (owner === undefined) return true;
  if (owner.kind !== jobType.kind || owner.apiVersion !== jobType.apiVersion) return false;
  const job = jobs.get(keyFor(pod.metadata?.namespace, owner.name));
  if (job?.metadata?.uid !== owner.uid) return true;
  return job !== undefined && isFinished(job) && !isManagedElsewhere(job);
}

async function letGo(key: string, parts: OrphanParts): Promise<void> {
  const pod = parts.pods.get(key);
  if (pod === undefined || !isTracked(pod) || !isOrphan(pod, parts)) return;
  await releasePod(pod, parts.deps);
}

/** Takes the finalizer off. One that is gone, or whose name is another's by now, is fine. */
export async function releasePod(
  { metadata }: DeepReadonly<Pod>,
  { client }: Pick<ControllerDeps, "client">,
): Promise<void> {
  const { namespace, name = "", uid } = metadata ?? {};
  const patch = { metadata: { uid, "$deleteFromPrimitiveList/finalizers": [trackingFinalizer] } };
  try {
    await client.patch(podType, { namespace, name }, patch, { type: "strategic" });
  } catch (thrown) {
    if (!(thrown instanceof ApiError && [404, 409, 422].includes(thrown.code))) throw thrown;
  }
}
