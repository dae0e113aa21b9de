import { actualSize } from "../cost/actual-size.ts";
import { add, exactly, multiply, scale } from "../cost/range.ts";
import { equal } from "../values/equality.ts";
import type { ListValue } from "../values/list.ts";
import type { Value } from "../values/value.ts";
import { declare, type Declaration } from "./declare.ts";
import { asList } from "./overload.ts";

/** Lists as sets: https://pkg.go.dev/github.com/google/cel-go/ext#Sets */
function has(list: ListValue, item: Value): boolean {
  for (const known of list) if (equal(known, item)) return true;
  return false;
}

function contains(list: ListValue, part: ListValue): boolean {
  for (const item of part) if (!has(list, item)) return false;
  return true;
}

function intersects(a: ListValue, b: ListValue): boolean {
  for (const item of a) if (has(b, item)) return true;
  return false;
}

/** Each item of one list is compared with each of the other, `passes` times. */
function pairwise(passes: number): Parameters<typeof declare>[2] {
  return {
    cost: ([a, b]) => 1 + actualSize(a) * actualSize(b) * passes,
    estimate: (call) => ({ cost: add(scale(multiply(call.size(0), call.size(1)), passes), exactly(1)) }),
  };
}

export const sets: readonly Declaration[] = [
  declare("sets.contains(list(T), list(T)): bool", (a, b) => contains(asList(a), asList(b)), pairwise(1)),
  declare(
    "sets.equivalent(list(T), list(T)): bool",
    (a, b) => contains(asList(a), asList(b)) && contains(asList(b), asList(a)),
    pairwise(2),
  ),
  declare("sets.intersects(list(T), list(T)): bool", (a, b) => intersects(asList(a), asList(b)), pairwise(1)),
];
