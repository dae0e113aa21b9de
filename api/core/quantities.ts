/** Amounts of several resources, as `requests`, `limits`, `hard` and `used` hold them. */
import { setOwn } from "../machinery/members.ts";
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  type Quantity,
  subtractQuantities,
  tryQuantity,
  zeroQuantity,
} from "../machinery/quantity.ts";

/** By the name of the resource. */
export type Quantities = ReadonlyMap<string, Quantity>;
/** As on the wire. */
export type QuantityTexts = Readonly<Record<string, string>>;

/** What is no quantity is left out: validation tells it. */
export function readQuantities(texts: QuantityTexts | undefined): Map<string, Quantity> {
  const read = new Map<string, Quantity>();
  for (const [name, text] of Object.entries(texts ?? {})) {
    const quantity = tryQuantity(text);
    if (quantity !== undefined) read.set(name, quantity);
  }
  return read;
}

export function writeQuantities(quantities: Quantities): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, quantity] of quantities) setOwn(texts, name, formatQuantity(quantity));
  return texts;
}

/** Adds in place; a resource that only one of the two names keeps its amount. */
export function addTo(total: Map<string, Quantity>, more: Quantities): void {
  for (const [name, quantity] of more) {
    const known = total.get(name);
    total.set(name, known === undefined ? quantity : addQuantities(known, quantity));
  }
}

/** Raises in place to at least these amounts. */
export function raiseTo(total: Map<string, Quantity>, least: Quantities): void {
  for (const [name, quantity] of least) {
    const known = total.get(name);
    if (known === undefined || compareQuantities(quantity, known) > 0) total.set(name, quantity);
  }
}

/** a - b for all that either names, and zero where that is negative. */
export function subtractToZero(a: Quantities, b: Quantities): Map<string, Quantity> {
  const rest = new Map<string, Quantity>();
  for (const [name, quantity] of a) {
    const less = b.get(name);
    const difference = less === undefined ? quantity : subtractQuantities(quantity, less);
    rest.set(name, difference.nano < 0n ? zeroQuantity : difference);
  }
  for (const name of b.keys()) if (!rest.has(name)) rest.set(name, zeroQuantity);
  return rest;
}

/** Whether both name the same resources with the same amounts, however they are written. */
export function sameQuantities(a: QuantityTexts | undefined, b: QuantityTexts | undefined): boolean {
  const [left, right] = [readQuantities(a), readQuantities(b)];
  return left.size === right.size && [...left].every(([name, { nano }]) => right.get(name)?.nano === nano);
}
