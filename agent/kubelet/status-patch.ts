import { deepEqual } from "../../api/machinery/equal.ts";
import { isObject } from "../../api/machinery/members.ts";

/** The merge patch (RFC 7396) that makes one object of the other. Lists are replaced. */
export function mergePatchOf(before: unknown, after: object): Record<string, unknown> {
  const old = isObject(before) ? before : {};
  const patch: Record<string, unknown> = {};
  for (const key of Object.keys(old)) if (!Object.hasOwn(after, key)) patch[key] = null;
  for (const [key, value] of Object.entries(after)) {
    if (deepEqual(old[key], value)) continue;
    patch[key] = isObject(value) && isObject(old[key]) ? mergePatchOf(old[key], value) : value;
  }
  return patch;
}
