import type { Service } from "../generated/types/core-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { orNone } from "../machinery/printing/cells.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { formatLabels } from "../machinery/printing/labels.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { loadBalancerText } from "./cells.ts";
import { prepareChangedService, prepareNewService } from "./service-preparation.ts";
import { validateServiceUpdate } from "./service-update-validation.ts";
import { validateService } from "./service-validation.ts";

export const services: ResourceRow = defineResource<Service>({
  group: "",
  version: "v1",
  kind: "Service",
  plural: "services",
  shortNames: ["svc"],
  categories: ["all"],
  scope: "Namespaced",
  definition: "io.k8s.api.core.v1.Service",
  storagePrefix: "services/specs",
  storageVersionHash: "0/CO1lhkEBI=",
  subresources: [
    {
      name: "proxy",
      kind: "ServiceProxyOptions",
      verbs: ["create", "delete", "get", "patch", "update"],
      connect: true,
    },
    { name: "status", verbs: ["get", "patch", "update"] },
  ],
  reset: { main: ["status"], status: ["spec"] },
  createOnUpdate: true,
  unconditionalUpdate: true,
  returnsDeleted: true,
  // A DNS-1035 label until v1.33; RelaxedServiceNameValidation (KEP-5311) is on since.
  nameRule: "dnsLabel",
  prepareForCreate: prepareNewService,
  prepareForUpdate: prepareChangedService,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  selectableFields: {
    "spec.clusterIP": ({ spec }) => spec?.clusterIP ?? "",
    "spec.type": ({ spec }) => spec?.type ?? "",
  },
  table: {
    columns: [
      nameColumn,
      { name: "Type", type: "string", description: "How far the service can be reached." },
      { name: "Cluster-IP", type: "string", description: "Address inside the cluster." },
      { name: "External-IP", type: "string", description: "Addresses outside the cluster." },
      { name: "Port(s)", type: "string", description: "Ports, those on the nodes, and protocols." },
      ageColumn,
      { name: "Selector", type: "string", priority: 1, description: "Labels of the pods behind the service." },
    ],
    cells: (service, { now }) => [
      service.metadata?.name ?? "",
      service.spec?.type ?? "",
      orNone(service.spec?.clusterIPs?.[0] ?? service.spec?.clusterIP),
      externalAddresses(service),
      orNone(ports(service)),
      age(service.metadata?.creationTimestamp, now),
      formatLabels(service.spec?.selector),
    ],
  },
});

function externalAddresses({ spec, status }: DeepReadonly<Service>): string {
  const given = (spec?.externalIPs ?? []).join(",");
  switch (spec?.type) {
    case "ClusterIP":
    case "NodePort":
      return orNone(given);
    case "LoadBalancer": {
      const balanced = loadBalancerText(status?.loadBalancer?.ingress);
      return [balanced, given].filter((text) => text !== "").join(",") || "<pending>";
    }
    case "ExternalName":
      return spec.externalName ?? "";
    default:
      return "<unknown>";
  }
}

/** `80:30080/TCP,53/UDP` */
function ports({ spec }: DeepReadonly<Service>): string {
  return (spec?.ports ?? [])
    .map(({ port, nodePort, protocol = "TCP" }) =>
      nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
    )
    .join(",");
}
