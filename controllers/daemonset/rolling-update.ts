/** https://kubernetes.io/docs/tasks/manage-daemon/update-daemon-set/ */
import { isPodAvailable, isPodTerminating } from "../../api/core/pod-state.ts";
import { boundsOf } from "./bounds.ts";
import { type AnyPod, isUpdated } from "./daemon-pod.ts";
import type { Observed, Plan } from "./plan.ts";

/** A node's pods of the newest and of an older template; on a node that is crowded others have to go first. */
interface Pair {
  readonly nodeName: string;
  readonly fresh: AnyPod | undefined;
  readonly old: AnyPod | undefined;
  readonly isCrowded: boolean;
}

/** The next pods to be replaced. To be asked when `plan` leaves nothing to do: each node has its pod. */
export function rollingUpdate(observed: Observed): Pick<Plan, "create" | "delete"> {
  const { nodes, pods, place } = observed;
  const wanted = [...nodes].filter(([, node]) => place(node).shouldRun).map(([name]) => name);
  const pairs = [...new Set([...pods.keys(), ...wanted])].map((name) => pairOn(name, observed));
  const { maxSurge, maxUnavailable } = boundsOf(observed.set, wanted.length);
  return maxSurge === 0
    ? { create: [], delete: inPlace(pairs, maxUnavailable, observed) }
    : bySurge(pairs, { maxSurge, wanted: wanted.length }, observed);
}

function pairOn(nodeName: string, { set, pods, hash }: Observed): Pair {
  const there = (pods.get(nodeName) ?? []).filter((pod) => !isPodTerminating(pod));
  const [fresh, ...moreFresh] = there.filter((pod) => isUpdated(pod, set, hash));
  const [old, ...moreOld] = there.filter((pod) => !isUpdated(pod, set, hash));
  return { nodeName, fresh, old, isCrowded: moreFresh.length + moreOld.length > 0 };
}

function isAvailable(pod: AnyPod | undefined, { set, now }: Observed): pod is AnyPod {
  return pod !== undefined && isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, now);
}

/** Old pods that do not serve go at once; of those that do, as many as may be unavailable. */
function inPlace(pairs: readonly Pair[], maxUnavailable: number, observed: Observed): AnyPod[] {
  let unavailable = 0;
  const broken: AnyPod[] = [];
  const serving: AnyPod[] = [];
  for (const { fresh, old, isCrowded } of pairs) {
    if (isCrowded || (fresh === undefined) === (old === undefined)) unavailable += 1;
    else if (old === undefined) unavailable += isAvailable(fresh, observed) ? 0 : 1;
    else if (isAvailable(old, observed)) serving.push(old);
    else {
      broken.push(old);
      unavailable += 1;
    }
  }
  return [...broken, ...serving.slice(0, Math.max(maxUnavailable - unavailable, 0))];
}

/** What becomes of nodes whose pods are to be replaced by surge. */
interface Surge {
  /** Old pods that need not stay. */
  readonly replaced: AnyPod[];
  /** Old pods that serve where they should no longer run. */
  readonly misplaced: AnyPod[];
  /** Nodes that get a new pod at once. */
  readonly free: string[];
  /** Nodes that get one beside an old pod that serves. */
  readonly candidates: string[];
  /** Nodes that have such a pair already. */
  surging: number;
  /** Nodes that are served. */
  available: number;
}

/**
 * New pods come beside old ones: at once where the old one does not serve, on so many other nodes as may surge. An old
 * one goes when the new one serves. On nodes where it should no longer run, it goes when enough others serve.
 */
function bySurge(
  pairs: readonly Pair[],
  { maxSurge, wanted }: { readonly maxSurge: number; readonly wanted: number },
  observed: Observed,
): Pick<Plan, "create" | "delete"> {
  const found: Surge = { replaced: [], misplaced: [], free: [], candidates: [], surging: 0, available: 0 };
  for (const pair of pairs) surgeOn(pair, observed, found);
  const { replaced, misplaced, free, candidates, surging, available } = found;
  return {
    create: [...free, ...candidates.slice(0, Math.max(maxSurge - surging, 0))],
    delete: [...replaced, ...misplaced.slice(0, Math.max(available - wanted, 0))],
  };
}

function surgeOn({ nodeName, fresh, old, isCrowded }: Pair, observed: Observed, found: Surge): void {
  if (isCrowded) {
    found.surging += 1;
    return;
  }
  if (isAvailable(old ?? fresh, observed)) found.available += 1;
  if (old === undefined) return;
  if (fresh !== undefined) {
    if (isAvailable(fresh, observed)) found.replaced.push(old);
    else found.surging += 1;
    return;
  }
  const node = observed.nodes.get(nodeName);
  // What is on a node that is gone is the pod garbage collector's.
  if (node === undefined) return;
  const isServing = isAvailable(old, observed);
  if (observed.place(node).shouldRun) (isServing ? found.candidates : found.free).push(nodeName);
  else (isServing ? found.misplaced : found.replaced).push(old);
}
