import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicySpec,
} from "../generated/types/admissionregistration-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { required, unsupported } from "../machinery/findings.ts";
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

export const mutatingAdmissionPolicies: ResourceRow = defineResource<MutatingAdmissionPolicy>({
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "MutatingAdmissionPolicy",
  plural: "mutatingadmissionpolicies",
  categories: ["api-extensions"],
  scope: "Cluster",
  definition: "io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicy",
  storageVersionHash: "LYmCf+UMVdg=",
  generation: ({ spec }) => [spec],
  validate: ({ spec }) => validateSpec(spec ?? {}),
  table: {
    columns: [
      nameColumn,
      { name: "Mutations", type: "integer", description: "How many changes it makes." },
      { name: "ParamKind", type: "string", description: "Kind of the objects that parametrise it." },
      ageColumn,
    ],
    cells: ({ metadata, spec }, { now }) => [
      metadata?.name ?? "",
      spec?.mutations?.length ?? 0,
      paramKindCell(spec?.paramKind),
      age(metadata?.creationTimestamp, now),
    ],
  },
});

function validateSpec(spec: DeepReadonly<MutatingAdmissionPolicySpec>): FieldError[] {
  return [
    ...validateFailurePolicy(spec.failurePolicy, "spec.failurePolicy"),
    ...validateParamKind(spec.paramKind, "spec.paramKind"),
    ...validateMatchConstraints(spec.matchConstraints, "spec.matchConstraints"),
    ...validateMatchConditions(spec.matchConditions ?? [], "spec.matchConditions"),
    ...validateVariables(spec.variables ?? [], "spec.variables"),
    ...validateMutations(spec),
    ...validatePolicyExpressions(spec),
  ];
}

function validateMutations({
  mutations = [],
  reinvocationPolicy = "",
}: DeepReadonly<MutatingAdmissionPolicySpec>): FieldError[] {
  const findings: FieldError[] = [];
  if (mutations.length === 0) findings.push(required("spec.mutations", "mutations must contain at least one item"));
  for (const [index, { patchType, applyConfiguration, jsonPatch }] of mutations.entries()) {
    const path = `spec.mutations[${index}]`;
    if (!patchType) findings.push(required(`${path}.patchType`, "must specify a patchType"));
    else if (patchType === "ApplyConfiguration" && !applyConfiguration?.expression)
      findings.push(
        required(`${path}.applyConfiguration`, "applyConfiguration is required when patchType is ApplyConfiguration"),
      );
    else if (patchType === "JSONPatch" && !jsonPatch?.expression)
      findings.push(required(`${path}.jsonPatch`, "jsonPatch is required when patchType is JSONPatch"));
    else if (patchType !== "ApplyConfiguration" && patchType !== "JSONPatch")
      findings.push(unsupported(`${path}.patchType`, patchType, ["ApplyConfiguration", "JSONPatch"]));
  }
  if (!reinvocationPolicy) findings.push(required("spec.reinvocationPolicy"));
  else if (reinvocationPolicy !== "Never" && reinvocationPolicy !== "IfNeeded") {
    findings.push(unsupported("spec.reinvocationPolicy", reinvocationPolicy, ["Never", "IfNeeded"]));
  }
  return findings;
}
