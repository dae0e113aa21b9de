import type { NodeInfo } from "./node-info.ts";
import type { NodeOrder } from "./node-order.ts";
import type { Snapshot } from "./snapshot.ts";

/** The snapshot that the cache keeps up to date: each step costs what changed, not what there is. */
export interface LiveSnapshot extends Snapshot {
  /** Undefined: there is no such node any more. */
  replace(nodeName: string, info: NodeInfo | undefined): void;
  reorder(order: NodeOrder): void;
}

export function createLiveSnapshot(): LiveSnapshot {
  const byName = new Map<string, NodeInfo>();
  const nodes: NodeInfo[] = [];
  const indexes = new Map<string, number>();
  const withAffinity = new Map<string, NodeInfo>();
  const withRequiredAntiAffinity = new Map<string, NodeInfo>();
  const claimUses = new Map<string, number>();
  const imageNodes = new Map<string, number>();
  let ordered: readonly string[] = [];

  const count = (info: NodeInfo, sign: 1 | -1): void => {
    for (const [claim, uses] of info.claimUses) addCount(claimUses, claim, sign * uses);
    for (const image of info.images.keys()) addCount(imageNodes, image, sign);
  };
  return {
    nodes,
    nodesWithAffinity: withAffinity,
    nodesWithRequiredAntiAffinity: withRequiredAntiAffinity,
    get: (nodeName) => byName.get(nodeName),
    claimUses: (key) => claimUses.get(key) ?? 0,
    imageNodes: (image) => imageNodes.get(image) ?? 0,
    replace(nodeName, info) {
      const former = byName.get(nodeName);
      if (former !== undefined) count(former, -1);
      setOrDelete(byName, nodeName, info);
      setOrDelete(withAffinity, nodeName, info !== undefined && info.podsWithAffinity.length > 0 ? info : undefined);
      const isAnti = info !== undefined && info.podsWithRequiredAntiAffinity.length > 0;
      setOrDelete(withRequiredAntiAffinity, nodeName, isAnti ? info : undefined);
      if (info === undefined) return;
      count(info, 1);
      const index = indexes.get(nodeName);
      if (index !== undefined) nodes[index] = info;
    },
    reorder(order) {
      const names = order.names();
      if (names === ordered) return;
      ordered = names;
      nodes.length = 0;
      indexes.clear();
      for (const name of names) {
        const info = byName.get(name);
        if (info === undefined) continue;
        indexes.set(name, nodes.length);
        nodes.push(info);
      }
    },
  };
}

function setOrDelete<V>(map: Map<string, V>, key: string, value: V | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

function addCount(counts: Map<string, number>, key: string, more: number): void {
  const count = (counts.get(key) ?? 0) + more;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
