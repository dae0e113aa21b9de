import { containerCells, containerColumns } from "../core/cells.ts";
import { validateReplicaTemplate, validateSelector } from "../core/pod-template-rules.ts";
import type { DaemonSet, DaemonSetSpec, DaemonSetUpdateStrategy } from "../generated/types/apps-v1.ts";
import { semanticEqual } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, immutable, nonNegative, required, unsupported } from "../machinery/findings.ts";
import { atMostAll, isZero, validateIntOrPercent } from "../machinery/int-or-percent.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { formatLabels, formatLabelSelector } from "../machinery/printing/labels.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateCollisionCount, validateCounts } from "./replica-counts.ts";
import { templateWarnings } from "./workload-warnings.ts";

/** v1 has no field for the template's generation: it lives in this annotation, which writers cannot change. */
const templateGeneration = "deprecated.daemonset.template.generation";

export const daemonSets: ResourceRow = defineResource<DaemonSet>({
  group: "apps",
  version: "v1",
  kind: "DaemonSet",
  plural: "daemonsets",
  shortNames: ["ds"],
  categories: ["all"],
  scope: "Namespaced",
  definition: "io.k8s.api.apps.v1.DaemonSet",
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  storageVersionHash: "dd7pWHUlMKQ=",
  generation: ({ spec }) => [spec],
  reset: { main: ["status"], status: ["spec"] },
  unconditionalUpdate: true,
  prepareForCreate: (set) => setTemplateGeneration(set, Math.max(1, templateGenerationOf(set))),
  prepareForUpdate(set, old) {
    const changed = !semanticEqual(set.spec?.template, old.spec?.template);
    setTemplateGeneration(set, templateGenerationOf(old) + (changed ? 1 : 0));
  },
  validate({ spec, status }, { subresource }) {
    if (subresource === "status") return validateCounts(status ?? {}, counts);
    return spec === undefined ? [] : validateSpec(spec);
  },
  validateUpdate: ({ spec, status }, old, { subresource }) =>
    subresource === "status"
      ? validateCollisionCount(status, old.status)
      : immutable("spec.selector", spec?.selector, old.spec?.selector),
  warn: templateWarnings,
  table: {
    columns: [
      nameColumn,
      { name: "Desired", type: "integer", description: "Nodes that should run the daemon pod." },
      { name: "Current", type: "integer", description: "Nodes that run at least one daemon pod and should." },
      { name: "Ready", type: "integer", description: "Nodes whose daemon pod is ready." },
      { name: "Up-to-date", type: "integer", description: "Nodes that run the newest pod template." },
      {
        name: "Available",
        type: "integer",
        description: "Nodes whose daemon pod has been ready for at least minReadySeconds.",
      },
      { name: "Node Selector", type: "string", description: "Labels that a node must have to get a daemon pod." },
      ageColumn,
      ...containerColumns,
      { name: "Selector", type: "string", priority: 1, description: "Labels of the pods that belong to it." },
    ],
    cells: ({ metadata, spec, status }, { now }) => [
      metadata?.name ?? "",
      status?.desiredNumberScheduled ?? 0,
      status?.currentNumberScheduled ?? 0,
      status?.numberReady ?? 0,
      status?.updatedNumberScheduled ?? 0,
      status?.numberAvailable ?? 0,
      formatLabels(spec?.template?.spec?.nodeSelector),
      age(metadata?.creationTimestamp, now),
      ...containerCells(spec?.template),
      formatLabelSelector(spec?.selector),
    ],
  },
});

const counts = [
  "currentNumberScheduled",
  "numberMisscheduled",
  "desiredNumberScheduled",
  "numberReady",
  "observedGeneration",
  "updatedNumberScheduled",
  "numberAvailable",
  "numberUnavailable",
];

function templateGenerationOf({ metadata }: DeepReadonly<DaemonSet>): number {
  const text = metadata?.annotations?.[templateGeneration] ?? "";
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : 0;
}

function setTemplateGeneration(set: DaemonSet, generation: number): void {
  set.metadata ??= {};
  set.metadata.annotations = { ...set.metadata.annotations, [templateGeneration]: String(generation) };
}

function validateSpec(spec: DeepReadonly<DaemonSetSpec>): FieldError[] {
  return [
    // An absent one is only said not to match the template.
    ...(spec.selector ? validateSelector(spec.selector, "spec.selector", "daemonset") : []),
    ...validateReplicaTemplate(spec, "spec.template", "DaemonSet"),
    ...nonNegative("spec.minReadySeconds", spec.minReadySeconds),
    ...validateStrategy(spec.updateStrategy ?? {}, "spec.updateStrategy"),
    ...nonNegative("spec.revisionHistoryLimit", spec.revisionHistoryLimit),
  ];
}

function validateStrategy(
  { type = "", rollingUpdate }: DeepReadonly<DaemonSetUpdateStrategy>,
  path: string,
): FieldError[] {
  if (type === "OnDelete") return [];
  if (type !== "RollingUpdate") return [unsupported(`${path}.type`, type, ["OnDelete", "RollingUpdate"])];
  if (!rollingUpdate) return [required(`${path}.rollingUpdate`, "")];
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate;
  const at = `${path}.rollingUpdate`;
  const findings = [
    ...validateIntOrPercent(maxUnavailable, `${at}.maxUnavailable`),
    ...atMostAll(maxUnavailable, `${at}.maxUnavailable`),
    ...validateIntOrPercent(maxSurge, `${at}.maxSurge`),
    ...atMostAll(maxSurge, `${at}.maxSurge`),
  ];
  // A daemon's old and new pod share a node, so a rollout is either in place or by surge.
  if (isZero(maxUnavailable) && isZero(maxSurge)) {
    findings.push(required(`${at}.maxUnavailable`, "cannot be 0 when maxSurge is 0"));
  } else if (!isZero(maxUnavailable) && !isZero(maxSurge)) {
    findings.push(bad(`${at}.maxSurge`, maxSurge, "may not be set when maxUnavailable is non-zero"));
  }
  return findings;
}
