import {
  createRequirement,
  createSelector,
  type LabelOperator,
  type Labels,
  matches,
  nothing,
  type Selector,
  SelectorError,
  selectorOfMap,
} from "./labels.ts";
import type { DeepReadonly } from "./object.ts";

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/label-selector/ */
export interface LabelSelector {
  matchLabels?: Record<string, string> | null;
  matchExpressions?: LabelSelectorRequirement[] | null;
}

export interface LabelSelectorRequirement {
  key: string;
  operator: string;
  values?: string[] | null;
}

const operators: ReadonlyMap<string, LabelOperator> = new Map([
  ["In", "in"],
  ["NotIn", "notin"],
  ["Exists", "exists"],
  ["DoesNotExist", "!"],
]);

/** An absent selector selects nothing, an empty one everything. Throws a SelectorError. */
export function selectorOf(selector: DeepReadonly<LabelSelector> | null | undefined): Selector {
  if (selector === null || selector === undefined) return nothing;
  const requirements = Object.entries(selector.matchLabels ?? {}).map(([key, value]) =>
    createRequirement(key, "=", [value]),
  );
  for (const expression of selector.matchExpressions ?? []) {
    const operator = operators.get(expression.operator);
    if (operator === undefined)
      throw new SelectorError(`${JSON.stringify(expression.operator)} is not a valid label selector operator`);
    requirements.push(createRequirement(expression.key, operator, expression.values ?? []));
  }
  return createSelector(requirements);
}

/**
 * The same for what controllers read from the store: a selector that cannot be read (written before validation knew
 * better) selects nothing instead of stopping the controller.
 */
export function lenientSelectorOf(selector: DeepReadonly<LabelSelector> | null | undefined): Selector {
  try {
    return selectorOf(selector);
  } catch (thrown) {
    if (thrown instanceof SelectorError) return nothing;
    throw thrown;
  }
}

/** Whether a selector is given and selects everything: most controllers refuse such a one. */
export function isEmptySelector(selector: DeepReadonly<LabelSelector> | null | undefined): boolean {
  if (selector === null || selector === undefined) return false;
  return (
    selectorOfMap(selector.matchLabels).requirements.length === 0 && (selector.matchExpressions ?? []).length === 0
  );
}

/** A selector that cannot be read matches nothing. */
export function selectorMatches(selector: DeepReadonly<LabelSelector>, labels: Labels): boolean {
  return matches(lenientSelectorOf(selector), labels);
}
