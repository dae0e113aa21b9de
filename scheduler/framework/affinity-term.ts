/** One term of inter-pod affinity, read once: which pods it speaks of, and over which topology. */
import type { PodAffinityTerm } from "../../api/generated/types/core-v1.ts";
import { lenientSelectorOf } from "../../api/machinery/label-selector.ts";
import { type Labels, matches, nothing, type Selector } from "../../api/machinery/labels.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";

export interface AffinityTerm {
  readonly selector: Selector;
  readonly topologyKey: string;
  readonly namespaces: ReadonlySet<string>;
  /** Selects namespaces by their labels, beside those named; `nothing` where the term has no such selector. */
  readonly namespaceSelector: Selector;
}

export interface WeightedAffinityTerm {
  readonly weight: number;
  readonly term: AffinityTerm;
}

/** A term that names no namespaces and selects none speaks of its own pod's namespace. */
export function affinityTermOf(term: DeepReadonly<PodAffinityTerm>, ownNamespace: string): AffinityTerm {
  const { namespaces = [], namespaceSelector } = term;
  const isOwn = namespaces.length === 0 && namespaceSelector === undefined;
  return {
    selector: lenientSelectorOf(term.labelSelector),
    topologyKey: term.topologyKey,
    namespaces: new Set(isOwn ? [ownNamespace] : namespaces),
    namespaceSelector: namespaceSelector === undefined ? nothing : lenientSelectorOf(namespaceSelector),
  };
}

export interface LabelledPod {
  readonly namespace: string;
  readonly labels: Labels | undefined;
}

/** `namespaceLabels` are those of the pod's namespace; undefined where the term's selector was resolved to names before. */
export function termMatches(term: AffinityTerm, pod: LabelledPod, namespaceLabels: Labels | undefined): boolean {
  if (!term.namespaces.has(pod.namespace)) {
    if (namespaceLabels === undefined || !matches(term.namespaceSelector, namespaceLabels)) return false;
  }
  return matches(term.selector, pod.labels);
}
