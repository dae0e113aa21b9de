import { noFields, unionOf } from "./field-set.ts";
import { managerId, seconds, type Manager, type ManagerId, type Managers } from "./managers.ts";

const mostUpdateManagers = 10;
const oldUpdates = "ancient-changes";

/**
 * Keeps the entries of those who update at ten: beyond that the oldest of one version are joined into one. A version
 * that has only one keeps it, since joining it with nothing would save nothing.
 */
export function capManagers(managers: Managers): Managers {
  if (managers.size <= mostUpdateManagers) return managers;
  const updaters = [...managers].filter(([, { operation }]) => operation === "Update").sort(byAge);
  let count = updaters.length;
  if (count <= mostUpdateManagers) return managers;
  const capped = new Map(managers);
  /** The oldest manager of each version, while it is still alone. */
  const firstOf = new Map<string, ManagerId>();
  for (const [id, manager] of updaters) {
    if (count <= mostUpdateManagers) break;
    const first = firstOf.get(manager.apiVersion);
    if (first === undefined) firstOf.set(manager.apiVersion, id);
    else {
      joinOld(capped, first, id);
      count--;
    }
  }
  return capped;
}

/** Puts `second`, and `first` if it was alone so far, into the entry for old changes in their version. */
function joinOld(managers: Map<ManagerId, Manager>, first: ManagerId, second: ManagerId): void {
  const newer = managers.get(second);
  if (newer === undefined) return;
  const bucket: Omit<Manager, "fields"> = {
    name: oldUpdates,
    operation: "Update",
    apiVersion: newer.apiVersion,
    subresource: "",
    time: newer.time,
  };
  const id = managerId(bucket);
  const older = managers.get(id) ?? managers.get(first);
  if (!managers.has(id)) managers.delete(first);
  managers.delete(second);
  managers.set(id, { ...bucket, fields: unionOf(newer.fields, older?.fields ?? noFields) });
}

function byAge([idA, a]: readonly [ManagerId, Manager], [idB, b]: readonly [ManagerId, Manager]): number {
  return seconds(a.time) - seconds(b.time) || (idA < idB ? -1 : 1);
}
