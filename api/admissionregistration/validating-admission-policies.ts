import type {
  Validation,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicySpec,
} from "../generated/types/admissionregistration-v1.ts";
import { validateConditions } from "../machinery/condition-validation.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, named, oneOf, required } from "../machinery/findings.ts";
import { labelKey } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validatePolicyExpressions } from "./expressions.ts";
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
  validate: ({ metadata, spec, status }, { subresource }) =>
    subresource === "status"
      ? validateConditions(status?.conditions, "status.conditions")
      : validateSpec(metadata?.name ?? "", spec ?? {}),
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
    ...validatePolicyExpressions(spec),
  ];
}

const mostAnnotations = 20;
const reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"];

function validateCheck(
  { expression, message = "", messageExpression = "", reason }: DeepReadonly<Validation>,
  path: string,
): FieldError[] {
  const findings: FieldError[] = [];
  const refuse = (field: string, value: string, detail: string): void =>
    void findings.push(bad(`${path}.${field}`, value, detail));
  if (expression.trim() === "") findings.push(required(`${path}.expression`, "expression is not specified"));
  if (messageExpression !== "" && messageExpression.trim() === "")
    refuse("messageExpression", messageExpression, "must be non-empty if specified");
  if (message !== "" && message.trim() === "") refuse("message", message, "message must be non-empty if specified");
  else if (/[\r\n]/.test(message.trim())) refuse("message", message, "message must not contain line breaks");
  else if (/[\r\n]/.test(expression.trim()) && message.trim() === "")
    findings.push(required(`${path}.message`, "message must be specified if expression contains line breaks"));
  return [...findings, ...oneOf(`${path}.reason`, reason, reasons)];
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
  for (const [index, validation] of validations.entries())
    findings.push(...validateCheck(validation, `spec.validations[${index}]`));
  if (auditAnnotations.length > mostAnnotations) {
    const detail = `must not have more than ${mostAnnotations} auditAnnotations`;
    findings.push(bad("spec.auditAnnotations", auditAnnotations, detail));
    return findings;
  }
  const keys = new Set<string>();
  for (const [index, { key, valueExpression }] of auditAnnotations.entries()) {
    const path = `spec.auditAnnotations[${index}]`;
    // In the audit log the key stands below the policy's name.
    findings.push(...named(`${path}.key`, key, labelKey(`${policy}/${key}`)));
    if (keys.has(key)) findings.push(duplicate(`${path}.key`, key));
    keys.add(key);
    if (valueExpression.trim() === "")
      findings.push(required(`${path}.valueExpression`, "valueExpression is not specified"));
  }
  return findings;
}
