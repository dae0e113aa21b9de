import { deprecatedNodeLabel } from "../core/node-label-warnings.ts";
import { fractionalBytes } from "../core/pod-container-warnings.ts";
import { validateTolerations } from "../core/pod-scheduling-validation.ts";
import type { RuntimeClass } from "../generated/types/node-v1.ts";
import { immutable, requiredName } from "../machinery/findings.ts";
import { validateLabels } from "../machinery/label-validation.ts";
import { dnsLabel } from "../machinery/names.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";

export const runtimeClasses: ResourceRow = defineResource<RuntimeClass>({
  group: "node.k8s.io",
  version: "v1",
  kind: "RuntimeClass",
  plural: "runtimeclasses",
  scope: "Cluster",
  definition: "io.k8s.api.node.v1.RuntimeClass",
  storageVersionHash: "WQTu1GL3T2Q=",
  createOnUpdate: true,
  validate: ({ handler, scheduling }) => [
    ...requiredName("handler", handler, dnsLabel),
    ...validateLabels("scheduling.nodeSelector", scheduling?.nodeSelector),
    ...validateTolerations(scheduling?.tolerations ?? [], "scheduling.tolerations"),
  ],
  warn: ({ scheduling, overhead }) => [
    ...Object.keys(scheduling?.nodeSelector ?? {}).flatMap((key) => {
      const message = deprecatedNodeLabel(key);
      return message === undefined ? [] : [`scheduling.nodeSelector: ${message}`];
    }),
    ...fractionalBytes(overhead?.podFixed, "overhead.podFixed"),
  ],
  validateUpdate: ({ handler }, old) => immutable("handler", handler, old.handler),
  table: {
    columns: [
      nameColumn,
      { name: "Handler", type: "string", description: "The runtime configuration on the node that it stands for." },
      ageColumn,
    ],
    cells: ({ metadata, handler }, { now }) => [metadata?.name ?? "", handler, age(metadata?.creationTimestamp, now)],
  },
});
