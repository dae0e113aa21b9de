import type { NominatedPods } from "../framework/plugin.ts";
import type { PodInfo } from "../framework/pod-info.ts";

/** Pods that room is being made for, or whose binding takes time, by the node that they are to get. */
export interface Nominations extends NominatedPods {
  set(pod: PodInfo, nodeName: string): void;
  remove(uid: string): void;
  readonly size: number;
  /** The node of a pod. */
  nodeOf(uid: string): string | undefined;
}

const none: readonly PodInfo[] = [];

export function createNominations(): Nominations {
  const nodes = new Map<string, string>();
  // Asked for each node and pod: ready lists, and nothing where there is nothing.
  const pods = new Map<string, readonly PodInfo[]>();
  const remove = (uid: string): void => {
    const nodeName = nodes.get(uid);
    if (nodeName === undefined) return;
    nodes.delete(uid);
    const left = (pods.get(nodeName) ?? none).filter((pod) => pod.uid !== uid);
    if (left.length === 0) pods.delete(nodeName);
    else pods.set(nodeName, left);
  };
  return {
    get size() {
      return nodes.size;
    },
    on: (nodeName) => (pods.size === 0 ? none : (pods.get(nodeName) ?? none)),
    set(pod, nodeName) {
      remove(pod.uid);
      nodes.set(pod.uid, nodeName);
      pods.set(nodeName, [...(pods.get(nodeName) ?? none), pod]);
    },
    remove,
    nodeOf: (uid) => nodes.get(uid),
  };
}
