import { formatSelector, type Labels, matches, nothing } from "../../../api/machinery/labels.ts";
import type { Namespace } from "../../../api/generated/types/core-v1.ts";
import { type AffinityTerm, termMatches, type WeightedAffinityTerm } from "../../framework/affinity-term.ts";
import type { Lister } from "../../framework/listers.ts";
import type { PodAffinityTerms, PodInfo } from "../../framework/pod-info.ts";
import type { TallyQuestion } from "../../framework/tallies.ts";

/** Terms as of now: which namespaces they select changes with the namespaces. */
export interface TermReader {
  /** The pod's own terms, their namespace selectors resolved to names. */
  ownTerms(pod: PodInfo): PodAffinityTerms;
  namespaceLabels(namespace: string): Labels;
  /** Whether `other` demands that the pod be elsewhere. */
  shuns(other: PodInfo, pod: PodInfo): boolean;
}

export function createTermReader(namespaces: Lister<Namespace>): TermReader {
  const resolve = (term: AffinityTerm): AffinityTerm => {
    if (term.namespaceSelector.selects === "nothing") return term;
    const selected = [...namespaces.list()]
      .filter(({ metadata }) => matches(term.namespaceSelector, metadata?.labels))
      .map(({ metadata }) => metadata?.name ?? "");
    return { ...term, namespaces: new Set([...term.namespaces, ...selected]), namespaceSelector: nothing };
  };
  const resolveWeighted = ({ weight, term }: WeightedAffinityTerm): WeightedAffinityTerm => ({
    weight,
    term: resolve(term),
  });
  const namespaceLabels = (namespace: string): Labels => namespaces.get(namespace)?.metadata?.labels ?? {};
  return {
    ownTerms: ({ affinity: { required, requiredAnti, preferred, preferredAnti } }) => ({
      required: required.map(resolve),
      requiredAnti: requiredAnti.map(resolve),
      preferred: preferred.map(resolveWeighted),
      preferredAnti: preferredAnti.map(resolveWeighted),
    }),
    namespaceLabels,
    shuns: ({ affinity }, pod) =>
      affinity.requiredAnti.some((term) => termMatches(term, pod, namespaceLabels(pod.namespace))),
  };
}

/** All of at least one term, each resolved to names. */
export function matchesAll(terms: readonly AffinityTerm[], pod: PodInfo): boolean {
  return terms.length > 0 && terms.every((term) => termMatches(term, pod, undefined));
}

/** The same text for terms that speak of the same pods. */
export function kindOf(terms: readonly AffinityTerm[]): string {
  return JSON.stringify(
    terms.map(({ selector, namespaces }) => [selector.selects, formatSelector(selector), [...namespaces].toSorted()]),
  );
}

/** Pods that the term speaks of, by its topology. */
export function questionOf(term: AffinityTerm): TallyQuestion {
  const { topologyKey } = term;
  return { kind: kindOf([term]), isCounted: (pod) => matchesAll([term], pod), topologyKey, neededKeys: [] };
}
