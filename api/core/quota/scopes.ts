import type { ResourceQuota } from "../../generated/types/core-v1.ts";
import {
  createRequirement,
  createSelector,
  type LabelOperator,
  matches,
  SelectorError,
} from "../../machinery/labels.ts";
import type { DeepReadonly, KubeObject } from "../../machinery/object.ts";
import type { QuotaEvaluator, Scope } from "./evaluator.ts";

/** All that a quota says of the objects that it is about. */
export function scopesOf({ spec }: DeepReadonly<ResourceQuota>): readonly Scope[] {
  const plain = (spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: "Exists" }));
  return [...plain, ...(spec?.scopeSelector?.matchExpressions ?? [])];
}

/** Whether the object is in all of the scopes; one that cannot be read has nothing in it. */
export function isInScopes(
  evaluator: QuotaEvaluator,
  object: DeepReadonly<KubeObject>,
  scopes: readonly Scope[],
): boolean {
  try {
    return scopes.every((scope) => evaluator.isInScope?.(object, scope) === true);
  } catch (thrown) {
    if (thrown instanceof SelectorError) return false;
    throw thrown;
  }
}

const operators: ReadonlyMap<string, LabelOperator> = new Map([
  ["In", "in"],
  ["NotIn", "notin"],
  ["Exists", "exists"],
  ["DoesNotExist", "!"],
]);

/** Whether the scope selects the name of some class; no name is another thing than an empty one. */
export function selectsName({ scopeName, operator, values }: Scope, name: string | undefined): boolean {
  const known = operators.get(operator);
  if (known === undefined)
    throw new SelectorError(`${JSON.stringify(operator)} is not a valid scope selector operator`);
  const selector = createSelector([createRequirement(scopeName, known, values ?? [])]);
  return matches(selector, name === undefined ? {} : { [scopeName]: name });
}
