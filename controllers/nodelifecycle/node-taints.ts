import type { Node, Taint } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { formatTime } from "../../api/machinery/time.ts";

type AnyNode = DeepReadonly<Node>;
type AnyTaint = DeepReadonly<Taint>;

export const notReady = "node.kubernetes.io/not-ready";
export const unreachable = "node.kubernetes.io/unreachable";
const unschedulable = "node.kubernetes.io/unschedulable";

/**
 * Which taint stands for which status of which condition.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-nodes-by-condition
 */
const taintOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: notReady, Unknown: unreachable },
  MemoryPressure: { True: "node.kubernetes.io/memory-pressure" },
  DiskPressure: { True: "node.kubernetes.io/disk-pressure" },
  NetworkUnavailable: { True: "node.kubernetes.io/network-unavailable" },
  PIDPressure: { True: "node.kubernetes.io/pid-pressure" },
};
const ours = new Set([unschedulable, ...Object.values(taintOf).flatMap((taints) => Object.values(taints))]);

/** "True", "False" or "Unknown"; undefined where nobody has said yet. */
export function readiness({ status }: AnyNode): string | undefined {
  return status?.conditions?.find(({ type }) => type === "Ready")?.status;
}

/** The NoExecute taint that a node should have, in time, and has not yet; undefined for none. */
export function missingTaint(node: AnyNode): string | undefined {
  const key = evictingTaint(node);
  return key === undefined || hasTaint(node, key, "NoExecute") ? undefined : key;
}

function evictingTaint(node: AnyNode): string | undefined {
  switch (readiness(node)) {
    case "False":
      return notReady;
    case "Unknown":
      return unreachable;
    default:
      return undefined;
  }
}

function hasTaint({ spec }: AnyNode, key: string, effect: string): boolean {
  return (spec?.taints ?? []).some((taint) => taint.key === key && taint.effect === effect);
}

/** Whether a node may get the taint that evicts: it is its turn, it has to wait for it, or it must not have any. */
export type Turn = "now" | "later" | "never";

/**
 * The taints that follow from a node's conditions; undefined where it has them. Those that evict are taken away, or become
 * the other one of the two, at once; a new one comes only when it is the node's turn. `now` in milliseconds.
 */
export function planTaints(
  node: AnyNode,
  { now, turn }: { readonly now: number; readonly turn: Turn },
): readonly AnyTaint[] | undefined {
  const keys = conditionTaints(node);
  const before = node.spec?.taints ?? [];
  const evicting = turn === "never" ? undefined : evictingTaint(node);
  const isOver = ({ key, effect }: AnyTaint): boolean =>
    effect === "NoSchedule" && ours.has(key) && !keys.includes(key);
  const isWrong = (taint: AnyTaint): boolean => isEvicting(taint) && taint.key !== evicting;
  const kept = before.filter((taint) => !isOver(taint) && !isWrong(taint));
  const added = keys.filter((key) => !hasTaint(node, key, "NoSchedule")).map((key) => newTaint(key, "NoSchedule", now));
  const mayEvict = evicting !== undefined && (turn === "now" || before.some(isWrong));
  if (mayEvict && !hasTaint(node, evicting, "NoExecute")) added.push(newTaint(evicting, "NoExecute", now));
  return added.length === 0 && kept.length === before.length ? undefined : [...kept, ...added];
}

function isEvicting({ key, effect }: AnyTaint): boolean {
  return effect === "NoExecute" && (key === notReady || key === unreachable);
}

function conditionTaints({ spec, status }: AnyNode): string[] {
  const keys = (status?.conditions ?? []).flatMap(({ type, status: is }) => {
    const taints = Object.hasOwn(taintOf, type) ? taintOf[type] : undefined;
    return taints?.[is] ?? [];
  });
  return spec?.unschedulable === true ? [...keys, unschedulable] : keys;
}

function newTaint(key: string, effect: string, now: number): AnyTaint {
  return { key, effect, timeAdded: formatTime(now) };
}
