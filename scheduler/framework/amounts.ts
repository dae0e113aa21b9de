/** Amounts of resources as plain numbers, parsed once for each pod and node: scheduling only adds and compares. */
import type { Quantities } from "../../api/core/quantities.ts";
import { roundUp, roundUpMilli } from "../../api/machinery/quantity.ts";

export interface Amounts {
  readonly milliCpu: number;
  /** Bytes. */
  readonly memory: number;
  /** Bytes. */
  readonly ephemeralStorage: number;
  /** All others (huge pages in bytes, extended resources in pieces) but `pods`. */
  readonly scalars: ReadonlyMap<string, number>;
}

const noScalars: ReadonlyMap<string, number> = new Map();

/** CPU in thousandths and all else in units, both rounded up. */
export function amountsOf(quantities: Quantities): Amounts {
  let [milliCpu, memory, ephemeralStorage] = [0, 0, 0];
  let scalars: Map<string, number> | undefined;
  for (const [name, quantity] of quantities) {
    if (name === "cpu") milliCpu = Number(roundUpMilli(quantity));
    else if (name === "memory") memory = Number(roundUp(quantity));
    else if (name === "ephemeral-storage") ephemeralStorage = Number(roundUp(quantity));
    else if (name !== "pods") (scalars ??= new Map()).set(name, Number(roundUp(quantity)));
  }
  return { milliCpu, memory, ephemeralStorage, scalars: scalars ?? noScalars };
}

/** By the name of the resource; zero for one that is not there. */
export function amountOf(amounts: Amounts, resource: string): number {
  switch (resource) {
    case "cpu":
      return amounts.milliCpu;
    case "memory":
      return amounts.memory;
    case "ephemeral-storage":
      return amounts.ephemeralStorage;
    default:
      return amounts.scalars.get(resource) ?? 0;
  }
}

export function sameAmounts(a: Amounts, b: Amounts): boolean {
  if (a.milliCpu !== b.milliCpu || a.memory !== b.memory || a.ephemeralStorage !== b.ephemeralStorage) return false;
  if (a.scalars.size !== b.scalars.size) return false;
  for (const [name, amount] of a.scalars) if (b.scalars.get(name) !== amount) return false;
  return true;
}
