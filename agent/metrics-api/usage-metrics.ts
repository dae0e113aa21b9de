import type { NodeMetrics, PodMetrics } from "../../api/generated/types/metrics-v1beta1.ts";
import type { Node, Pod } from "../../api/generated/types/core-v1.ts";
import { formatDuration } from "../../api/machinery/duration.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { formatQuantity } from "../../api/machinery/quantity.ts";
import { formatTime } from "../../api/machinery/time.ts";
import type { ContainerStats } from "../runtime/runtime.ts";

/** What a node uses beside its pods. */
const system = { cpuNanoCores: 25_000_000, memoryBytes: 256 * 1024 * 1024 };
/** Usage is measured over so long, or since the container started. */
const longestWindowMs = 15_000;
/** Sooner there is nothing to tell. */
const shortestWindowMs = 1_000;

export const apiVersion = "metrics.k8s.io/v1beta1";

/** Undefined as long as one of its containers has not been measured. `now` in milliseconds. */
export function podMetrics(
  pod: DeepReadonly<Pod>,
  stats: readonly ContainerStats[],
  now: number,
): PodMetrics | undefined {
  const { metadata = {}, spec, status } = pod;
  if (status?.phase !== "Running" || stats.length === 0) return undefined;
  const isMeasured = ({ name }: { readonly name: string }): boolean =>
    stats.some((one) => one.name === name && one.at - one.startedAt >= shortestWindowMs);
  const isUp = (name: string): boolean =>
    status.containerStatuses?.find((one) => one.name === name)?.state?.running !== undefined;
  if (!(spec?.containers ?? []).every((container) => !isUp(container.name) || isMeasured(container))) return undefined;
  const measured = stats.filter(isMeasured);
  if (measured.length === 0) return undefined;
  const { name = "", namespace = "", labels } = metadata;
  return {
    kind: "PodMetrics",
    apiVersion,
    metadata: { name, namespace, creationTimestamp: formatTime(now), ...(labels === undefined ? {} : { labels }) },
    timestamp: formatTime(Math.max(...measured.map(({ at }) => at))),
    window: windowOf(measured),
    containers: measured
      .toSorted((left, right) => (left.name < right.name ? -1 : 1))
      .map((one) => ({ name: one.name, usage: usage(one.cpuNanoCores, one.memoryWorkingSetBytes) })),
  };
}

export function nodeMetrics(node: DeepReadonly<Node>, stats: readonly ContainerStats[], now: number): NodeMetrics {
  const { name = "", labels } = node.metadata ?? {};
  let { cpuNanoCores, memoryBytes } = system;
  for (const one of stats) {
    cpuNanoCores += one.cpuNanoCores;
    memoryBytes += one.memoryWorkingSetBytes;
  }
  return {
    kind: "NodeMetrics",
    apiVersion,
    metadata: { name, creationTimestamp: formatTime(now), ...(labels === undefined ? {} : { labels }) },
    timestamp: formatTime(now),
    window: duration(longestWindowMs),
    usage: usage(cpuNanoCores, memoryBytes),
  };
}

function usage(cpuNanoCores: number, memoryBytes: number): Record<string, string> {
  return {
    cpu: formatQuantity({ nano: BigInt(cpuNanoCores), format: "DecimalSI" }),
    memory: formatQuantity({ nano: BigInt(memoryBytes) * 1_000_000_000n, format: "BinarySI" }),
  };
}

function windowOf(stats: readonly ContainerStats[]): string {
  return duration(Math.min(longestWindowMs, ...stats.map(({ at, startedAt }) => at - startedAt)));
}

function duration(milliseconds: number): string {
  return formatDuration(BigInt(Math.round(milliseconds)) * 1_000_000n);
}
