/** Why a pod fits nowhere, in one line for its events and condition. */
import type { NodeStatuses } from "./plugin.ts";
import { type Rejected, unresolvable } from "./status.ts";

export interface Diagnosis {
  readonly nodes: number;
  /** A PreFilter rejected the pod as a whole. */
  readonly preFilter?: Rejected;
  readonly statuses: NodeStatuses;
  /** The reasons of PostFilter, in one line. */
  readonly postFilter?: string;
}

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s). preemption: 0/3 …` */
export function fitErrorMessage({ nodes, preFilter, statuses, postFilter = "" }: Diagnosis): string {
  const reasons = preFilter === undefined ? countedReasons(nodes, statuses).join(", ") : preFilter.reasons.join(", ");
  const why = reasons === "" ? "" : ` ${reasons}.`;
  const more = postFilter === "" ? "" : ` ${postFilter}`;
  return `0/${nodes} nodes are available:${why}${more}`;
}

function countedReasons(nodes: number, { byNode, others }: NodeStatuses): string[] {
  const counts = new Map<string, number>();
  const add = ({ reasons }: Rejected, times: number): void => {
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + times);
  };
  for (const rejected of byNode.values()) add(rejected, 1);
  if (nodes > byNode.size) add(others, nodes - byNode.size);
  return [...counts].map(([reason, count]) => `${count} ${reason}`).toSorted();
}

/** The statuses of all nodes after a PreFilter rejected the pod. */
export function rejectedEverywhere(rejected: Rejected): NodeStatuses {
  return { byNode: new Map(), others: rejected };
}

/** What no plugin says anything about. */
export const noStatuses: NodeStatuses = { byNode: new Map(), others: unresolvable("") };

export interface RejectingPlugins {
  /** The pod is tried again when one of their events comes. */
  readonly unschedulable: ReadonlySet<string>;
  /** The same, at once: without back-off. */
  readonly pending: ReadonlySet<string>;
}

export function rejectingPlugins({ preFilter, statuses }: Diagnosis, more: readonly string[] = []): RejectingPlugins {
  const unschedulable = new Set<string>(more);
  const pending = new Set<string>();
  const all = [...(preFilter === undefined ? [] : [preFilter]), ...statuses.byNode.values(), statuses.others];
  for (const { plugin, code } of all) if (plugin !== "") (code === "Pending" ? pending : unschedulable).add(plugin);
  return { unschedulable, pending };
}
