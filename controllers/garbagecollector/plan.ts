import type { DeepReadonly, ObjectMeta, OwnerReference } from "../../api/machinery/object.ts";
import { foregroundFinalizer, orphanFinalizer } from "./graph-node.ts";

/** What an owner that is referred to turned out to be. */
export type OwnerState =
  /** It exists and keeps what it owns. */
  | "solid"
  /** It does not exist. */
  | "absent"
  /** It exists until its dependents are gone. */
  | "waiting"
  /** Nobody can say: its kind is not known, now or ever. */
  | "unknown"
  /** A cluster-wide object cannot have an owner in a namespace. */
  | "impossible";

export type PropagationPolicy = "Background" | "Foreground" | "Orphan";

export type Step =
  | { readonly do: "nothing" }
  /** Ask again later. */
  | { readonly do: "wait" }
  /** The object lives on without these owners. */
  | { readonly do: "release"; readonly uids: readonly string[] }
  /** With `unblock`, it first stops blocking its own owners: it may be among its own dependents' dependents. */
  | { readonly do: "delete"; readonly policy: PropagationPolicy; readonly unblock: boolean };

export interface Dependents {
  readonly any: boolean;
  /** One of them waits for its own dependents, of which this object may be one. */
  readonly anyDeletingDependents: boolean;
}

/**
 * What is to be done with an object that may be garbage: it is deleted when it has owners and none of them keeps it.
 * https://kubernetes.io/docs/concepts/architecture/garbage-collection/
 */
export function plan(
  { finalizers = [], ownerReferences = [] }: DeepReadonly<ObjectMeta>,
  stateOf: (reference: DeepReadonly<OwnerReference>) => OwnerState,
  dependents: Dependents,
): Step {
  if (ownerReferences.length === 0) return { do: "nothing" };
  const states = ownerReferences.map(stateOf);
  if (states.includes("unknown")) return { do: "wait" };
  if (states.includes("impossible")) return { do: "nothing" };
  if (states.includes("solid")) {
    const uids = ownerReferences.filter((_, index) => states[index] !== "solid").map(({ uid }) => uid);
    return uids.length === 0 ? { do: "nothing" } : { do: "release", uids };
  }
  if (states.includes("waiting") && dependents.any)
    return { do: "delete", policy: "Foreground", unblock: dependents.anyDeletingDependents };
  return { do: "delete", policy: policyOf(finalizers), unblock: false };
}

/** What somebody has asked for already is honoured. */
function policyOf(finalizers: readonly string[]): PropagationPolicy {
  if (finalizers.includes(orphanFinalizer)) return "Orphan";
  return finalizers.includes(foregroundFinalizer) ? "Foreground" : "Background";
}
