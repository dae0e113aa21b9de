import { CelBudgetError, CelError, type CelInput } from "../cel.ts";
import type { Value } from "../values/value.ts";

/** The state of one evaluation. */
export interface Frame {
  readonly inputs: Readonly<Record<string, CelInput>>;
  /** Variables and what loops carry; undefined until first read. */
  readonly slots: (Value | undefined)[];
  cost: number;
  readonly limit: number;
  /** Which bound `limit` is. */
  readonly limitedBy: CelBudgetError["limit"];
  /** Characters and items of what functions have made: cost alone does not bound memory. */
  made: number;
}

/** A planned expression. Throws CelError. */
export type Step = (frame: Frame) => Value;

const mostMade = 64 * 1024 * 1024;

export function spend(frame: Frame, cost: number): void {
  frame.cost += cost;
  if (frame.cost > frame.limit) throw new CelBudgetError(frame.limitedBy);
}

export function countMade(frame: Frame, size: number): void {
  frame.made += size;
  if (frame.made > mostMade) throw new CelBudgetError("expression");
}

/** Errors that `||`, `&&` and loops may get over. */
export function recoverable(thrown: unknown): CelError {
  if (thrown instanceof CelError && !(thrown instanceof CelBudgetError)) return thrown;
  throw thrown;
}
