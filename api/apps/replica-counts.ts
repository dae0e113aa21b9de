import type { FieldError } from "../machinery/field-error.ts";
import { bad, nonNegative } from "../machinery/findings.ts";

type Counts<Name extends string> = {
  readonly [K in Name | "replicas" | "readyReplicas" | "availableReplicas"]?: number;
};
/** A status of a workload, as far as it counts. */
type Counted = Readonly<Record<string, unknown>>;

/** What a controller reports: a part of the pods cannot be more than all of them. */
export function validateReplicaCounts<Name extends string>(
  status: Counts<Name> | undefined,
  parts: readonly Name[],
  others: readonly string[],
): FieldError[] {
  if (status === undefined) return [];
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  const findings = validateCounts(status, ["replicas", ...parts, ...others]);
  for (const part of parts) {
    const count = status[part] ?? 0;
    if (count > replicas) findings.push(bad(`status.${part}`, count, "cannot be greater than status.replicas"));
  }
  if (availableReplicas > readyReplicas) {
    findings.push(bad("status.availableReplicas", availableReplicas, "cannot be greater than readyReplicas"));
  }
  return findings;
}

export function validateCounts(status: Counted, names: readonly string[]): FieldError[] {
  return names.flatMap((name) => {
    const count = status[name];
    return typeof count === "number" ? nonNegative(`status.${name}`, count) : [];
  });
}

/** Names of revisions are made of it: going back would find others' names. */
export function validateCollisionCount(
  status: { readonly collisionCount?: number } | undefined,
  old: { readonly collisionCount?: number } | undefined,
): FieldError[] {
  const count = status?.collisionCount;
  if (old?.collisionCount === undefined || (count !== undefined && count >= old.collisionCount)) return [];
  return [bad("status.collisionCount", count ?? 0, "cannot be decremented")];
}
