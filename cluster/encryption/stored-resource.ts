import type { ResourceRow } from "../../api/resource.ts";
import type { GroupResource } from "../../storage/encryption/configuration.ts";

const registry = "/registry/";

/** Whose objects a key is of: `/registry/secrets/…`, `/registry/services/specs/…`, of custom kinds `/registry/<group>/<plural>/…`. */
export function storedResource(rows: readonly ResourceRow[]): (key: string) => GroupResource | undefined {
  const known = new Map<string, GroupResource>();
  // Several may share one place; the first has it.
  for (const { storagePrefix, groupResource, stored } of rows)
    if (stored && !known.has(storagePrefix)) known.set(storagePrefix, groupResource);
  return (key) => {
    if (!key.startsWith(registry)) return undefined;
    const one = key.indexOf("/", registry.length);
    if (one < 0) return undefined;
    const first = key.slice(registry.length, one);
    const two = key.indexOf("/", one + 1);
    const both = two < 0 ? undefined : known.get(key.slice(registry.length, two));
    const found = both ?? known.get(first);
    if (found !== undefined || two < 0) return found;
    // Groups of custom kinds are domains; what else there is are no objects.
    return first.includes(".") ? { group: first, resource: key.slice(one + 1, two) } : undefined;
  };
}
