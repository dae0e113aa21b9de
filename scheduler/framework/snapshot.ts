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
}
