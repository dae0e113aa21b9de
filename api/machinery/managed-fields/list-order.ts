import type { PathElement } from "./path-element.ts";

/** Where the next item of a merged list comes from: the live list, or the applied one (merged with the live item). */
export type Taken = { readonly live: number } | { readonly applied: number };

/**
 * The order of a merged list. The items that both have come in the applied order. Between them, an item that only one
 * side has stays behind the one that it followed there; of two such, the live one is first. No element is applied twice;
 * of one that is live twice only the applied item remains.
 */
export function mergedOrder(live: readonly PathElement[], applied: readonly PathElement[]): Taken[] {
  const there = new Set(live);
  const wanted = new Set(applied);
  const shared = applied.filter((element) => there.has(element));
  const done = new Set<PathElement>();
  const order: Taken[] = [];
  let left = 0;
  let right = 0;
  let turn = 0;

  function takeApplied(element: PathElement): void {
    order.push({ applied: right++ });
    done.add(element);
    if (shared[turn] === element) turn++;
  }

  while (left < live.length || right < applied.length) {
    const before = live[left];
    const after = applied[right];
    if (before === undefined) takeApplied(after ?? "");
    else if (!wanted.has(before)) order.push({ live: left++ });
    else if (after === undefined) left++;
    else if (before === after) {
      left++;
      takeApplied(after);
    } else if (shared[turn] !== undefined && shared[turn] !== before) {
      // Its turn, in the applied order, has not come yet, or is over.
      left++;
    } else {
      if (done.has(before)) left++;
      takeApplied(after);
    }
  }
  return order;
}
