import type { Job } from "../../api/generated/types/batch-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { timeMillis } from "../../api/machinery/time.ts";
import type { Client, ObjectName } from "../../client/client.ts";
import { splitKey } from "../../client/lister.ts";
import { jobs as jobType } from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";
import { watchSelf } from "../owned.ts";

/** Deletes Jobs some time after they have finished. https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/ */
export const ttlAfterFinishedController: Controller = {
  name: "ttl-after-finished-controller",
  start({ client, clock, informers, reconciler }) {
    const jobs = informers.of(jobType);
    const queue = reconciler({
      async reconcile(key) {
        const expiry = expiryOf(jobs.get(key));
        if (expiry === undefined) return undefined;
        if (expiry > clock.now()) return { after: expiry - clock.now() };
        // The time to live may have been prolonged this very moment.
        const fresh = await find(client, splitKey(key));
        const fresher = expiryOf(fresh);
        if (fresh === undefined || fresher === undefined) return undefined;
        if (fresher > clock.now()) return { after: fresher - clock.now() };
        await remove(client, fresh);
        return undefined;
      },
    });
    watchSelf(jobs, (key) => queue.add(key));
  },
};

/** When a finished Job is to go, in milliseconds since the epoch; undefined for one that stays, or goes already. */
export function expiryOf(job: DeepReadonly<Job> | undefined): number | undefined {
  const ttl = job?.spec?.ttlSecondsAfterFinished;
  if (ttl === undefined || job?.metadata?.deletionTimestamp !== undefined) return undefined;
  const end = job?.status?.conditions?.find(
    ({ type, status }) => (type === "Complete" || type === "Failed") && status === "True",
  );
  const finished = timeMillis(end?.lastTransitionTime);
  return finished === undefined ? undefined : finished + ttl * 1000;
}

async function find(client: Client, name: ObjectName): Promise<DeepReadonly<Job> | undefined> {
  try {
    return await client.get(jobType, name);
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.reason === "NotFound") return undefined;
    throw thrown;
  }
}

/** Its pods go first. */
async function remove(client: Client, { metadata }: DeepReadonly<Job>): Promise<void> {
  const { namespace, name = "", uid } = metadata ?? {};
  await client.delete(jobType, { namespace, name }, { propagationPolicy: "Foreground", preconditions: { uid } });
}
