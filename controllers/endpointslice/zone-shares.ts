import type { Node } from "../../api/generated/types/core-v1.ts";
import { addQuantities, type Quantity, roundUpMilli, tryQuantity, zeroQuantity } from "../../api/machinery/quantity.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";

/** Of all CPUs, the part that each zone has. They add up to one. */
export type ZoneShares = ReadonlyMap<string, number>;

/** As topology-aware routing overlooks them: they are not where workloads run. */
const excluded = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

/**
 * Undefined where there is nothing to share: fewer than two zones, or a ready node whose zone or CPUs are not known.
 * https://kubernetes.io/docs/concepts/services-networking/topology-aware-routing/#constraints
 */
export function zoneSharesOf(nodes: Iterable<DeepReadonly<Node>>): ZoneShares | undefined {
  const cpus = new Map<string, Quantity>();
  for (const node of nodes) {
    if (!isCounted(node)) continue;
    const { metadata, status } = node;
    const cpu = tryQuantity(String(status?.allocatable?.["cpu"] ?? "0")) ?? zeroQuantity;
    const zone = metadata?.labels?.["topology.kubernetes.io/zone"];
    if (!zone || cpu.nano === 0n) return undefined;
    cpus.set(zone, addQuantities(cpus.get(zone) ?? zeroQuantity, cpu));
  }
  if (cpus.size < 2) return undefined;
  const total = [...cpus.values()].reduce(addQuantities, zeroQuantity);
  return new Map([...cpus].map(([zone, cpu]) => [zone, Number(roundUpMilli(cpu)) / Number(roundUpMilli(total))]));
}

function isCounted({ metadata, status }: DeepReadonly<Node>): boolean {
  const labels = metadata?.labels ?? {};
  if (excluded.some((label) => Object.hasOwn(labels, label))) return false;
  return status?.conditions?.find(({ type }) => type === "Ready")?.status === "True";
}
