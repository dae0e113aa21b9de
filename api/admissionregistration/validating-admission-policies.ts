import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicySpec,
} from "../generated/types/admissionregistration-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { named, required } from "../machinery/findings.ts";
import { labelKey } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { paramKindCell } from "./param-cells.ts";
import {
  validateFailurePolicy,
  validateMatchConditions,
  validateMatchConstraints,
  validateParamKind,
  validateVariables,
} from "./policy-rules.ts";

export const validatingAdmissionPolicies: ResourceRow = defineResource<ValidatingAdmissionPolicy>({
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "ValidatingAdmissionPolicy",
  plural: "validatingadmissionpolicies",
  categories: ["api-extensions"],
  scope: "Cluster",
  definition: "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy",
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  storageVersionHash: "6OxvlMmQ6is=",
  generation: ({ spec }) => [spec],
  reset: { main: ["status"], status: ["metadata", "spec"] },
  validate: ({ metadata, spec }, { subresource }) =>
    subresource === "status" ? [] : validateSpec(metadata?.name ?? "", spec ?? {}),
  table: {
    columns: [
      nameColumn,
      { name: "Validations", type: "integer", description: "How many expressions it checks." },
      { name: "ParamKind", type: "string", description: "Kind of the objects that parametrise it." },
      ageColumn,
    ],
    cells: ({ metadata, spec }, { now }) => [
      metadata?.name ?? "",
      spec?.validations?.length ?? 0,
      paramKindCell(spec?.paramKind),
      age(metadata?.creationTimestamp, now),
    ],
  },
});

function validateSpec(name: string, spec: DeepReadonly<ValidatingAdmissionPolicySpec>): FieldError[] {
  return [
    ...validateFailurePolicy(spec.failurePolicy, "spec.failurePolicy"),
    ...validateParamKind(spec.paramKind, "spec.paramKind"),
    ...validateMatchConstraints(spec.matchConstraints, "spec.matchConstraints"),
    ...validateMatchConditions(spec.matchConditions ?? [], "spec.matchConditions"),
    ...validateVariables(spec.variables ?? [], "spec.variables"),
    ...validateChecks(name, spec),
  ];
}

function validateChecks(
  policy: string,
  { validations = [], auditAnnotations = [] }: DeepReadonly<ValidatingAdmissionPolicySpec>,
): FieldError[] {
  if (validations.length === 0 && auditAnnotations.length === 0) {
    const detail = "validations or auditAnnotations must be non-empty";
    return [required("spec.validations", detail), required("spec.auditAnnotations", detail)];
  }
  const findings: FieldError[] = [];
  for (const [index, { expression }] of validations.entries()) {
    if (expression.trim() === "")
      findings.push(required(`spec.validations[${index}].expression`, "expression is not specified"));
  }
  for (const [index, { key, valueExpression }] of auditAnnotations.entries()) {
    const path = `spec.auditAnnotations[${index}]`;
    // In the audit log the key stands below the policy's name.
    findings.push(...named(`${path}.key`, key, labelKey(`${policy}/${key}`)));
    if (valueExpression.trim() === "")
      findings.push(required(`${path}.valueExpression`, "valueExpression is not specified"));
  }
  return findings;
}
