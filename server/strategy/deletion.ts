import { deepClone } from "../../api/machinery/clone.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { conflict } from "../../api/machinery/status.ts";
import type { Kind } from "../encoding/kind.ts";
import { finalizersAfterDelete, type DeleteOptions } from "./delete-options.ts";
import { formatTime, timeMillis } from "../../api/machinery/time.ts";

/** What a delete request comes to. */
export type Deletion =
  | { readonly does: "remove" }
  /** The deletion is under way and this request changes nothing about it. */
  | { readonly does: "nothing" }
  /** The object stays, with a deletionTimestamp, until its grace is over and its finalizers are gone. */
  | { readonly does: "mark"; readonly object: KubeObject };

/**
 * Pure: decides on the object as it is now.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/
 */
export function planDeletion(
  kind: Kind,
  object: DeepReadonly<KubeObject>,
  options: DeleteOptions,
  now: number,
): Deletion {
  checkPreconditions(kind, object, options);
  const { row } = kind;
  const metadata = object.metadata ?? {};
  const finalizers = finalizersAfterDelete(metadata.finalizers ?? [], options, row.defaultPropagation ?? "Background");
  const asked = options.gracePeriodSeconds;
  const grace = row.gracePeriod?.(object, asked) ?? 0;
  const isWaiting = finalizers.length > 0 || row.isHeld?.(object) === true;
  if (metadata.deletionTimestamp === undefined) {
    if (grace === 0 && !isWaiting) return { does: "remove" };
    return { does: "mark", object: marked(kind, object, { grace, finalizers, now }) };
  }
  const left = metadata.deletionGracePeriodSeconds ?? 0;
  const isShorter = row.gracePeriod !== undefined && asked !== undefined && grace < left;
  if (!isWaiting && (isShorter ? grace === 0 : left === 0)) return { does: "remove" };
  if (isShorter) return { does: "mark", object: shortened(object, grace, left) };
  const before = metadata.finalizers ?? [];
  if (finalizers.length === before.length && finalizers.every((name, index) => name === before[index]))
    return { does: "nothing" };
  const changed = deepClone<KubeObject>(object);
  changed.metadata = { ...changed.metadata, finalizers: [...finalizers] };
  return { does: "mark", object: changed };
}

function marked(
  kind: Kind,
  object: DeepReadonly<KubeObject>,
  { grace, finalizers, now }: { grace: number; finalizers: readonly string[]; now: number },
): KubeObject {
  const copy = deepClone<KubeObject>(object);
  const metadata = (copy.metadata ??= {});
  metadata.deletionTimestamp = formatTime(now + grace * 1000);
  // Namespaces and definitions have neither grace period nor a new generation: what they hold is deleted first.
  if (kind.row.isHeld === undefined) {
    metadata.deletionGracePeriodSeconds = grace;
    if (metadata.generation !== undefined) metadata.generation += 1;
  }
  if (finalizers.length > 0) metadata.finalizers = [...finalizers];
  else delete metadata.finalizers;
  kind.row.markDeleting?.(copy);
  return copy;
}

/** A second delete may only shorten the grace period; the timestamp moves with it. */
function shortened(object: DeepReadonly<KubeObject>, grace: number, left: number): KubeObject {
  const copy = deepClone<KubeObject>(object);
  const metadata = (copy.metadata ??= {});
  const ends = (timeMillis(metadata.deletionTimestamp) ?? Number.NaN) - (left - grace) * 1000;
  metadata.deletionTimestamp = formatTime(ends);
  metadata.deletionGracePeriodSeconds = grace;
  return copy;
}

function checkPreconditions({ row }: Kind, object: DeepReadonly<KubeObject>, { preconditions }: DeleteOptions): void {
  const { uid = "", resourceVersion = "", name = "" } = object.metadata ?? {};
  const refuse = (what: string, asked: string, stored: string, why: string): never => {
    const mismatch = `the ${what} in the precondition (${asked}) does not match the ${what} in record (${stored})`;
    // Upstream names the kind here, where all other conflicts name the resource.
    throw conflict({ group: row.group, resource: row.kind }, name, `${mismatch}. The object might have been ${why}`);
  };
  if (preconditions?.uid !== undefined && preconditions.uid !== uid)
    refuse("UID", preconditions.uid, uid, "deleted and then recreated");
  if (preconditions?.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion)
    refuse("ResourceVersion", preconditions.resourceVersion, resourceVersion, "modified");
}
