import { everything } from "../../../api/machinery/labels.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import type { Kind } from "../../encoding/kind.ts";
import type { Objects } from "../../strategy/objects.ts";
import { internalWrite } from "../../strategy/write-request.ts";
import { storagePrefix, type Cache } from "../../watch-cache/cache.ts";

/** Deletions under way at a time: they share commits. */
const atOnce = 50;

export interface InstanceDeps {
  readonly cache: Cache;
  readonly objects: Objects;
}

/** Deletes all objects of a kind, and answers how many are still there: those that wait for finalizers. */
export async function removeInstances(kind: Kind, { cache, objects }: InstanceDeps): Promise<number> {
  const resource = await cache.resource(kind);
  await cache.fresh();
  const found = Array.from(resource.select({ namespace: "", labels: everything, fields: [] }), ({ meta }) => meta);
  let left = 0;
  for (let first = 0; first < found.length; first += atOnce) {
    const batch = found.slice(first, first + atOnce).map(async ({ namespace, name }) => {
      try {
        const write = { ...internalWrite(kind, { namespace, name }), direct: true };
        return (await objects.delete(write, {})).gone;
      } catch (thrown) {
        if (thrown instanceof ApiError && thrown.reason === "NotFound") return true;
        throw thrown;
      }
    });
    left += (await Promise.all(batch)).filter((gone) => !gone).length;
  }
  return left;
}

/** Calls back in the tick of each change. */
export function followInstances(kind: Kind, onChange: () => void, { cache }: Pick<InstanceDeps, "cache">): () => void {
  const subscription = cache.store.subscribe(storagePrefix(kind), ({ events }) => {
    if (events.length > 0) onChange();
  });
  return () => subscription.unsubscribe();
}
