import type { NodeInfo } from "./node-info.ts";

/**
 * The nodes of one scheduling cycle. It stands still until the cache is asked for the next one, so a cycle up to the
 * choice of the node must not wait for anything.
 */
export interface Snapshot {
  /** In the order that they are tried: zone by zone in turns. */
  readonly nodes: readonly NodeInfo[];
  get(nodeName: string): NodeInfo | undefined;
  /** Some of `nodes`, by name: few clusters have many of them, and InterPodAffinity asks for each pod. */
  readonly nodesWithAffinity: ReadonlyMap<string, NodeInfo>;
  readonly nodesWithRequiredAntiAffinity: ReadonlyMap<string, NodeInfo>;
  /** How many pods on these nodes use the claim `namespace/name`. */
  claimUses(key: string): number;
  /** How many nodes hold an image of this name. */
  imageNodes(image: string): number;
  /** Grows with every change of a node. */
  readonly version: number;
  /** What changed since it had this version, in order; undefined: too much to tell. */
  changesSince(version: number): readonly NodeChange[] | undefined;
}

/** One node gone, come, or replaced by its next state. */
export interface NodeChange {
  readonly before: NodeInfo | undefined;
  readonly after: NodeInfo | undefined;
}
