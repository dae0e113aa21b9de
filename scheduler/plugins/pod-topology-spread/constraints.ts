import { isTolerated } from "../../../api/core/tolerations.ts";
import { type NodeMatcher, requiredNodes } from "../../../api/core/node-selection.ts";
import type { TopologySpreadConstraint } from "../../../api/generated/types/core-v1.ts";
import { lenientSelectorOf } from "../../../api/machinery/label-selector.ts";
import { createSelector, formatSelector, type Labels, matches, type Selector } from "../../../api/machinery/labels.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import type { NodeInfo } from "../../framework/node-info.ts";
import type { PodInfo } from "../../framework/pod-info.ts";
import { type Count, type Tallies, tallyOf, type TallyQuestion } from "../../framework/tallies.ts";
import type { Snapshot } from "../../framework/snapshot.ts";

/** A constraint of one pod, read once. */
export interface SpreadConstraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly selector: Selector;
  /** Whether pods on this node count, and the node's topology with them; undefined: on all nodes. */
  readonly includes: ((node: NodeInfo) => boolean) | undefined;
}

export const hostname = "kubernetes.io/hostname";

export function readConstraint(constraint: DeepReadonly<TopologySpreadConstraint>, pod: PodInfo): SpreadConstraint {
  return {
    topologyKey: constraint.topologyKey,
    maxSkew: constraint.maxSkew,
    minDomains: constraint.minDomains ?? 1,
    selector: withLabelsOf(pod.labels, constraint.matchLabelKeys ?? [], lenientSelectorOf(constraint.labelSelector)),
    includes: inclusionOf(constraint, pod),
  };
}

/** Only pods with the same values of these labels as the pod itself. */
function withLabelsOf(labels: Labels | undefined, keys: readonly string[], selector: Selector): Selector {
  const own = keys.filter((key) => labels !== undefined && Object.hasOwn(labels, key));
  if (own.length === 0 || selector.selects === "nothing") return selector;
  return createSelector([
    ...selector.requirements,
    ...own.map((key) => ({ key, operator: "=" as const, values: [labels?.[key] ?? ""] })),
  ]);
}

function inclusionOf(
  { nodeAffinityPolicy = "Honor", nodeTaintsPolicy = "Ignore" }: DeepReadonly<TopologySpreadConstraint>,
  { pod }: PodInfo,
): SpreadConstraint["includes"] {
  const isWanted: NodeMatcher | undefined = nodeAffinityPolicy === "Honor" ? requiredNodes(pod.spec) : undefined;
  const tolerations = pod.spec?.tolerations ?? [];
  const honorsTaints = nodeTaintsPolicy === "Honor";
  if (isWanted === undefined && !honorsTaints) return undefined;
  return (node) => {
    if (isWanted?.(node) === false) return false;
    return !honorsTaints || !node.taints.some((taint) => isBarring(taint.effect) && !isTolerated(taint, tolerations));
  };
}

function isBarring(effect: string): boolean {
  return effect === "NoSchedule" || effect === "NoExecute";
}

/** A node that lacks one of the labels is out of all the counts. */
export function hasAllTopologies(labels: Labels, constraints: readonly SpreadConstraint[]): boolean {
  return constraints.every(({ topologyKey }) => labels[topologyKey] !== undefined);
}

/** Pods on their way out no longer count. */
function isCounted(selector: Selector, namespace: string): (pod: PodInfo) => boolean {
  return (other) =>
    other.namespace === namespace &&
    other.pod.metadata?.deletionTimestamp === undefined &&
    matches(selector, other.labels);
}

/** Pods that the constraint counts, by its topology; `neededKeys`: only on nodes that have all of them. */
export function questionOf(
  { selector, topologyKey }: SpreadConstraint,
  namespace: string,
  neededKeys: readonly string[],
): TallyQuestion {
  const kind = `${namespace} ${selector.selects} ${formatSelector(selector)}`;
  return { kind, isCounted: isCounted(selector, namespace), topologyKey, neededKeys };
}

/** The pods that the constraint counts, by value: of the kept tally where it holds for this pod, else counted anew. */
export function countValues(
  constraint: SpreadConstraint,
  { namespace }: PodInfo,
  neededKeys: readonly string[],
  { snapshot, tallies }: { readonly snapshot: Snapshot; readonly tallies: Tallies },
): ReadonlyMap<string, Count> {
  const { includes } = constraint;
  const question = questionOf(constraint, namespace, neededKeys);
  return includes === undefined
    ? tallies.of(question, snapshot).values
    : tallyOf(question, snapshot.nodes.filter(includes)).values;
}
