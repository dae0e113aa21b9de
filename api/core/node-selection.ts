/** Which nodes a pod, a volume or a device may be on. https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/ */
import type {
  NodeAffinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodSpec,
  PreferredSchedulingTerm,
} from "../generated/types/core-v1.ts";
import {
  createRequirement,
  createSelector,
  type LabelOperator,
  type Labels,
  matches,
  type Selector,
  SelectorError,
  selectorOfMap,
} from "../machinery/labels.ts";
import type { DeepReadonly } from "../machinery/object.ts";

/** The parts of a Node that can be selected by. */
export interface SelectableNode {
  readonly name: string;
  readonly labels: Labels;
}

export type NodeMatcher = (node: SelectableNode) => boolean;

/** What the pod demands by nodeSelector and required affinity, with what is demanded of all pods; undefined: nothing. */
export function requiredNodes(spec: DeepReadonly<PodSpec> | undefined): NodeMatcher | undefined {
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const byLabels = spec?.nodeSelector === undefined ? undefined : selectorOfMap(spec.nodeSelector);
  const byAffinity = required === undefined ? undefined : matcherOf(required);
  if (byLabels === undefined) return byAffinity;
  if (byAffinity === undefined) return ({ labels }) => matches(byLabels, labels);
  return (node) => matches(byLabels, node.labels) && byAffinity(node);
}

/** One of the terms must match. A term without requirements, or one that cannot be read, matches nothing. */
export function matcherOf({ nodeSelectorTerms = [] }: DeepReadonly<NodeSelector>): NodeMatcher {
  const terms = nodeSelectorTerms.map(termMatcher);
  return (node) => terms.some((matchesTerm) => matchesTerm(node));
}

/** The sum of the weights of the terms that match. A term without requirements counts for no node. */
export function preferenceOf(
  terms: readonly DeepReadonly<PreferredSchedulingTerm>[],
): (node: SelectableNode) => number {
  const weighted = terms
    .filter(({ weight }) => weight !== 0)
    .map(({ weight, preference }) => ({ weight, matchesTerm: termMatcher(preference) }));
  return (node) => weighted.reduce((sum, { weight, matchesTerm }) => (matchesTerm(node) ? sum + weight : sum), 0);
}

/** The names of the only nodes that the affinity allows; undefined where it does not go by name alone. */
export function namedNodes({
  requiredDuringSchedulingIgnoredDuringExecution: required,
}: DeepReadonly<NodeAffinity>): ReadonlySet<string> | undefined {
  if (required === undefined || required.nodeSelectorTerms.length === 0) return undefined;
  const names = new Set<string>();
  for (const { matchFields = [] } of required.nodeSelectorTerms) {
    const lists = matchFields.filter(({ key, operator }) => key === "metadata.name" && operator === "In");
    if (lists.length === 0) return undefined;
    const [first = [], ...more] = lists.map(({ values = [] }) => values);
    for (const name of first) if (more.every((values) => values.includes(name))) names.add(name);
  }
  return names;
}

function termMatcher({ matchExpressions = [], matchFields = [] }: DeepReadonly<NodeSelectorTerm>): NodeMatcher {
  if (matchExpressions.length === 0 && matchFields.length === 0) return () => false;
  const selector = readExpressions(matchExpressions);
  if (selector === undefined || matchFields.some((field) => !isReadable(field))) return () => false;
  return ({ name, labels }) => matches(selector, labels) && matchFields.every((field) => matchesName(field, name));
}

const operators: ReadonlyMap<string, LabelOperator> = new Map([
  ["In", "in"],
  ["NotIn", "notin"],
  ["Exists", "exists"],
  ["DoesNotExist", "!"],
  ["Gt", "gt"],
  ["Lt", "lt"],
]);

function readExpressions(expressions: readonly DeepReadonly<NodeSelectorRequirement>[]): Selector | undefined {
  try {
    return createSelector(
      expressions.map(({ key, operator, values = [] }) => {
        const known = operators.get(operator);
        if (known === undefined) throw new SelectorError(`"${operator}" is not a valid node selector operator`);
        return createRequirement(key, known, values);
      }),
    );
  } catch (thrown) {
    // Written before validation knew better.
    if (thrown instanceof SelectorError) return undefined;
    throw thrown;
  }
}

function isReadable({ operator, values = [] }: DeepReadonly<NodeSelectorRequirement>): boolean {
  return (operator === "In" || operator === "NotIn") && values.length === 1;
}

/** A field that nodes cannot be selected by is empty for all of them. */
function matchesName({ key, operator, values = [] }: DeepReadonly<NodeSelectorRequirement>, name: string): boolean {
  const isNamed = values.includes(key === "metadata.name" ? name : "");
  return operator === "In" ? isNamed : !isNamed;
}
