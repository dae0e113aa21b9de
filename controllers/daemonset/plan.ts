/** Which pods a DaemonSet makes and deletes, so that each node has what it should. */
import { isPodAvailable, isPodReady, isPodTerminal, isPodTerminating } from "../../api/core/pod-state.ts";
import { type AnyPod, type AnySet, hashOf, isBound, longestThere, targetNode } from "./daemon-pod.ts";
import type { AnyNode, Place } from "./placement.ts";
import { surgeOf } from "./bounds.ts";

export interface Observed {
  readonly set: AnySet;
  /** By name. */
  readonly nodes: ReadonlyMap<string, AnyNode>;
  readonly pods: PodsByNode;
  /** Of the newest template. */
  readonly hash: string;
  readonly place: Place;
  /** Milliseconds until a failed pod on a node may be replaced; 0: now. */
  readonly backoff: (nodeName: string) => number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type PodsByNode = ReadonlyMap<string, readonly AnyPod[]>;

export interface Ended {
  readonly pod: AnyPod;
  readonly nodeName: string;
}

export interface Plan {
  /** Nodes that get a pod. */
  readonly create: readonly string[];
  readonly delete: readonly AnyPod[];
  /** Those of the deleted that have ended by themselves. */
  readonly ended: readonly Ended[];
  /** Milliseconds until there is more to do. */
  readonly after?: number;
}

/** Pods that have ended and are on their way out are out of sight: nobody waits for them. */
export function podsByNode(pods: Iterable<AnyPod>): PodsByNode {
  const byNode = new Map<string, AnyPod[]>();
  for (const pod of pods) {
    if (isPodTerminal(pod) && isPodTerminating(pod)) continue;
    const node = targetNode(pod);
    if (node === undefined) continue;
    const there = byNode.get(node);
    if (there === undefined) byNode.set(node, [pod]);
    else there.push(pod);
  }
  return byNode;
}

export function plan(observed: Observed): Plan {
  const found: Draft = { create: [], delete: [], ended: [], waits: [] };
  for (const [name, node] of observed.nodes) planNode(name, node, observed, found);
  // Nothing else would ever delete them: they will not be bound, and so belong to no node that is gone.
  for (const [name, pods] of observed.pods)
    if (!observed.nodes.has(name)) found.delete.push(...pods.filter((pod) => !isBound(pod) && !isPodTerminating(pod)));
  const { waits, ...steps } = found;
  return waits.length === 0 ? steps : { ...steps, after: Math.min(...waits) };
}

interface Draft {
  readonly create: string[];
  readonly delete: AnyPod[];
  readonly ended: Ended[];
  readonly waits: number[];
}

function planNode(name: string, node: AnyNode, observed: Observed, found: Draft): void {
  const { shouldRun, mayStay } = observed.place(node);
  const there = observed.pods.get(name) ?? [];
  const staying = there.filter((pod) => !isPodTerminating(pod));
  if (!mayStay) {
    found.delete.push(...staying);
    return;
  }
  const running = staying.filter((pod) => !isPodTerminal(pod));
  const surges = surgeOf(observed.set, 1) > 0;
  // With surge a new pod need not wait until the old one is gone.
  const isFree = surges ? staying.length === 0 : there.length === 0;
  if (shouldRun && isFree) found.create.push(name);
  replaceEnded(name, staying.filter(isPodTerminal), observed, found);
  found.delete.push(...(surges ? excessWithSurge(running, observed) : running.toSorted(longestThere).slice(1)));
}

/** A pod that fails at once, since the kubelet refuses it, is replaced ever later. */
function replaceEnded(nodeName: string, ended: readonly AnyPod[], observed: Observed, found: Draft): void {
  let wait = observed.backoff(nodeName);
  for (const pod of ended) {
    const isFailed = pod.status?.phase === "Failed";
    if (isFailed && wait > 0) {
      found.waits.push(wait);
      continue;
    }
    // One at a time.
    if (isFailed) wait = firstBackoffMs;
    found.ended.push({ pod, nodeName });
    found.delete.push(pod);
  }
}

/** How long the replacement of a failed pod waits after the first one. */
export const firstBackoffMs = 1000;

/** One old and one new pod may share a node, as long as the old one serves and the new one does not yet. */
function excessWithSurge(running: readonly AnyPod[], { set, hash, now }: Observed): AnyPod[] {
  const sorted = running.toSorted(longestThere);
  const fresh = sorted.find((pod) => hashOf(pod) === hash);
  const old = sorted.find((pod) => hashOf(pod) !== hash);
  const excess = sorted.filter((pod) => pod !== fresh && pod !== old);
  if (fresh === undefined || old === undefined) return excess;
  const isReplaced = !isPodReady(old) || isPodAvailable(fresh, set.spec?.minReadySeconds ?? 0, now);
  return isReplaced ? [...excess, old] : excess;
}
