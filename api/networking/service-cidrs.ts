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
  validate: ({ spec }, { subresource, operation }) =>
    subresource === "status" || operation === "update" ? [] : validateSpec(spec),
  validateUpdate: (cidrs, old, { subresource }) => (subresource === "status" ? [] : validateUpdate(cidrs, old)),
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

type Spec = DeepReadonly<ServiceCIDR["spec"]>;

const path = "spec.cidrs";

function validateSpec(spec: Spec): FieldError[] {
  const cidrs = spec?.cidrs ?? [];
  if (cidrs.length === 0) return [required(path, "at least one CIDR required")];
  if (cidrs.length > 2) return [bad(path, spec, "may only hold up to 2 values")];
  const findings = cidrs.flatMap((cidr, index) =>
    named(`${path}[${index}]`, cidr, networkProblems(cidr, { canonical: true })),
  );
  const [first, second] = cidrs.map((cidr) => parseNetwork(cidr)?.ip.family);
  if (cidrs.length === 2 && first === second && first !== undefined) {
    findings.push(
      bad(path, cidrs, "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64"),
    );
  }
  return findings;
}

/** A range of the other family may be added; what is there stays. */
function validateUpdate({ spec }: DeepReadonly<ServiceCIDR>, old: DeepReadonly<ServiceCIDR>): FieldError[] {
  const before = old.spec?.cidrs ?? [];
  const cidrs = spec?.cidrs ?? [];
  const grows = before.length === 1 && cidrs.length === 2;
  if (before.length !== cidrs.length && !grows) return [bad(path, cidrs, immutableField)];
  const changed = before.flatMap((cidr, index) =>
    cidrs[index] === cidr ? [] : [bad(`${path}[${index}]`, cidrs[index], immutableField)],
  );
  return grows ? [...changed, ...validateSpec(spec)] : changed;
}

const immutableField = "field is immutable";
