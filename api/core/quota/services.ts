import type { Service } from "../../generated/types/core-v1.ts";
import type { DeepReadonly } from "../../machinery/object.ts";
import { quantityOf } from "../../machinery/quantity.ts";
import { defineEvaluator, type QuotaEvaluator } from "./evaluator.ts";

const named: ReadonlySet<string> = new Set([
  "count/services",
  "services",
  "services.nodeports",
  "services.loadbalancers",
]);

/** Services count, and so do their node ports and load balancers. */
export const serviceEvaluator: QuotaEvaluator = defineEvaluator<Service>({
  counts: { group: "", resource: "services" },
  isCharged: ({ subresource }) => subresource === "",
  tracks: (resource) => named.has(resource),
  usage: (service) =>
    new Map([
      ["count/services", quantityOf(1)],
      ["services", quantityOf(1)],
      ["services.nodeports", quantityOf(nodePorts(service))],
      ["services.loadbalancers", quantityOf(service.spec?.type === "LoadBalancer" ? 1 : 0)],
    ]),
});

/** They may be still to be allocated: what counts is how many it wants. */
function nodePorts({ spec }: DeepReadonly<Service>): number {
  const ports = spec?.ports ?? [];
  if (spec?.type === "NodePort") return ports.length;
  if (spec?.type !== "LoadBalancer") return 0;
  return spec.allocateLoadBalancerNodePorts === false
    ? ports.filter(({ nodePort = 0 }) => nodePort !== 0).length
    : ports.length;
}
