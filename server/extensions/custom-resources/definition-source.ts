import type { Definition } from "../../../api/apiextensions/definition.ts";
import type { Kind } from "../../encoding/kind.ts";
import { storageKey, storagePrefix, type Cache } from "../../watch-cache/cache.ts";
import type { ResourceCache } from "../../watch-cache/resource-cache.ts";
import { everything } from "../../../api/machinery/labels.ts";
import { summarize, type DefinitionSummary } from "./definition-summary.ts";
import { withoutSchemas } from "./without-schemas.ts";

/**
 * The stored definitions. Summaries are made while the store's values are read; documents are parsed when they are asked
 * for, and nobody keeps them.
 */
export interface DefinitionSource {
  /** Calls back with the name of a definition in the very tick in which its change can be read. */
  follow(onChange: (name: string) => void): () => void;
  /** Resolves when the others can answer. */
  load(): Promise<void>;
  /** All there are, once loaded. */
  names(): Iterable<string>;
  summary(name: string): DefinitionSummary | undefined;
  /** The whole of it. */
  find(name: string): Definition | undefined;
}

/** `kind`: that of CustomResourceDefinitions. */
export function createDefinitionSource(cache: Cache, kind: Kind): DefinitionSource {
  const prefix = storagePrefix(kind);
  // The kind says which type its objects have.
  cache.digest(kind, { of: (object) => summarize(object as Definition), skim: withoutSchemas });
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
    summary: (name) => resource?.get(storageKey(kind, "", name))?.meta.digest as DefinitionSummary | undefined,
    find: (name) => resource?.get(storageKey(kind, "", name))?.object() as Definition | undefined,
  };
}
