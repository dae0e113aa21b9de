import type { NodeInfo } from "./node-info.ts";
import type { NodeOrder } from "./node-order.ts";
import type { NodeChange, Snapshot } from "./snapshot.ts";

/** The snapshot that the cache keeps up to date: each step costs what changed, not what there is. */
export interface LiveSnapshot extends Snapshot {
  /** Undefined: there is no such node any more. */
  replace(nodeName: string, info: NodeInfo | undefined): void;
  /** In place of a node of the same generation: no change that anybody has to know of. */
  retell(info: NodeInfo): void;
  reorder(order: NodeOrder): void;
}

/** As many changes as are told at least, while there were so many. */
const rememberedChanges = 512;

export function createLiveSnapshot(): LiveSnapshot {
  const byName = new Map<string, NodeInfo>();
  const nodes: NodeInfo[] = [];
  const indexes = new Map<string, number>();
  const withAffinity = new Map<string, NodeInfo>();
  const withRequiredAntiAffinity = new Map<string, NodeInfo>();
  const claimUses = new Map<string, number>();
  const imageNodes = new Map<string, number>();
  let ordered: readonly string[] = [];
  const changes: NodeChange[] = [];
  /** The version before the first of `changes`. */
  let base = 0;

  const remember = (change: NodeChange): void => {
    if (changes.length >= 2 * rememberedChanges) {
      changes.splice(0, rememberedChanges);
      base += rememberedChanges;
    }
    changes.push(change);
  };
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
    get version() {
      return base + changes.length;
    },
    changesSince: (version) => (version < base ? undefined : changes.slice(version - base)),
    replace(nodeName, info) {
      const former = byName.get(nodeName);
      if (former === undefined && info === undefined) return;
      remember({ before: former, after: info });
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
    retell(info) {
      const { name } = info;
      byName.set(name, info);
      if (withAffinity.has(name)) withAffinity.set(name, info);
      if (withRequiredAntiAffinity.has(name)) withRequiredAntiAffinity.set(name, info);
      const index = indexes.get(name);
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
