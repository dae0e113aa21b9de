import type { NodeMetrics, PodMetrics } from "../../api/generated/types/metrics-v1beta1.ts";
import { addQuantities, formatQuantity, parseQuantity, zeroQuantity } from "../../api/machinery/quantity.ts";

export type Metrics = NodeMetrics | PodMetrics;
export type IncludeObject = "None" | "Metadata" | "Object";

const columns = [
  { name: "Name", type: "string", format: "name", description: "Name of the resource", priority: 0 },
  { name: "cpu", type: "string", format: "quantity", description: "", priority: 0 },
  { name: "memory", type: "string", format: "quantity", description: "", priority: 0 },
  { name: "Window", type: "string", format: "duration", description: "", priority: 0 },
];

/** As metrics-server shows them: `kubectl get pods.metrics.k8s.io`. */
export function metricsTable(items: readonly Metrics[], version: string, include: IncludeObject): object {
  return {
    kind: "Table",
    apiVersion: `meta.k8s.io/${version}`,
    metadata: {},
    columnDefinitions: items.length === 0 ? [] : columns,
    rows: items.map((item) => ({
      cells: [item.metadata?.name ?? "", total(item, "cpu"), total(item, "memory"), item.window ?? ""],
      ...(include === "None" ? {} : { object: include === "Object" ? item : partial(item, version) }),
    })),
  };
}

function total(item: Metrics, resource: string): string {
  const usages =
    "usage" in item ? [item.usage] : "containers" in item ? (item.containers ?? []).map(({ usage }) => usage) : [];
  let sum = { ...zeroQuantity, format: resource === "memory" ? ("BinarySI" as const) : ("DecimalSI" as const) };
  for (const usage of usages) sum = { ...sum, nano: addQuantities(sum, parseQuantity(usage?.[resource] ?? "0")).nano };
  return formatQuantity(sum);
}

function partial({ metadata }: Metrics, version: string): object {
  return { kind: "PartialObjectMetadata", apiVersion: `meta.k8s.io/${version}`, metadata };
}
