import type { HorizontalPodAutoscaler } from "../generated/types/autoscaling-v2.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { v1ToV2, v2ToV1 } from "./horizontal-pod-autoscaler-conversion.ts";
import { nonNegative } from "../machinery/findings.ts";
import { validateAutoscaler, validateTargetGroup } from "./horizontal-pod-autoscaler-validation.ts";
import { metricsCell } from "./metrics-cell.ts";

export const horizontalPodAutoscalers: ResourceRow = defineResource<HorizontalPodAutoscaler>({
  group: "autoscaling",
  version: "v2",
  kind: "HorizontalPodAutoscaler",
  plural: "horizontalpodautoscalers",
  shortNames: ["hpa"],
  categories: ["all"],
  scope: "Namespaced",
  definition: "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler",
  alsoServedAs: [
    {
      group: "autoscaling",
      version: "v1",
      definition: "io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler",
      toHub: v1ToV2,
      fromHub: v2ToV1,
    },
  ],
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  storageVersionHash: "qwQve8ut294=",
  reset: { main: ["status"], status: ["spec"] },
  unconditionalUpdate: true,
  validate: ({ spec, status }, { subresource, operation }) =>
    subresource === "status"
      ? (["currentReplicas", "desiredReplicas"] as const).flatMap((field) =>
          nonNegative(`status.${field}`, status?.[field]),
        )
      : [...validateAutoscaler(spec), ...(operation === "create" ? validateTargetGroup(spec) : [])],
  validateUpdate: ({ spec }, old, { subresource }) =>
    subresource === "status" ? [] : validateTargetGroup(spec, old.spec),
  table: {
    columns: [
      nameColumn,
      { name: "Reference", type: "string", description: "What is scaled." },
      { name: "Targets", type: "string", description: "Each metric's current value and its target." },
      { name: "MinPods", type: "string", description: "Fewest replicas it may scale to." },
      { name: "MaxPods", type: "string", description: "Most replicas it may scale to." },
      { name: "Replicas", type: "string", description: "Replicas when it last looked." },
      ageColumn,
    ],
    cells: ({ metadata, spec, status }, { now }) => [
      metadata?.name ?? "",
      `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
      metricsCell(spec.metrics ?? [], status?.currentMetrics ?? []),
      String(spec.minReplicas ?? "<unset>"),
      spec.maxReplicas,
      status?.currentReplicas ?? 0,
      age(metadata?.creationTimestamp, now),
    ],
  },
});
