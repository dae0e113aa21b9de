import type { IPAddress, ParentReference } from "../generated/types/networking-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { immutable, named, required, requiredName } from "../machinery/findings.ts";
import { ipProblems } from "../machinery/ip.ts";
import { dnsSubdomain, pathSegment } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";

/** An address that is taken: its name is the address, so that no two services can have it. */
export const ipAddresses: ResourceRow = defineResource<IPAddress>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "IPAddress",
  plural: "ipaddresses",
  shortNames: ["ip"],
  scope: "Cluster",
  definition: "io.k8s.api.networking.v1.IPAddress",
  storageVersionHash: "3f/plJFChNE=",
  unconditionalUpdate: true,
  nameRule: "pathSegment",
  validate,
  validateUpdate: (address, old) => immutable("spec.parentRef", address.spec?.parentRef, old.spec?.parentRef),
  table: {
    columns: [nameColumn, { name: "ParentRef", type: "string", description: "What holds the address." }],
    cells: ({ metadata, spec }) => [metadata?.name ?? "", holder(spec?.parentRef)],
  },
});

/** `services/default/kubernetes` */
function holder(reference: DeepReadonly<ParentReference> | undefined): string {
  if (reference === undefined) return "<none>";
  const { group, resource = "", namespace, name = "" } = reference;
  const kind = (group ? `${resource}.${group}` : resource).toLowerCase();
  return [kind, ...(namespace ? [namespace] : []), name].join("/");
}

function validate({ metadata, spec }: DeepReadonly<IPAddress>): FieldError[] {
  const name = metadata?.name ?? "";
  const path = "spec.parentRef";
  const findings = named("metadata.name", name, ipProblems(name, { canonical: true }));
  if (spec?.parentRef === undefined) return [...findings, required(path)];
  const { group, resource, namespace, name: parent } = spec.parentRef;
  return [
    ...findings,
    ...(group ? named(`${path}.group`, group, dnsSubdomain(group)) : []),
    ...requiredName(`${path}.resource`, resource, pathSegment),
    ...requiredName(`${path}.name`, parent, pathSegment),
    ...(namespace ? named(`${path}.namespace`, namespace, pathSegment(namespace)) : []),
  ];
}
