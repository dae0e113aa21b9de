import type { PodDisruptionBudget } from "../generated/types/policy-v1.ts";
import { validateConditions } from "../machinery/condition-validation.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, nonNegative } from "../machinery/findings.ts";
import { atMostAll, validateIntOrPercent } from "../machinery/int-or-percent.ts";
import { validateLabelSelector } from "../machinery/label-validation.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow, type WriteContext } from "../resource.ts";

export const podDisruptionBudgets: ResourceRow = defineResource<PodDisruptionBudget>({
  group: "policy",
  version: "v1",
  kind: "PodDisruptionBudget",
  plural: "poddisruptionbudgets",
  shortNames: ["pdb"],
  scope: "Namespaced",
  definition: "io.k8s.api.policy.v1.PodDisruptionBudget",
  storageVersionHash: "EVWiDmWqyJw=",
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  generation: ({ spec }) => [spec],
  reset: { main: ["status"], status: ["spec"] },
  prepareForCreate(budget) {
    budget.status = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
  },
  validate,
  table: {
    columns: [
      nameColumn,
      { name: "Min Available", type: "string", description: "Pods that must stay." },
      { name: "Max Unavailable", type: "string", description: "Pods that may be gone at once." },
      { name: "Allowed Disruptions", type: "integer", description: "Pods that may be evicted now." },
      ageColumn,
    ],
    cells: ({ metadata, spec, status }, { now }) => [
      metadata?.name ?? "",
      String(spec?.minAvailable ?? "N/A"),
      String(spec?.maxUnavailable ?? "N/A"),
      status?.disruptionsAllowed ?? 0,
      age(metadata?.creationTimestamp, now),
    ],
  },
});

const counts = ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"] as const;

function validate({ spec, status }: DeepReadonly<PodDisruptionBudget>, { subresource }: WriteContext): FieldError[] {
  if (subresource === "status")
    return [
      ...validateConditions(status?.conditions, "status.conditions"),
      ...counts.flatMap((field) => nonNegative(`status.${field}`, status?.[field])),
    ];
  if (spec === undefined) return [];
  const findings: FieldError[] = [];
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) {
    findings.push(bad("spec", spec, "minAvailable and maxUnavailable cannot be both set"));
  }
  for (const field of ["minAvailable", "maxUnavailable"] as const) {
    const value = spec[field];
    if (value !== undefined)
      findings.push(...validateIntOrPercent(value, `spec.${field}`), ...atMostAll(value, `spec.${field}`));
  }
  return [...findings, ...validateLabelSelector(spec.selector, "spec.selector")];
}
