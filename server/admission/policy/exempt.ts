import type { AdmissionRequest } from "../plugin.ts";

/** A policy that kept others from being changed could not be undone; one about reviews could lock everybody out. */
const exempt: ReadonlySet<string> = new Set([
  "admissionregistration.k8s.io/validatingadmissionpolicies",
  "admissionregistration.k8s.io/validatingadmissionpolicybindings",
  "admissionregistration.k8s.io/mutatingadmissionpolicies",
  "admissionregistration.k8s.io/mutatingadmissionpolicybindings",
  "authentication.k8s.io/selfsubjectreviews",
  "authentication.k8s.io/tokenreviews",
  "authorization.k8s.io/localsubjectaccessreviews",
  "authorization.k8s.io/selfsubjectaccessreviews",
  "authorization.k8s.io/selfsubjectrulesreviews",
  "authorization.k8s.io/subjectaccessreviews",
]);

export function exemptFromPolicies({ kind: { row } }: AdmissionRequest): boolean {
  return exempt.has(`${row.group}/${row.plural}`);
}
