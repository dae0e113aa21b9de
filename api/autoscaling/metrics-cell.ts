import type { MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from "../generated/types/autoscaling-v2.ts";
import type { DeepReadonly } from "../machinery/object.ts";

type Spec = DeepReadonly<MetricSpec>;
type Status = DeepReadonly<MetricStatus>;
type Target = DeepReadonly<MetricTarget>;
type Current = DeepReadonly<MetricValueStatus> | undefined;

const mostShown = 2;
const unknown = "<unknown>";

/** `cpu: 42%/80%, 100/1k (avg) + 1 more...`: current value and target of each metric. */
export function metricsCell(specs: readonly Spec[], statuses: readonly Status[]): string {
  if (specs.length === 0) return "<none>";
  const shown = specs.slice(0, mostShown).map((spec, index) => metricText(spec, statuses[index]));
  const more = specs.length > mostShown ? ` + ${specs.length - mostShown} more...` : "";
  return shown.join(", ") + more;
}

function metricText(spec: Spec, status: Status | undefined): string {
  switch (spec.type) {
    case "External":
      return valueText(spec.external?.target, status?.external?.current);
    case "Object":
      return valueText(spec.object?.target, status?.object?.current);
    case "Pods":
      return `${status?.pods?.current.averageValue ?? unknown}/${spec.pods?.target.averageValue ?? ""}`;
    case "Resource":
      return resourceText(spec.resource, status?.resource?.current);
    case "ContainerResource":
      return resourceText(spec.containerResource, status?.containerResource?.current);
    default:
      return "<unknown type>";
  }
}

function valueText(target: Target | undefined, current: Current): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`;
  return `${current?.value ?? unknown}/${target?.value ?? ""}`;
}

function resourceText(
  source: { readonly name: string; readonly target: Target } | undefined,
  current: Current,
): string {
  if (source === undefined) return unknown;
  const { name, target } = source;
  if (target.averageValue !== undefined) return `${name}: ${current?.averageValue ?? unknown}/${target.averageValue}`;
  const used = current?.averageUtilization === undefined ? unknown : `${current.averageUtilization}%`;
  const wanted = target.averageUtilization === undefined ? "<auto>" : `${target.averageUtilization}%`;
  return `${name}: ${used}/${wanted}`;
}
