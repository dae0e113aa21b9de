import type { CSINode, CSINodeDriver } from "../generated/types/storage-v1.ts";
import { semanticEqual } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, named, nonNegative, required } from "../machinery/findings.ts";
import { labelKey } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateDriverName } from "./class-parameters.ts";

export const csiNodes: ResourceRow = defineResource<CSINode>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSINode",
  plural: "csinodes",
  scope: "Cluster",
  definition: "io.k8s.api.storage.v1.CSINode",
  storageVersionHash: "Pe62DkZtjuo=",
  returnsDeleted: true,
  validate: ({ spec }) => validateDrivers(spec.drivers ?? []),
  // A driver may come and go, but one that stays cannot change what it told about the node, except how much it can take.
  validateUpdate: ({ spec }, old) =>
    (spec.drivers ?? [])
      .filter((driver) =>
        (old.spec.drivers ?? []).some((before) => before.name === driver.name && !sameIdentity(driver, before)),
      )
      .map((driver) => bad("CSINodeDriver", driver, "field is immutable")),
  table: {
    columns: [
      nameColumn,
      { name: "Drivers", type: "integer", description: "How many CSI drivers run on the node." },
      ageColumn,
    ],
    cells: ({ metadata, spec }, { now }) => [
      metadata?.name ?? "",
      spec.drivers?.length ?? 0,
      age(metadata?.creationTimestamp, now),
    ],
  },
});

function sameIdentity(driver: DeepReadonly<CSINodeDriver>, before: DeepReadonly<CSINodeDriver>): boolean {
  const { allocatable: _count, ...identity } = driver;
  const { allocatable: _before, ...earlier } = before;
  return semanticEqual(identity, earlier);
}

const longestNodeId = 192;

function validateTopologyKeys(keys: readonly string[], path: string): FieldError[] {
  return keys.flatMap((key, index) => [
    ...(keys.indexOf(key) === index ? [] : [duplicate(path, key)]),
    ...named(path, keys, labelKey(key.toLowerCase())),
  ]);
}

function validateDrivers(drivers: readonly DeepReadonly<CSINodeDriver>[]): FieldError[] {
  const seen = new Set<string>();
  const findings: FieldError[] = [];
  for (const [index, { name, nodeID, topologyKeys, allocatable }] of drivers.entries()) {
    const path = `spec.drivers[${index}]`;
    findings.push(...validateDriverName(name, `${path}.name`));
    if (seen.has(name)) findings.push(duplicate(`${path}.name`, name));
    seen.add(name);
    if (!nodeID) findings.push(required(`${path}.nodeID`));
    else if (Buffer.byteLength(nodeID) > longestNodeId)
      findings.push(bad(`${path}.nodeID`, nodeID, `must be ${longestNodeId} characters or less`));
    findings.push(...validateTopologyKeys(topologyKeys ?? [], `${path}.topologyKeys`));
    findings.push(...nonNegative(`${path}.allocatable.count`, allocatable?.count));
  }
  return findings;
}
