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

/**
 * The taints that follow at once from a node's conditions; undefined where it has them. Those that evict are only taken
 * away, or become the other one of the two: to add one is a matter of pace. With `release` they all go.
 * `now` in milliseconds.
 */
export function planTaints(
  node: AnyNode,
  { now, release = false }: { readonly now: number; readonly release?: boolean },
): readonly AnyTaint[] | undefined {
  const keys = conditionTaints(node);
  const before = node.spec?.taints ?? [];
  const isWanted = ({ key, effect }: AnyTaint): boolean =>
    effect !== "NoSchedule" || !ours.has(key) || keys.includes(key);
  const added = keys.filter((key) => !hasTaint(node, key, "NoSchedule")).map((key) => newTaint(key, "NoSchedule", now));
  const all = [...before.filter(isWanted), ...added];
  const evicting = release ? undefined : evictingTaint(node);
  const others = all.filter((taint) => !isEvicting(taint) || taint.key === evicting);
  const isSwap = evicting !== undefined && others.length < all.length && !hasTaint(node, evicting, "NoExecute");
  const taints = isSwap ? [...others, newTaint(evicting, "NoExecute", now)] : others;
  return added.length === 0 && !isSwap && taints.length === before.length ? undefined : taints;
}

/** With the taint that evicts, and without the other one. */
export function withEvictingTaint({ spec }: AnyNode, key: string, now: number): readonly AnyTaint[] {
  return [...(spec?.taints ?? []).filter((taint) => !isEvicting(taint)), newTaint(key, "NoExecute", now)];
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
