import { containerCells, containerColumns } from "../core/cells.ts";
import { validateReplicaTemplate, validateSelector } from "../core/pod-template-rules.ts";
import type { Deployment, DeploymentSpec, DeploymentStrategy } from "../generated/types/apps-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, immutable, nonNegative, required, unsupported } from "../machinery/findings.ts";
import { atMostAll, type IntOrPercent, isZero, validateIntOrPercent } from "../machinery/int-or-percent.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { formatLabelSelector } from "../machinery/printing/labels.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateCollisionCount, validateReplicaCounts } from "./replica-counts.ts";
import { workloadWarnings } from "./workload-warnings.ts";

export const deployments: ResourceRow = defineResource<Deployment>({
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  shortNames: ["deploy"],
  categories: ["all"],
  scope: "Namespaced",
  definition: "io.k8s.api.apps.v1.Deployment",
  subresources: [
    { name: "scale", kind: "Scale", group: "autoscaling", version: "v1", verbs: ["get", "patch", "update"] },
    { name: "status", verbs: ["get", "patch", "update"] },
  ],
  scale: { specReplicas: ".spec.replicas", statusReplicas: ".status.replicas", selector: ".spec.selector" },
  storageVersionHash: "8aSe+NMegvE=",
  generation: ({ metadata, spec }) => [spec, metadata?.annotations],
  reset: { main: ["status"], status: ["metadata.labels", "spec"] },
  unconditionalUpdate: true,
  validate: ({ spec, status }, { subresource }) =>
    subresource === "status"
      ? validateReplicaCounts(
          status,
          ["updatedReplicas", "readyReplicas", "availableReplicas"],
          ["observedGeneration", "unavailableReplicas", "terminatingReplicas", "collisionCount"],
        )
      : validateSpec(spec),
  validateUpdate: ({ spec, status }, old, { subresource }) =>
    subresource === "status"
      ? validateCollisionCount(status, old.status)
      : immutable("spec.selector", spec?.selector, old.spec?.selector),
  warn: workloadWarnings,
  table: {
    columns: [
      nameColumn,
      { name: "Ready", type: "string", description: "Pods that are ready, of those that are wanted." },
      { name: "Up-to-date", type: "string", description: "Pods made from the newest pod template." },
      { name: "Available", type: "string", description: "Pods that have been ready for at least minReadySeconds." },
      ageColumn,
      ...containerColumns,
      { name: "Selector", type: "string", priority: 1, description: "Labels of the pods that belong to it." },
    ],
    cells: ({ metadata, spec, status }, { now }) => [
      metadata?.name ?? "",
      `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
      status?.updatedReplicas ?? 0,
      status?.availableReplicas ?? 0,
      age(metadata?.creationTimestamp, now),
      ...containerCells(spec?.template),
      formatLabelSelector(spec?.selector),
    ],
  },
});

function validateSpec(spec: DeepReadonly<DeploymentSpec> | undefined): FieldError[] {
  if (spec === undefined) return [];
  const deadline = spec.progressDeadlineSeconds;
  const minReady = spec.minReadySeconds ?? 0;
  return [
    ...nonNegative("spec.replicas", spec.replicas),
    ...validateSelector(spec.selector, "spec.selector", "deployment"),
    ...validateReplicaTemplate(spec, "spec.template", "ReplicaSet"),
    ...validateStrategy(spec.strategy ?? {}, "spec.strategy"),
    ...nonNegative("spec.minReadySeconds", minReady),
    ...nonNegative("spec.revisionHistoryLimit", spec.revisionHistoryLimit),
    ...nonNegative("spec.progressDeadlineSeconds", deadline),
    ...(deadline !== undefined && deadline <= minReady
      ? [bad("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")]
      : []),
  ];
}

function validateStrategy({ type = "", rollingUpdate }: DeepReadonly<DeploymentStrategy>, path: string): FieldError[] {
  if (type === "Recreate") {
    if (!rollingUpdate) return [];
    return [forbidden(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")];
  }
  if (type !== "RollingUpdate") return [unsupported(`${path}.type`, type, ["Recreate", "RollingUpdate"])];
  if (!rollingUpdate) return [required(`${path}.rollingUpdate`, "this should be defaulted and never be nil")];
  return validateSurge(rollingUpdate, `${path}.rollingUpdate`);
}

/** A rollout that may neither remove a pod nor add one would never move. */
function validateSurge(
  { maxUnavailable = 0, maxSurge = 0 }: { readonly maxUnavailable?: IntOrPercent; readonly maxSurge?: IntOrPercent },
  path: string,
): FieldError[] {
  const findings = [
    ...validateIntOrPercent(maxUnavailable, `${path}.maxUnavailable`),
    ...validateIntOrPercent(maxSurge, `${path}.maxSurge`),
  ];
  if (isZero(maxUnavailable) && isZero(maxSurge)) {
    findings.push(bad(`${path}.maxUnavailable`, maxUnavailable, "may not be 0 when `maxSurge` is 0"));
  }
  return [...findings, ...atMostAll(maxUnavailable, `${path}.maxUnavailable`)];
}
