import { deepClone } from "../../api/machinery/clone.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { at } from "../../api/resource.ts";
import type { Kind } from "../encoding/kind.ts";

type Tree = { [key: string]: unknown };

/**
 * What an endpoint may not write keeps the old value; where there is no old object it is dropped. Whole parts (`spec`)
 * are shared with the old object: nobody changes them behind this.
 */
export function resetPaths(
  object: KubeObject,
  old: DeepReadonly<KubeObject> | undefined,
  paths: readonly string[],
): void {
  for (const path of paths) {
    const kept = old === undefined ? undefined : at(old as never, path);
    put(object as Tree, path.split("."), kept === undefined || isWhole(path) ? kept : deepClone(kept));
  }
}

function put(object: Tree, path: readonly string[], value: unknown): void {
  const [name = "", ...rest] = path;
  if (rest.length === 0) {
    if (value === undefined) delete object[name];
    else object[name] = value;
    return;
  }
  let parent = object[name];
  if (typeof parent !== "object" || parent === null) {
    if (value === undefined) return;
    object[name] = parent = {};
  }
  put(parent as Tree, rest, value);
}

/** The whole parts (`spec`) of an object that an endpoint may not write. */
export function keptParts({ row }: Kind, subresource: string): readonly string[] {
  return (row.reset?.[subresource === "" ? "main" : subresource] ?? []).filter(isWhole);
}

/** Of the metadata the server itself writes something in every endpoint. */
function isWhole(path: string): boolean {
  return path !== "metadata" && !path.includes(".");
}
