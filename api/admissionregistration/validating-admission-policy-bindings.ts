import type { ValidatingAdmissionPolicyBinding } from "../generated/types/admissionregistration-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, required, requiredName, unsupported } from "../machinery/findings.ts";
import { dnsSubdomain } from "../machinery/names.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { paramRefCell } from "./param-cells.ts";
import { validateMatchResources, validateParamRef } from "./policy-rules.ts";

export const validatingAdmissionPolicyBindings: ResourceRow = defineResource<ValidatingAdmissionPolicyBinding>({
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "ValidatingAdmissionPolicyBinding",
  plural: "validatingadmissionpolicybindings",
  categories: ["api-extensions"],
  scope: "Cluster",
  definition: "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding",
  storageVersionHash: "v9715VZqakg=",
  generation: ({ spec }) => [spec],
  validate: ({ spec }) => [
    ...requiredName("spec.policyName", spec.policyName, dnsSubdomain),
    ...validateParamRef(spec.paramRef, "spec.paramRef"),
    ...validateMatchResources(spec.matchResources, "spec.matchResources"),
    ...validateActions(spec.validationActions ?? [], "spec.validationActions"),
  ],
  table: {
    columns: [
      nameColumn,
      { name: "PolicyName", type: "string", description: "The policy that it puts to work." },
      { name: "ParamRef", type: "string", description: "The objects that parametrise the policy here." },
      ageColumn,
    ],
    cells: ({ metadata, spec }, { now }) => [
      metadata?.name ?? "",
      spec.policyName,
      paramRefCell(spec.paramRef),
      age(metadata?.creationTimestamp, now),
    ],
  },
});

const actions = ["Audit", "Deny", "Warn"];

function validateActions(chosen: readonly string[], path: string): FieldError[] {
  if (chosen.length === 0) return [required(path, "at least one validation action is required")];
  const findings: FieldError[] = [];
  for (const [index, action] of chosen.entries()) {
    if (!actions.includes(action)) findings.push(unsupported(`${path}[${index}]`, action, actions));
    if (chosen.indexOf(action) !== index) findings.push(duplicate(`${path}[${index}]`, action));
  }
  if (chosen.includes("Deny") && chosen.includes("Warn")) {
    findings.push(
      bad(
        path,
        chosen,
        "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)",
      ),
    );
  }
  return findings;
}
