import type { ResourceQuota } from "../generated/types/core-v1.ts";
import { getOwn } from "../machinery/members.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { canonicalQuantity, isQuantity } from "../machinery/quantity.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateQuotaUpdate, validateResourceQuota } from "./resource-quota-validation.ts";

export const resourceQuotas: ResourceRow = defineResource<ResourceQuota>({
  group: "",
  version: "v1",
  kind: "ResourceQuota",
  plural: "resourcequotas",
  shortNames: ["quota"],
  scope: "Namespaced",
  definition: "io.k8s.api.core.v1.ResourceQuota",
  storageVersionHash: "8uhSgffRX6w=",
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  reset: { main: ["status"], status: ["spec"] },
  unconditionalUpdate: true,
  returnsDeleted: true,
  validate: validateResourceQuota,
  validateUpdate: validateQuotaUpdate,
  table: {
    columns: [
      nameColumn,
      { name: "Request", type: "string", description: "What is used of what may be requested." },
      { name: "Limit", type: "string", description: "What is used of what limits may add up to." },
      ageColumn,
    ],
    cells: (quota, { now }) => [
      quota.metadata?.name ?? "",
      usage(quota, (resource) => !resource.startsWith("limits.")),
      usage(quota, (resource) => resource.startsWith("limits.")),
      age(quota.metadata?.creationTimestamp, now),
    ],
  },
});

/** `cpu: 1/2, pods: 3/10` */
function usage({ status }: DeepReadonly<ResourceQuota>, wanted: (resource: string) => boolean): string {
  const { hard = {}, used = {} } = status ?? {};
  const text = (map: Readonly<Record<string, string>>, resource: string): string => {
    const value = getOwn(map, resource) ?? "0";
    return isQuantity(value) ? canonicalQuantity(value) : value;
  };
  const resources = Object.keys(hard).filter(wanted).sort();
  return resources.map((resource) => `${resource}: ${text(used, resource)}/${text(hard, resource)}`).join(", ");
}
