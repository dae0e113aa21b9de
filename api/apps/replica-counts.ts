import type { FieldError } from "../machinery/field-error.ts";
import { bad, nonNegative } from "../machinery/findings.ts";

type Counts<Name extends string> = {
  readonly [K in Name | "replicas" | "readyReplicas" | "availableReplicas"]?: number;
};

/** What a controller reports: a part of the pods cannot be more than all of them. */
export function validateReplicaCounts<Name extends string>(
  status: Counts<Name> | undefined,
  parts: readonly Name[],
): FieldError[] {
  if (status === undefined) return [];
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  const findings = nonNegative("status.replicas", replicas);
  for (const part of parts) {
    const count = status[part] ?? 0;
    findings.push(...nonNegative(`status.${part}`, count));
    if (count > replicas) findings.push(bad(`status.${part}`, count, "cannot be greater than status.replicas"));
  }
  if (availableReplicas > readyReplicas) {
    findings.push(bad("status.availableReplicas", availableReplicas, "cannot be greater than readyReplicas"));
  }
  return findings;
}
