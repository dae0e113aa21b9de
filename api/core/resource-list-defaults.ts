/** Maps of resource names to quantities. */
import { objectAt } from "../machinery/members.ts";
import type { Json, JsonObject } from "../machinery/object.ts";
import { formatQuantity, parseQuantity, QuantityError, quantityOfMilli, roundUpMilli } from "../machinery/quantity.ts";
import type { DefaultRule, Setter } from "../schema/default.ts";

/** Copies the entries that the target lacks. */
export function copyMissing(to: JsonObject, from: JsonObject, set: Setter): void {
  for (const [key, value] of Object.entries(from)) {
    if (value !== undefined && !Object.hasOwn(to, key)) set.put(to, key, value);
  }
}

/** A rule for a type whose named members are such maps: nothing finer than a thousandth is kept. */
export function roundedResources(...fields: readonly string[]): DefaultRule {
  return (value, set) => roundResources(value, fields, set);
}

export function roundResources(value: JsonObject, fields: readonly string[], set: Setter): void {
  for (const field of fields) {
    const resources = objectAt(value, field);
    if (resources === undefined) continue;
    for (const [name, amount] of Object.entries(resources)) {
      if (isFine(amount)) set.put(resources, name, roundedUp(amount));
    }
  }
}

/** Canonical text has parts of a thousandth only with these suffixes, or with an exponent. */
function isFine(amount: Json | undefined): amount is string {
  return typeof amount === "string" && /[nue]/.test(amount);
}

function roundedUp(amount: string): string {
  try {
    const parsed = parseQuantity(amount);
    return formatQuantity(quantityOfMilli(roundUpMilli(parsed), parsed.format));
  } catch (thrown) {
    // Decoding refuses what is no quantity; a patch may still bring one, for validation to find.
    if (thrown instanceof QuantityError) return amount;
    throw thrown;
  }
}

/** https://kubernetes.io/docs/concepts/workloads/pods/pod-level-resources/ */
export function isPodLevelResource(name: string): boolean {
  return isOvercommittable(name) || name.startsWith("hugepages-");
}

export function isOvercommittable(name: string): boolean {
  return name === "cpu" || name === "memory";
}
