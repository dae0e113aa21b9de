import type { ResourceQuota } from "../../generated/types/core-v1.ts";
import type { DeepReadonly, KubeObject } from "../../machinery/object.ts";
import { qualified } from "../../machinery/status.ts";
import { type Quantity, zeroQuantity } from "../../machinery/quantity.ts";
import { addTo, type QuantityTexts, writeQuantities } from "../quantities.ts";
import { evaluatorsTracking } from "./evaluators.ts";
import { isInScopes, scopesOf } from "./scopes.ts";

/** Whose objects have to be known for `usageOf`: `pods`, `deployments.apps`. */
export function resourcesCountedBy(quota: DeepReadonly<ResourceQuota>): readonly string[] {
  return evaluatorsTracking(Object.keys(quota.spec?.hard ?? {})).map(({ counts }) => qualified(counts));
}

/**
 * What the objects of the quota's namespace use of it: an amount for each name in `spec.hard`, zero where nothing
 * counts. `objectsOf` answers the namespace's objects of a resource that `resourcesCountedBy` names; `now` is in
 * milliseconds.
 */
export function usageOf(
  quota: DeepReadonly<ResourceQuota>,
  objectsOf: (resource: string) => readonly DeepReadonly<KubeObject>[],
  now: number,
): QuantityTexts {
  const names = Object.keys(quota.spec?.hard ?? {});
  const scopes = scopesOf(quota);
  const total = new Map<string, Quantity>();
  for (const evaluator of evaluatorsTracking(names)) {
    for (const object of objectsOf(qualified(evaluator.counts)))
      if (isInScopes(evaluator, object, scopes)) addTo(total, evaluator.usage(object, now));
  }
  return writeQuantities(new Map(names.map((name) => [name, total.get(name) ?? zeroQuantity])));
}
