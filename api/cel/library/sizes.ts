import { actualSize } from "../cost/actual-size.ts";
import { regularExpression, traversal } from "../cost/factors.ts";
import { add, exactly, multiply, scale, type EstimatedCall, type Range } from "../cost/range.ts";
import type { Overload, RuntimeCost } from "./overload.ts";

/** What calls cost by the sizes of their arguments, both at run time and in the worst case. */
type Costs = Required<Pick<Overload, "cost" | "estimate">>;

/** In proportion to the size of one argument. */
export function inProportion(place: number, factor: number = traversal, size?: (range: Range) => Range): Costs {
  return {
    cost: (args) => Math.ceil(actualSize(args[place] ?? null) * factor),
    estimate: (call) => {
      const range = call.size(place);
      return size === undefined ? { cost: scale(range, factor) } : { cost: scale(range, factor), size: size(range) };
    },
  };
}

/** The text and its pattern: each step of the text may try each part of the pattern. */
export const matchingCost: RuntimeCost = ([text, pattern]) =>
  Math.ceil((1 + actualSize(text)) * traversal) * Math.ceil(actualSize(pattern) * regularExpression);

export function matchingEstimate(call: EstimatedCall): Range {
  const text = scale(add(call.size(0), exactly(1)), traversal);
  return multiply(text, scale(call.size(1), regularExpression));
}
