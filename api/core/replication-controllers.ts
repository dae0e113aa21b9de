import type { ReplicationController, ReplicationControllerStatus } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, nonNegative, required } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { formatLabels } from "../machinery/printing/labels.ts";
import { defineResource, type ResourceRow, type WriteContext } from "../resource.ts";
import { containerCells, containerColumns } from "./cells.ts";
import { matchesSelector, runsForEver } from "./pod-template-rules.ts";
import { validatePodTemplate } from "./pod-validation.ts";

export const replicationControllers: ResourceRow = defineResource<ReplicationController>({
  group: "",
  version: "v1",
  kind: "ReplicationController",
  plural: "replicationcontrollers",
  shortNames: ["rc"],
  categories: ["all"],
  scope: "Namespaced",
  definition: "io.k8s.api.core.v1.ReplicationController",
  storagePrefix: "controllers",
  storageVersionHash: "Jond2If31h0=",
  subresources: [
    { name: "scale", kind: "Scale", group: "autoscaling", version: "v1", verbs: ["get", "patch", "update"] },
    { name: "status", verbs: ["get", "patch", "update"] },
  ],
  scale: { specReplicas: ".spec.replicas", statusReplicas: ".status.replicas", selector: ".spec.selector" },
  generation: ({ spec }) => [spec],
  reset: { main: ["status"], status: ["spec"] },
  unconditionalUpdate: true,
  defaultPropagation: "Orphan",
  validate,
  selectableFields: { "status.replicas": ({ status }) => String(status?.replicas ?? 0) },
  table: {
    columns: [
      nameColumn,
      { name: "Desired", type: "integer", description: "Pods that are wanted." },
      { name: "Current", type: "integer", description: "Pods that there are." },
      { name: "Ready", type: "integer", description: "Pods that are ready." },
      ageColumn,
      ...containerColumns,
      { name: "Selector", type: "string", priority: 1, description: "Labels of the pods that count." },
    ],
    cells: ({ metadata, spec, status }, { now }) => [
      metadata?.name ?? "",
      spec?.replicas ?? 0,
      status?.replicas ?? 0,
      status?.readyReplicas ?? 0,
      age(metadata?.creationTimestamp, now),
      ...containerCells(spec?.template),
      formatLabels(spec?.selector),
    ],
  },
});

function validate({ spec, status }: DeepReadonly<ReplicationController>, { subresource }: WriteContext): FieldError[] {
  if (subresource === "status") return validateReplicaStatus(status ?? {});
  const { replicas, minReadySeconds, selector, template } = spec ?? {};
  const findings = [...nonNegative("spec.minReadySeconds", minReadySeconds), ...nonNegative("spec.replicas", replicas)];
  const selects = Object.keys(selector ?? {}).length > 0;
  if (!selects) findings.push(required("spec.selector"));
  if (template === undefined) return [...findings, required("spec.template")];
  if (selects) findings.push(...matchesSelector({ matchLabels: selector ?? {} }, template, "spec.template"));
  return [
    ...findings,
    ...validatePodTemplate(template, "spec.template"),
    ...runsForEver(template, "spec.template", "ReplicationController"),
  ];
}

const counts = [
  "replicas",
  "fullyLabeledReplicas",
  "readyReplicas",
  "availableReplicas",
  "observedGeneration",
] as const;

function validateReplicaStatus(status: Partial<DeepReadonly<ReplicationControllerStatus>>): FieldError[] {
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  const findings = counts.flatMap((field) => nonNegative(`status.${field}`, status[field]));
  for (const field of ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"] as const) {
    const count = status[field] ?? 0;
    if (count > replicas) findings.push(bad(`status.${field}`, count, "cannot be greater than status.replicas"));
  }
  if (availableReplicas > readyReplicas)
    findings.push(bad("status.availableReplicas", availableReplicas, "cannot be greater than readyReplicas"));
  return findings;
}
