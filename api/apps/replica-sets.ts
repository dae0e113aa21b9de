import { containerCells, containerColumns } from "../core/cells.ts";
import { validateReplicaTemplate, validateSelector } from "../core/pod-template-rules.ts";
import type { ReplicaSet, ReplicaSetSpec } from "../generated/types/apps-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { immutable, nonNegative } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { formatLabelSelector } from "../machinery/printing/labels.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateReplicaCounts } from "./replica-counts.ts";
import { workloadWarnings } from "./workload-warnings.ts";

export const replicaSets: ResourceRow = defineResource<ReplicaSet>({
  group: "apps",
  version: "v1",
  kind: "ReplicaSet",
  plural: "replicasets",
  shortNames: ["rs"],
  categories: ["all"],
  scope: "Namespaced",
  definition: "io.k8s.api.apps.v1.ReplicaSet",
  subresources: [
    { name: "scale", kind: "Scale", group: "autoscaling", version: "v1", verbs: ["get", "patch", "update"] },
    { name: "status", verbs: ["get", "patch", "update"] },
  ],
  scale: { specReplicas: ".spec.replicas", statusReplicas: ".status.replicas", selector: ".spec.selector" },
  storageVersionHash: "P1RzHs8/mWQ=",
  generation: ({ spec }) => [spec],
  reset: { main: ["status"], status: ["spec"] },
  unconditionalUpdate: true,
  validate: ({ spec, status }, { subresource }) =>
    subresource === "status"
      ? validateReplicaCounts(
          status,
          ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"],
          ["terminatingReplicas", "observedGeneration"],
        )
      : validateSpec(spec),
  validateUpdate: ({ spec }, old, { subresource }) =>
    subresource === "status" ? [] : immutable("spec.selector", spec?.selector, old.spec?.selector),
  warn: workloadWarnings,
  table: {
    columns: [
      nameColumn,
      { name: "Desired", type: "integer", description: "Pods that are wanted." },
      { name: "Current", type: "integer", description: "Pods that exist." },
      { name: "Ready", type: "integer", description: "Pods that are ready." },
      ageColumn,
      ...containerColumns,
      { name: "Selector", type: "string", priority: 1, description: "Labels of the pods that belong to it." },
    ],
    cells: ({ metadata, spec, status }, { now }) => [
      metadata?.name ?? "",
      spec?.replicas ?? 0,
      status?.replicas ?? 0,
      status?.readyReplicas ?? 0,
      age(metadata?.creationTimestamp, now),
      ...containerCells(spec?.template),
      formatLabelSelector(spec?.selector),
    ],
  },
});

function validateSpec(spec: DeepReadonly<ReplicaSetSpec> | undefined): FieldError[] {
  if (spec === undefined) return [];
  return [
    ...nonNegative("spec.replicas", spec.replicas),
    ...nonNegative("spec.minReadySeconds", spec.minReadySeconds),
    // Upstream says deployment here, too.
    ...validateSelector(spec.selector, "spec.selector", "deployment"),
    ...validateReplicaTemplate(spec, "spec.template", "ReplicaSet"),
  ];
}
