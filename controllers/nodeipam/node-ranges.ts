import type { Node } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { RangePool } from "./range-pool.ts";

export interface RangeOptions {
  /** One per family. */
  readonly podRanges: readonly string[];
  readonly nodeMaskSize: { readonly ipv4: number; readonly ipv6: number };
}

/**
 * Which node has which ranges of pod addresses. Knows those that nodes have, and those that are on their way to a node:
 * a node is offered the same ones until it has some or is gone, so that a write whose answer was lost does no harm.
 */
export class NodeRanges {
  readonly #pools: readonly RangePool[];
  readonly #held = new Map<string, readonly string[]>();
  readonly #offered = new Map<string, readonly string[]>();

  /** Throws a PodRangeError. */
  constructor({ podRanges, nodeMaskSize }: RangeOptions) {
    this.#pools = podRanges.map((range) => new RangePool(range, nodeMaskSize[range.includes(":") ? "ipv6" : "ipv4"]));
  }

  /** To be told of each node that is there, whenever it changes. */
  known(node: DeepReadonly<Node>): void {
    const name = node.metadata?.name ?? "";
    const ranges = podRangesOf(node);
    const before = this.#held.get(name) ?? [];
    if (before.length === ranges.length && before.every((range, index) => range === ranges[index])) return;
    this.#release(this.#offered, name);
    this.#release(this.#held, name);
    if (ranges.length === 0) return;
    this.#each(ranges, (pool, range) => pool.occupy(range));
    this.#held.set(name, ranges);
  }

  /** The node is no more. */
  gone(name: string): void {
    this.#release(this.#held, name);
    this.#release(this.#offered, name);
  }

  /** A range of each family for a node that has none; undefined where one is used up. */
  offer(name: string): readonly string[] | undefined {
    const before = this.#offered.get(name);
    if (before !== undefined) return before;
    const taken: string[] = [];
    for (const pool of this.#pools) {
      const range = pool.take();
      if (range === undefined) {
        this.#each(taken, (own, one) => own.release(one));
        return undefined;
      }
      taken.push(range);
    }
    this.#offered.set(name, taken);
    return taken;
  }

  /** What somebody else needs, such as Services, no node gets. */
  reserve(range: string): void {
    for (const pool of this.#pools) pool.occupy(range);
  }

  free(range: string): void {
    for (const pool of this.#pools) pool.release(range);
  }

  #release(from: Map<string, readonly string[]>, name: string): void {
    const ranges = from.get(name);
    if (ranges === undefined) return;
    from.delete(name);
    this.#each(ranges, (pool, range) => pool.release(range));
  }

  /** A node may have brought its ranges in any order. */
  #each(ranges: readonly string[], call: (pool: RangePool, range: string) => void): void {
    for (const range of ranges) for (const pool of this.#pools) call(pool, range);
  }
}

export function podRangesOf({ spec }: DeepReadonly<Node>): readonly string[] {
  const { podCIDRs = [], podCIDR } = spec ?? {};
  return podCIDRs.length === 0 && podCIDR ? [podCIDR] : podCIDRs;
}
