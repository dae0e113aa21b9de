import { deprecatedNodeLabel } from "../core/node-label-warnings.ts";
import type { StorageClass } from "../generated/types/storage-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";

const retired: ReadonlyMap<string, string> = new Map([
  ["kubernetes.io/storageos", "deprecated in v1.22, non-functional in v1.25+"],
  ["kubernetes.io/quobyte", "deprecated in v1.22, non-functional in v1.25+"],
  ["kubernetes.io/flocker", "deprecated in v1.22, non-functional in v1.25+"],
  ["kubernetes.io/glusterfs", "deprecated in v1.25, non-functional in v1.26+"],
  ["kubernetes.io/rbd", "deprecated in v1.28, non-functional in v1.31+"],
]);

export function storageClassWarnings({
  provisioner,
  allowedTopologies,
}: DeepReadonly<StorageClass>): readonly string[] {
  const gone = retired.get(provisioner);
  return [
    ...(allowedTopologies ?? []).flatMap(({ matchLabelExpressions = [] }, term) =>
      matchLabelExpressions.flatMap(({ key }, index) => {
        const message = deprecatedNodeLabel(key);
        const path = `allowedTopologies[${term}].matchLabelExpressions[${index}].key`;
        return message === undefined ? [] : [`${path}: ${message}`];
      }),
    ),
    ...(gone === undefined ? [] : [`provisioner: ${gone}`]),
  ];
}
