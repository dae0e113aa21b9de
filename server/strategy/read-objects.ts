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
  const currentOf = async (resource: string): Promise<ResourceCache | undefined> => {
    const kind = deps.kindOf(resource);
    return kind && deps.cache.current(kind);
  };
  return {
    async find<T extends KubeObject>(resource: string, namespace: string, name: string) {
      const kind = deps.kindOf(resource);
      if (kind === undefined) return undefined;
      const current = deps.cache.current(kind);
      const cache = current instanceof Promise ? await current : current;
      // A resource's name says which type its objects have.
      return cache.get(storageKey(kind, namespace, name))?.object() as DeepReadonly<T> | undefined;
    },
    async list<T extends KubeObject>(resource: string, namespace = "") {
      const cache = await currentOf(resource);
      if (cache === undefined) return [];
      const selected = cache.select({ namespace, labels: everything, fields: [] });
      return Array.from(selected, (record) => record.object() as DeepReadonly<T>);
    },
    async generation(resource) {
      const cache = await currentOf(resource);
      return cache?.revision ?? 0;
    },
  };
}
