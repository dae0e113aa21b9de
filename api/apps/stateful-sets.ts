import { containerCells, containerColumns } from "../core/cells.ts";
import type { StatefulSet } from "../generated/types/apps-v1.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateCollisionCount, validateReplicaCounts } from "./replica-counts.ts";
import { validateStatefulSetSpec, validateStatefulSetUpdate } from "./stateful-set-validation.ts";
import { statefulSetWarnings } from "./stateful-set-warnings.ts";
import { templateWarnings } from "./workload-warnings.ts";

export const statefulSets: ResourceRow = defineResource<StatefulSet>({
  group: "apps",
  version: "v1",
  kind: "StatefulSet",
  plural: "statefulsets",
  shortNames: ["sts"],
  categories: ["all"],
  scope: "Namespaced",
  definition: "io.k8s.api.apps.v1.StatefulSet",
  subresources: [
    { name: "scale", kind: "Scale", group: "autoscaling", version: "v1", verbs: ["get", "patch", "update"] },
    { name: "status", verbs: ["get", "patch", "update"] },
  ],
  scale: { specReplicas: ".spec.replicas", statusReplicas: ".status.replicas", selector: ".spec.selector" },
  storageVersionHash: "H+vl74LkKdo=",
  generation: ({ spec }) => [spec],
  reset: { main: ["status"], status: ["spec"] },
  unconditionalUpdate: true,
  nameRule: "dnsLabel",
  validate: ({ spec, status }, { subresource }) =>
    subresource === "status"
      ? validateReplicaCounts(
          status,
          ["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"],
          ["observedGeneration", "collisionCount"],
        )
      : validateStatefulSetSpec(spec),
  validateUpdate: ({ spec, status }, old, { subresource }) =>
    subresource === "status"
      ? validateCollisionCount(status, old.status)
      : validateStatefulSetUpdate(spec ?? {}, old.spec ?? {}),
  warn: (set, old) => [...templateWarnings(set, old), ...statefulSetWarnings(set, old)],
  table: {
    columns: [
      nameColumn,
      { name: "Ready", type: "string", description: "Pods that are ready, of those that are wanted." },
      ageColumn,
      ...containerColumns,
    ],
    cells: ({ metadata, spec, status }, { now }) => [
      metadata?.name ?? "",
      `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
      age(metadata?.creationTimestamp, now),
      ...containerCells(spec?.template),
    ],
  },
});
