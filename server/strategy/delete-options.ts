import { invalid, type FieldError } from "../../api/machinery/field-error.ts";
import { bad, oneOf, unsupported } from "../../api/machinery/findings.ts";

export type PropagationPolicy = "Orphan" | "Background" | "Foreground";

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/delete-options/ */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: PropagationPolicy;
  readonly orphanDependents?: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: readonly string[];
}

const policies: readonly string[] = ["Background", "Foreground", "Orphan"];

export function validateDeleteOptions(options: DeleteOptions): void {
  const errors: FieldError[] = [];
  const { orphanDependents, propagationPolicy, dryRun = [] } = options;
  if (orphanDependents !== undefined && propagationPolicy !== undefined)
    errors.push(
      bad("propagationPolicy", propagationPolicy, "orphanDependents and deletionPropagation cannot be both set"),
    );
  if (propagationPolicy !== undefined && !policies.includes(propagationPolicy))
    errors.push(unsupported("propagationPolicy", propagationPolicy, [...policies, "nil"]));
  for (const value of dryRun) errors.push(...oneOf("dryRun", value, ["All"]));
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind: "DeleteOptions" }, "", errors);
}

const orphan = "orphan";
const foreground = "foregroundDeletion";

/**
 * The finalizers that a delete leaves on the object: the policy is recorded there for the garbage collector.
 * https://kubernetes.io/docs/concepts/architecture/garbage-collection/#cascading-deletion
 */
export function finalizersAfterDelete(
  finalizers: readonly string[],
  options: DeleteOptions,
  byDefault: "Background" | "Orphan" | "none",
): readonly string[] {
  if (byDefault === "none") return finalizers;
  const kept = finalizers.filter((name) => name !== orphan && name !== foreground);
  const asked =
    options.propagationPolicy ??
    (options.orphanDependents === undefined ? undefined : options.orphanDependents ? "Orphan" : "Background");
  switch (asked) {
    case "Orphan":
      return [...kept, orphan];
    case "Foreground":
      return [...kept, foreground];
    case "Background":
      return kept;
    case undefined:
      if (finalizers.includes(orphan) || finalizers.includes(foreground)) return finalizers;
      return byDefault === "Orphan" ? [...finalizers, orphan] : finalizers;
  }
}
