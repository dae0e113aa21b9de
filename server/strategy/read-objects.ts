import { everything } from "../../api/machinery/labels.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import type { ObjectReader } from "../admission/object-reader.ts";
import type { Kind } from "../encoding/kind.ts";
import { storageKey, type Cache } from "../watch-cache/cache.ts";
import type { ResourceCache } from "../watch-cache/resource-cache.ts";

/** The cluster's objects as the server itself knows them. `kindOf` takes `pods` or `deployments.apps`. */
export function createObjectReader(deps: {
  readonly cache: Cache;
  readonly kindOf: (resource: string) => Kind | undefined;
}): ObjectReader {
  const resourceOf = async (resource: string): Promise<readonly [Kind, ResourceCache] | undefined> => {
    const kind = deps.kindOf(resource);
    if (kind === undefined) return undefined;
    const loaded = deps.cache.resource(kind);
    return [kind, loaded instanceof Promise ? await loaded : loaded];
  };
  return {
    async find<T extends KubeObject>(resource: string, namespace: string, name: string) {
      const found = await resourceOf(resource);
      if (found === undefined) return undefined;
      await deps.cache.fresh();
      const [kind, cache] = found;
      // A resource's name says which type its objects have.
      return cache.get(storageKey(kind, namespace, name))?.object() as DeepReadonly<T> | undefined;
    },
    async list<T extends KubeObject>(resource: string, namespace = "") {
      const found = await resourceOf(resource);
      if (found === undefined) return [];
      await deps.cache.fresh();
      const selected = found[1].select({ namespace, labels: everything, fields: [] });
      return Array.from(selected, (record) => record.object() as DeepReadonly<T>);
    },
    async generation(resource) {
      const found = await resourceOf(resource);
      return found?.[1].revision ?? 0;
    },
  };
}
