import { expect, it } from "vitest";
import type { MetricSpec, MetricStatus } from "../generated/types/autoscaling-v2.ts";
import { metricsCell } from "./metrics-cell.ts";

const cpu: MetricSpec = {
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
};
const cpuNow: MetricStatus = {
  type: "Resource",
  resource: { name: "cpu", current: { averageUtilization: 42, averageValue: "420m" } },
};
const memory: MetricSpec = {
  type: "Resource",
  resource: { name: "memory", target: { type: "AverageValue", averageValue: "1Gi" } },
};
const pods: MetricSpec = {
  type: "Pods",
  pods: { metric: { name: "rps" }, target: { type: "AverageValue", averageValue: "10" } },
};
const external: MetricSpec = {
  type: "External",
  external: { metric: { name: "queue" }, target: { type: "Value", value: "30" } },
};
const average: MetricSpec = {
  type: "External",
  external: { metric: { name: "queue" }, target: { type: "AverageValue", averageValue: "3" } },
};

it.each<[string, MetricSpec[], MetricStatus[], string]>([
  ["no metric", [], [], "<none>"],
  ["one that was never measured", [cpu], [], "cpu: <unknown>/80%"],
  ["a share", [cpu], [cpuNow], "cpu: 42%/80%"],
  ["an amount", [memory], [], "memory: <unknown>/1Gi"],
  [
    "a metric of the pods",
    [pods],
    [{ type: "Pods", pods: { metric: { name: "rps" }, current: { averageValue: "7" } } }],
    "7/10",
  ],
  [
    "an outside value",
    [external],
    [{ type: "External", external: { metric: { name: "queue" }, current: { value: "9" } } }],
    "9/30",
  ],
  ["an outside value per pod", [average], [], "<unknown>/3 (avg)"],
  ["two", [cpu, external], [cpuNow], "cpu: 42%/80%, <unknown>/30"],
  ["many", [cpu, external, pods, memory], [], "cpu: <unknown>/80%, <unknown>/30 + 2 more..."],
  ["one of the future", [{ type: "Guess" }], [], "<unknown type>"],
])("shows %s", (_what, specs, statuses, cell) => {
  expect(metricsCell(specs, statuses)).toBe(cell);
});
