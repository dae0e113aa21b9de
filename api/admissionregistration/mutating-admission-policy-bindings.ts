import type { MutatingAdmissionPolicyBinding } from "../generated/types/admissionregistration-v1.ts";
import { requiredName } from "../machinery/findings.ts";
import { dnsSubdomain } from "../machinery/names.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { paramRefCell } from "./param-cells.ts";
import { validateMatchResources, validateParamRef } from "./policy-rules.ts";

export const mutatingAdmissionPolicyBindings: ResourceRow = defineResource<MutatingAdmissionPolicyBinding>({
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "MutatingAdmissionPolicyBinding",
  plural: "mutatingadmissionpolicybindings",
  categories: ["api-extensions"],
  scope: "Cluster",
  definition: "io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBinding",
  storageVersionHash: "90V5FRZZ3Zg=",
  generation: ({ spec }) => [spec],
  validate: ({ spec }) => [
    ...requiredName("spec.policyName", spec?.policyName, dnsSubdomain),
    ...validateParamRef(spec?.paramRef, "spec.paramRef"),
    ...validateMatchResources(spec?.matchResources, "spec.matchResources"),
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
      spec?.policyName ?? "",
      paramRefCell(spec?.paramRef),
      age(metadata?.creationTimestamp, now),
    ],
  },
});
