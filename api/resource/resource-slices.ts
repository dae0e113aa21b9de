import type { ResourceSlice, ResourceSliceSpec } from "../generated/types/resource-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, immutable, nonNegative, required, requiredName, tooMany } from "../machinery/findings.ts";
import { dnsLabel, dnsSubdomain } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";

export const resourceSlices: ResourceRow = defineResource<ResourceSlice>({
  group: "resource.k8s.io",
  version: "v1",
  kind: "ResourceSlice",
  plural: "resourceslices",
  scope: "Cluster",
  definition: "io.k8s.api.resource.v1.ResourceSlice",
  storageVersionHash: "KsC072WgaEY=",
  generation: ({ spec }) => [spec],
  unconditionalUpdate: true,
  returnsDeleted: true,
  selectableFields: {
    "spec.nodeName": ({ spec }) => spec.nodeName ?? "",
    "spec.driver": ({ spec }) => spec.driver,
  },
  validate: ({ spec }) => validateSpec(spec),
  validateUpdate: ({ spec }, old) => [
    ...immutable("spec.pool.name", spec.pool.name, old.spec.pool.name),
    ...immutable("spec.driver", spec.driver, old.spec.driver),
    ...immutable("spec.nodeName", spec.nodeName, old.spec.nodeName),
  ],
  table: {
    columns: [
      nameColumn,
      { name: "Node", type: "string", description: "The node that has the devices, when it is one node." },
      { name: "Driver", type: "string", description: "The driver that offers them." },
      { name: "Pool", type: "string", description: "The pool that they belong to." },
      ageColumn,
    ],
    cells: ({ metadata, spec }, { now }) => [
      metadata?.name ?? "",
      spec.nodeName ?? "",
      spec.driver,
      spec.pool.name,
      age(metadata?.creationTimestamp, now),
    ],
  },
});

const mostDevices = 128;

function validateSpec(spec: DeepReadonly<ResourceSliceSpec>): FieldError[] {
  const findings = [
    ...requiredName("spec.driver", spec.driver, (driver) => dnsSubdomain(driver.toLowerCase())),
    ...(spec.pool.name ? [] : [required("spec.pool.name")]),
    ...nonNegative("spec.pool.generation", spec.pool.generation),
    ...validatePlace(spec),
  ];
  if (spec.pool.resourceSliceCount <= 0) {
    findings.push(bad("spec.pool.resourceSliceCount", spec.pool.resourceSliceCount, "must be greater than zero"));
  }
  const devices = spec.devices ?? [];
  if (devices.length > mostDevices) findings.push(tooMany("spec.devices", devices.length, mostDevices));
  const seen = new Set<string>();
  for (const [index, { name }] of devices.entries()) {
    findings.push(...requiredName(`spec.devices[${index}].name`, name, dnsLabel));
    if (seen.has(name)) findings.push(duplicate(`spec.devices[${index}].name`, name));
    seen.add(name);
  }
  return findings;
}

/** Devices are on one node, on some nodes, on all, or each says where it is. */
function validatePlace(spec: DeepReadonly<ResourceSliceSpec>): FieldError[] {
  const places = ["nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection"] as const;
  const given = places.filter((place) => Boolean(spec[place]));
  const listed = "`nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection`";
  if (given.length === 0) return [required("spec", `exactly one of ${listed} is required`)];
  if (given.length === 1) return [];
  return [
    bad(
      "spec",
      `{${given.map((place) => `\`${place}\``).join(", ")}}`,
      `exactly one of ${listed} is required, but multiple fields are set`,
    ),
  ];
}
