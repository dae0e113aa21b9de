import type { ServiceCIDR } from "../generated/types/networking-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, named, required } from "../machinery/findings.ts";
import { networkProblems, parseNetwork } from "../machinery/ip.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";

export const serviceCidrs: ResourceRow = defineResource<ServiceCIDR>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "ServiceCIDR",
  plural: "servicecidrs",
  scope: "Cluster",
  definition: "io.k8s.api.networking.v1.ServiceCIDR",
  storageVersionHash: "gNLvruQhW2g=",
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  reset: { main: ["status"], status: ["metadata", "spec"] },
  unconditionalUpdate: true,
  validate,
  validateUpdate,
  table: {
    columns: [
      nameColumn,
      { name: "CIDRs", type: "string", description: "Ranges that service addresses are taken from." },
      ageColumn,
    ],
    cells: ({ metadata, spec }, { now }) => [
      metadata?.name ?? "",
      (spec?.cidrs ?? []).join(","),
      age(metadata?.creationTimestamp, now),
    ],
  },
});

function validate({ spec }: DeepReadonly<ServiceCIDR>): FieldError[] {
  const cidrs = spec?.cidrs ?? [];
  if (cidrs.length === 0) return [required("spec.cidrs", "at least one CIDR required")];
  const findings: FieldError[] = [];
  if (cidrs.length > 2) findings.push(bad("spec", spec, "may only hold up to 2 values"));
  const [first, second] = cidrs.map((cidr) => parseNetwork(cidr)?.ip.family);
  if (cidrs.length === 2 && first === second) {
    findings.push(
      bad("spec", spec, "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64"),
    );
  }
  for (const [index, cidr] of cidrs.entries())
    findings.push(...named(`spec.cidrs[${index}]`, cidr, networkProblems(cidr, { canonical: true })));
  return findings;
}

/** A range of the other family may be added; what is there stays. */
function validateUpdate({ spec }: DeepReadonly<ServiceCIDR>, old: DeepReadonly<ServiceCIDR>): FieldError[] {
  const before = old.spec?.cidrs ?? [];
  const kept = before.every((cidr, index) => spec?.cidrs?.[index] === cidr);
  return kept ? [] : [bad("spec.cidrs", spec?.cidrs ?? [], "field is immutable")];
}
