import { deepClone } from "../../api/machinery/clone.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { at } from "../../api/resource.ts";

type Tree = { [key: string]: unknown };

/** What an endpoint may not write keeps the old value; where there is no old object it is dropped. */
export function resetPaths(
  object: KubeObject,
  old: DeepReadonly<KubeObject> | undefined,
  paths: readonly string[],
): void {
  for (const path of paths) {
    const kept = old === undefined ? undefined : at(old as never, path);
    put(object as Tree, path.split("."), kept === undefined ? undefined : deepClone(kept));
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
