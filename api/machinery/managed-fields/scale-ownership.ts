/**
 * Whoever owns the replicas of a Scale owns those of its parent: the scale endpoint speaks of `spec.replicas` of
 * autoscaling/v1, the parent's entries of a path of its own in each version.
 */
import { differenceOf, fieldSetOf, hasPath } from "./field-set.ts";
import { decodeManagers, encodeManagers, withFields, type Entries, type Manager, type ManagerId } from "./managers.ts";
import { fieldElement, type Path } from "./path-element.ts";

const scaleVersion = "autoscaling/v1";
const replicasOfScale: Path = ["spec", "replicas"].map(fieldElement);

/** By apiVersion of the parent; undefined: the version has no scale. A version that is not there at all is gone. */
export type ReplicasPaths = ReadonlyMap<string, Path | undefined>;

/** `.spec.replicas` of a resource's scale as a path. */
export function replicasPath(dotted: string): Path {
  return dotted
    .split(".")
    .filter((name) => name !== "")
    .map(fieldElement);
}

/** What the Scale of a parent with these entries has. Throws TypedError for entries that make no sense. */
export function scaleManagedFields(parent: Entries, paths: ReplicasPaths): Entries | undefined {
  const managers = new Map<ManagerId, Manager>();
  for (const [id, manager] of decodeManagers(parent)) {
    const path = paths.get(manager.apiVersion);
    if (path === undefined || !hasPath(manager.fields, path)) continue;
    managers.set(id, scaled(manager, replicasOfScale, scaleVersion));
  }
  return encodeManagers(managers, undefined);
}

/** What the parent has after a write to its Scale, of which `scale` are the entries; `apiVersion` is the parent's. */
export function parentManagedFields(
  parent: Entries,
  scale: Entries,
  apiVersion: string,
  paths: ReplicasPaths,
): Entries | undefined {
  const before = decodeManagers(parent);
  const scalers = new Map(decodeManagers(scale));
  const managers = new Map<ManagerId, Manager>();
  for (const [id, manager] of before) {
    if (!paths.has(manager.apiVersion)) continue;
    const path = paths.get(manager.apiVersion);
    if (path === undefined || !hasPath(manager.fields, path) || scalers.delete(id)) {
      managers.set(id, manager);
      continue;
    }
    const left = differenceOf(manager.fields, fieldSetOf(path));
    if (left.size > 0) managers.set(id, withFields(manager, left));
  }
  const path = paths.get(apiVersion);
  for (const [id, manager] of scalers)
    if (path !== undefined && hasPath(manager.fields, replicasOfScale))
      managers.set(id, { ...scaled(manager, path, apiVersion), time: before.get(id)?.time });
  return encodeManagers(managers, parent);
}

function scaled({ entry: _, ...manager }: Manager, path: Path, apiVersion: string): Manager {
  return { ...manager, apiVersion, fields: fieldSetOf(path) };
}
