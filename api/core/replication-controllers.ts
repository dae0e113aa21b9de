import type { ReplicationController } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { nonNegative, required } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { formatLabels } from "../machinery/printing/labels.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
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

function validate({ spec }: DeepReadonly<ReplicationController>): FieldError[] {
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
