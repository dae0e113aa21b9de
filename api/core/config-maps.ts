import type { ConfigMap } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, named, tooLong } from "../machinery/findings.ts";
import { configMapKey } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { frozenData, longestData, sizeOfBase64 } from "./data-maps.ts";

export const configMaps: ResourceRow = defineResource<ConfigMap>({
  group: "",
  version: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  shortNames: ["cm"],
  scope: "Namespaced",
  definition: "io.k8s.api.core.v1.ConfigMap",
  storageVersionHash: "qFsyl6wFWjQ=",
  unconditionalUpdate: true,
  validate,
  validateUpdate: (map, old) => frozenData(map, old, ["data", "binaryData"]),
  table: {
    columns: [nameColumn, { name: "Data", type: "string", description: "How many keys there are." }, ageColumn],
    cells: ({ metadata, data, binaryData }, { now }) => [
      metadata?.name ?? "",
      Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length,
      age(metadata?.creationTimestamp, now),
    ],
  },
});

function validate({ data = {}, binaryData = {} }: DeepReadonly<ConfigMap>): FieldError[] {
  const findings: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(data)) {
    findings.push(...named(`data[${key}]`, key, configMapKey(key)));
    if (Object.hasOwn(binaryData, key))
      findings.push(bad(`data[${key}]`, key, "duplicate of key present in binaryData"));
    bytes += Buffer.byteLength(value);
  }
  for (const [key, value] of Object.entries(binaryData)) {
    findings.push(...named(`binaryData[${key}]`, key, configMapKey(key)));
    bytes += sizeOfBase64(value);
  }
  if (bytes > longestData) findings.push(tooLong("", longestData));
  return findings;
}
