import type { Labels } from "../../../api/machinery/labels.ts";
import { type AffinityTerm, termMatches, type WeightedAffinityTerm } from "../../framework/affinity-term.ts";
import { highestScore, type PodScorer } from "../../framework/plugin.ts";
import type { PodInfo } from "../../framework/pod-info.ts";
import type { Snapshot } from "../../framework/snapshot.ts";
import { type Skip, skip } from "../../framework/status.ts";
import { createTopologyCounts } from "../../framework/topology-counts.ts";
import type { InterPodAffinityArgs } from "../args.ts";
import type { FilterTools } from "./affinity-filter.ts";
import { questionOf } from "./term-reader.ts";

export interface ScorerTools extends FilterTools {
  readonly args: InterPodAffinityArgs;
}

/** Weights of preferred terms, the pod's own and those of pods that run, summed up by topology. */
export function createAffinityScorer(
  pod: PodInfo,
  snapshot: Snapshot,
  { reader, tallies, args }: ScorerTools,
): PodScorer | Skip {
  const { preferred, preferredAnti } = reader.ownTerms(pod);
  const hasPreferences = preferred.length + preferredAnti.length > 0;
  if (args.ignorePreferredTermsOfExistingPods && !hasPreferences) return skip;
  const scores = createTopologyCounts();
  let hasAny = false;
  const addOwn = (terms: readonly WeightedAffinityTerm[], sign: 1 | -1): void => {
    for (const { term, weight } of terms) {
      const tally = tallies.of(questionOf(term), snapshot);
      if (tally.pods > 0) hasAny = true;
      scores.addTally(term.topologyKey, tally, sign * weight);
    }
  };
  addOwn(preferred, 1);
  addOwn(preferredAnti, -1);
  const namespaceLabels = reader.namespaceLabels(pod.namespace);
  const addWish = (term: AffinityTerm, labels: Labels, weight: number): void => {
    const value = labels[term.topologyKey];
    if (weight === 0 || value === undefined || !termMatches(term, pod, namespaceLabels)) return;
    hasAny = true;
    scores.add(term.topologyKey, value, weight);
  };
  for (const { labels, podsWithAffinity } of snapshot.nodesWithAffinity.values()) {
    for (const { affinity } of podsWithAffinity) {
      for (const term of affinity.required) addWish(term, labels, args.hardPodAffinityWeight);
      for (const { term, weight } of affinity.preferred) addWish(term, labels, weight);
      for (const { term, weight } of affinity.preferredAnti) addWish(term, labels, -weight);
    }
  }
  if (!hasAny) return skip;
  return { score: ({ labels }) => scores.sum(labels), normalize: normalizeBetween };
}

/** The lowest becomes 0 and the highest 100; all the same: 0. */
function normalizeBetween(scores: number[]): void {
  const lowest = scores.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const highest = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const span = highest - lowest;
  for (const [index, score] of scores.entries())
    scores[index] = span > 0 ? Math.trunc(highestScore * ((score - lowest) / span)) : 0;
}
