import type { AffinityTerm } from "../../framework/affinity-term.ts";
import { termMatches } from "../../framework/affinity-term.ts";
import type { NodeInfo } from "../../framework/node-info.ts";
import type { PodFilter } from "../../framework/plugin.ts";
import type { PodInfo } from "../../framework/pod-info.ts";
import type { Snapshot } from "../../framework/snapshot.ts";
import { type Skip, skip, unresolvable, unschedulable } from "../../framework/status.ts";
import type { Tallies } from "../../framework/tallies.ts";
import { createTopologyCounts, type TopologyCounts } from "../../framework/topology-counts.ts";
import { names } from "../names.ts";
import { kindOf, matchesAll, questionOf, type TermReader } from "./term-reader.ts";

const name = names.interPodAffinity;
const tooFar = unresolvable(name, "node(s) didn't match pod affinity rules");
const tooNear = unschedulable(name, "node(s) didn't match pod anti-affinity rules");
const unwanted = unschedulable(name, "node(s) didn't satisfy existing pods anti-affinity rules");

export interface FilterTools {
  readonly reader: TermReader;
  readonly tallies: Tallies;
}

/** How many pods are where, by the topologies that the terms name. */
interface Counts {
  /** Pods that do not want this one. */
  readonly shunning: TopologyCounts;
  /** Pods that this one must be near: those that all of its terms mean. */
  readonly wanted: TopologyCounts;
  /** Pods that this one must be away from. */
  readonly shunned: TopologyCounts;
}

export function createAffinityFilter(pod: PodInfo, snapshot: Snapshot, tools: FilterTools): PodFilter | Skip {
  const { required, requiredAnti } = tools.reader.ownTerms(pod);
  const counts: Counts = {
    shunning: createTopologyCounts(),
    wanted: createTopologyCounts(),
    shunned: createTopologyCounts(),
  };
  const namespaceLabels = tools.reader.namespaceLabels(pod.namespace);
  for (const node of snapshot.nodesWithRequiredAntiAffinity.values())
    for (const other of node.podsWithRequiredAntiAffinity) addShunning(other, node, 1);
  if (counts.shunning.total === 0 && required.length + requiredAnti.length === 0) return skip;
  for (const { topologyKey } of required) {
    const kind = { kind: kindOf(required), isCounted: (other: PodInfo) => matchesAll(required, other) };
    const tally = tools.tallies.of({ ...kind, topologyKey, neededKeys: [] }, snapshot);
    counts.wanted.addTally(topologyKey, tally, 1);
  }
  for (const term of requiredAnti)
    counts.shunned.addTally(term.topologyKey, tools.tallies.of(questionOf(term), snapshot), 1);

  function addShunning(other: PodInfo, { labels }: NodeInfo, more: number): void {
    for (const term of other.affinity.requiredAnti)
      if (termMatches(term, pod, namespaceLabels)) addAt(counts.shunning, term, labels, more);
  }
  const change = (other: PodInfo, node: NodeInfo, more: 1 | -1): void => {
    addShunning(other, node, more);
    if (matchesAll(required, other)) for (const term of required) addAt(counts.wanted, term, node.labels, more);
    for (const term of requiredAnti) if (matchesAll([term], other)) addAt(counts.shunned, term, node.labels, more);
  };
  return {
    filter(node) {
      if (!isNear(required, counts.wanted, pod, node)) return tooFar;
      if (requiredAnti.some(({ topologyKey }) => counts.shunned.at(topologyKey, node.labels) > 0)) return tooNear;
      return counts.shunning.sum(node.labels) > 0 ? unwanted : undefined;
    },
    addPod: (other, node) => change(other, node, 1),
    removePod: (other, node) => change(other, node, -1),
  };
}

function addAt(counts: TopologyCounts, { topologyKey }: AffinityTerm, labels: NodeInfo["labels"], more: number): void {
  const value = labels[topologyKey];
  if (value !== undefined && more !== 0) counts.add(topologyKey, value, more);
}

/** The first of a set of pods that want each other may be anywhere, as long as there is a topology to speak of. */
function isNear(
  required: readonly AffinityTerm[],
  wanted: TopologyCounts,
  pod: PodInfo,
  { labels }: NodeInfo,
): boolean {
  if (required.some(({ topologyKey }) => labels[topologyKey] === undefined)) return false;
  if (required.every(({ topologyKey }) => wanted.at(topologyKey, labels) > 0)) return true;
  return wanted.total === 0 && matchesAll(required, pod);
}
