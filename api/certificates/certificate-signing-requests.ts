import type { CertificateSigningRequest } from "../generated/types/certificates-v1.ts";
import { humanDuration } from "../machinery/duration.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { orNone } from "../machinery/printing/cells.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateRequest, validateRequestUpdate } from "./certificate-signing-request-validation.ts";
import { keepDecision, stampConditions } from "./conditions.ts";

export const certificateSigningRequests: ResourceRow = defineResource<CertificateSigningRequest>({
  group: "certificates.k8s.io",
  version: "v1",
  kind: "CertificateSigningRequest",
  plural: "certificatesigningrequests",
  shortNames: ["csr"],
  scope: "Cluster",
  definition: "io.k8s.api.certificates.v1.CertificateSigningRequest",
  subresources: [
    { name: "approval", verbs: ["get", "patch", "update"] },
    { name: "status", verbs: ["get", "patch", "update"] },
  ],
  storageVersionHash: "95fRKMXA+00=",
  nameRule: "pathSegment",
  // Of the conditions only the decision is closed to /status: a signer reports its failure there.
  reset: { main: ["spec", "status"], status: ["spec"], approval: ["spec", "status.certificate"] },
  unconditionalUpdate: true,
  selectableFields: { "spec.signerName": ({ spec }) => spec.signerName },
  prepareForCreate(request, { user }) {
    // Who asks is part of what is asked for: signers and approvers decide by it, so the writer has no say in it.
    const { username: _name, uid: _uid, groups: _groups, extra: _extra, ...spec } = request.spec;
    request.spec = {
      ...spec,
      username: user.name,
      ...(user.uid === undefined ? {} : { uid: user.uid }),
      ...(user.groups.length === 0 ? {} : { groups: [...user.groups] }),
      ...(user.extra === undefined
        ? {}
        : { extra: Object.fromEntries(Object.entries(user.extra).map(([key, values]) => [key, [...values]])) }),
    };
    request.status = {};
  },
  prepareForUpdate(request, old, { subresource, now }) {
    if (subresource === "") return;
    if (subresource === "status") keepDecision(request, old);
    stampConditions(request, old, now);
  },
  validate: validateRequest,
  validateUpdate: validateRequestUpdate,
  table: {
    columns: [
      nameColumn,
      ageColumn,
      { name: "SignerName", type: "string", description: "Who is asked to sign." },
      { name: "Requestor", type: "string", description: "Who asked." },
      { name: "RequestedDuration", type: "string", description: "How long the certificate should be valid." },
      { name: "Condition", type: "string", description: "Whether it was approved, denied, issued or has failed." },
    ],
    cells: ({ metadata, spec, status }, { now }) => [
      metadata?.name ?? "",
      age(metadata?.creationTimestamp, now),
      orNone(spec.signerName),
      spec.username ?? "",
      spec.expirationSeconds === undefined ? "<none>" : humanDuration(spec.expirationSeconds),
      conditionCell(status),
    ],
  },
});

/** `Approved,Issued`: the decision, then what came of it. */
function conditionCell(status: DeepReadonly<CertificateSigningRequest["status"]>): string {
  const has = (wanted: string): boolean => (status?.conditions ?? []).some(({ type }) => type === wanted);
  const decision = has("Denied") ? "Denied" : has("Approved") ? "Approved" : "Pending";
  return `${decision}${has("Failed") ? ",Failed" : ""}${status?.certificate ? ",Issued" : ""}`;
}
