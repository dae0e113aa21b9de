import { validateNodeSelector } from "../core/node-selector-validation.ts";
import type { ResourceSlice, ResourceSliceSpec } from "../generated/types/resource-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, immutable, named, required } from "../machinery/findings.ts";
import { dnsLabel, dnsSubdomain } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateDriverName } from "../storage/class-parameters.ts";
import { validateList } from "./device-lists.ts";
import { validatePoolName } from "./device-names.ts";
import { validateCounters, validateDevice } from "./device-validation.ts";

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

const most = { devices: 128, advancedDevices: 64, counterSets: 8 };

function validateSpec(spec: DeepReadonly<ResourceSliceSpec>): FieldError[] {
  const { pool, devices = [], sharedCounters } = spec;
  const findings = [
    ...validateDriverName(spec.driver, "spec.driver"),
    ...validatePoolName(pool.name, "spec.pool.name"),
  ];
  if (pool.resourceSliceCount <= 0)
    findings.push(bad("spec.pool.resourceSliceCount", pool.resourceSliceCount, "must be greater than zero"));
  if (pool.generation < 0)
    findings.push(bad("spec.pool.generation", pool.generation, "must be greater than or equal to zero"));
  findings.push(...validatePlace(spec));
  if (sharedCounters !== undefined && spec.devices !== undefined)
    findings.push(bad("spec", "", "only one of `sharedCounters` or `devices` is allowed"));
  const advanced = devices.some(
    ({ taints = [], consumesCounters = [] }) => taints.length + consumesCounters.length > 0,
  );
  return [
    ...findings,
    ...validateList(devices, "spec.devices", {
      most: advanced ? most.advancedDevices : most.devices,
      item: (device, path) => validateDevice(device, path, spec.perDeviceNodeSelection === true),
      key: ({ name }) => name,
    }),
    ...validateList(sharedCounters, "spec.sharedCounters", {
      most: most.counterSets,
      item: ({ name, counters }, path) => [
        ...(name ? named(`${path}.name`, name, dnsLabel(name)) : [required(`${path}.name`)]),
        ...validateCounters(counters, `${path}.counters`),
      ],
      key: ({ name }) => name,
    }),
  ];
}

/** Devices are on one node, on some nodes, on all, or each says where it is. */
function validatePlace(spec: DeepReadonly<ResourceSliceSpec>): FieldError[] {
  const { nodeName, nodeSelector } = spec;
  const findings: FieldError[] = [];
  if (nodeName === "")
    findings.push(bad("spec.nodeName", nodeName, "must be either unset or set to a non-empty string"));
  else if (nodeName !== undefined) findings.push(...named("spec.nodeName", nodeName, dnsSubdomain(nodeName)));
  if (nodeSelector !== undefined) {
    findings.push(...validateNodeSelector(nodeSelector, "spec.nodeSelector"));
    const terms = nodeSelector.nodeSelectorTerms ?? [];
    if (terms.length !== 1)
      findings.push(bad("spec.nodeSelector.nodeSelectorTerms", terms, "must have exactly one node selector term"));
  }
  for (const flag of ["allNodes", "perDeviceNodeSelection"] as const)
    if (spec[flag] === false) findings.push(bad(`spec.${flag}`, false, "must be either unset or set to true"));
  return [...findings, ...validateOnePlace(spec)];
}

function validateOnePlace(spec: DeepReadonly<ResourceSliceSpec>): FieldError[] {
  const places = ["nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection"] as const;
  const given = places.filter((place) => Boolean(spec[place]));
  const listed = "`nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection`";
  if (given.length === 0) return [required("spec", `exactly one of ${listed} is required`)];
  if (given.length === 1) return [];
  const shown = `{${given.map((place) => `\`${place}\``).join(", ")}}`;
  return [bad("spec", shown, `exactly one of ${listed} is required, but multiple fields are set`)];
}
