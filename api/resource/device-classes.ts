import type { DeviceClass } from "../generated/types/resource-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad } from "../machinery/findings.ts";
import { labelKey } from "../machinery/names.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateSelectors } from "./device-claim-validation.ts";
import { validateConfiguration } from "./device-configuration.ts";
import { validateList } from "./device-lists.ts";

const mostConfigurations = 32;

export const deviceClasses: ResourceRow = defineResource<DeviceClass>({
  group: "resource.k8s.io",
  version: "v1",
  kind: "DeviceClass",
  plural: "deviceclasses",
  scope: "Cluster",
  definition: "io.k8s.api.resource.v1.DeviceClass",
  storageVersionHash: "Yk2PTc1Ybxk=",
  generation: ({ spec }) => [spec],
  unconditionalUpdate: true,
  returnsDeleted: true,
  validate: ({ spec }) => [
    ...validateSelectors(spec.selectors ?? [], "spec.selectors"),
    ...validateList(spec.config, "spec.config", { most: mostConfigurations, item: validateConfiguration }),
    ...validateExtendedName(spec.extendedResourceName),
  ],
  table: {
    columns: [nameColumn, ageColumn],
    cells: ({ metadata }, { now }) => [metadata?.name ?? "", age(metadata?.creationTimestamp, now)],
  },
});

/** How pods ask for a device of the class as for any other resource: a name of a domain of its own. */
function validateExtendedName(name: string | undefined): FieldError[] {
  if (name === undefined) return [];
  const native = !name.includes("/") || name.includes("kubernetes.io/") || name.startsWith("requests.");
  if (!native && labelKey(`requests.${name}`).length === 0) return [];
  return [bad("spec.extendedResourceName", name, "must be a valid extended resource name")];
}
