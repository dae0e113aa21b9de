import type { Definition } from "../../../api/apiextensions/definition.ts";
import type { Kind } from "../../encoding/kind.ts";
import { storageKey, storagePrefix, type Cache } from "../../watch-cache/cache.ts";
import type { ResourceCache } from "../../watch-cache/resource-cache.ts";
import { everything } from "../../../api/machinery/labels.ts";

/** The stored definitions. Documents are parsed when they are asked for; nobody keeps them. */
export interface DefinitionSource {
  /** Calls back with the name of a definition in the very tick in which its change can be read. */
  follow(onChange: (name: string) => void): () => void;
  /** Resolves when `find` and `names` can answer. */
  load(): Promise<void>;
  /** All there are, once loaded. */
  names(): Iterable<string>;
  find(name: string): Definition | undefined;
}

/** `kind`: that of CustomResourceDefinitions. */
export function createDefinitionSource(cache: Cache, kind: Kind): DefinitionSource {
  const prefix = storagePrefix(kind);
  let resource: ResourceCache | undefined;
  return {
    follow(onChange) {
      // The cache has subscribed before: what it is told it knows by now.
      const subscription = cache.store.subscribe(prefix, ({ events }) => {
        for (const event of events)
          onChange((event.type === "put" ? event.current.key : event.key).slice(prefix.length));
      });
      return () => subscription.unsubscribe();
    },
    async load() {
      resource = await cache.resource(kind);
      await cache.fresh();
    },
    *names() {
      for (const record of resource?.select({ namespace: "", labels: everything, fields: [] }) ?? [])
        yield record.meta.name;
    },
    // The kind says which type its objects have.
    find: (name) => resource?.get(storageKey(kind, "", name))?.object() as Definition | undefined,
  };
}
