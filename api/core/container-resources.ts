/** What the containers of a pod take together. https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers */
import { itemsAt, objectAt, textAt } from "../machinery/members.ts";
import type { JsonObject } from "../machinery/object.ts";
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  type Quantity,
  QuantityError,
} from "../machinery/quantity.ts";

type Amounts = Map<string, Quantity>;

/**
 * Containers and sidecars run at once; an init container runs beside the sidecars that started before it. So: the sum of
 * the former, or what some init container needs, whichever is more.
 */
export function sumOfContainers(podSpec: JsonObject, which: "requests" | "limits"): ReadonlyMap<string, string> {
  const total: Amounts = new Map();
  const sidecars: Amounts = new Map();
  const starting: Amounts = new Map();
  for (const container of itemsAt(podSpec, "containers")) add(total, amountsOf(container, which));
  for (const container of itemsAt(podSpec, "initContainers")) {
    const amounts = amountsOf(container, which);
    if (textAt(container, "restartPolicy") === "Always") {
      add(total, amounts);
      add(sidecars, amounts);
      raise(starting, sidecars);
    } else {
      add(amounts, sidecars);
      raise(starting, amounts);
    }
  }
  raise(total, starting);
  return new Map([...total].map(([name, amount]) => [name, formatQuantity(amount)]));
}

function amountsOf(container: JsonObject, which: "requests" | "limits"): Amounts {
  const amounts: Amounts = new Map();
  for (const [name, text] of Object.entries(objectAt(objectAt(container, "resources"), which) ?? {})) {
    if (typeof text !== "string") continue;
    try {
      amounts.set(name, parseQuantity(text));
    } catch (thrown) {
      // Validation reports it.
      if (!(thrown instanceof QuantityError)) throw thrown;
    }
  }
  return amounts;
}

function add(to: Amounts, more: Amounts): void {
  for (const [name, amount] of more) {
    const known = to.get(name);
    to.set(name, known === undefined ? amount : addQuantities(known, amount));
  }
}

function raise(to: Amounts, atLeast: Amounts): void {
  for (const [name, amount] of atLeast) {
    const known = to.get(name);
    if (known === undefined || compareQuantities(amount, known) > 0) to.set(name, amount);
  }
}
