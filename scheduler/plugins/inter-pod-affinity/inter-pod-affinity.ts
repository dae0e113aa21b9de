import { matches } from "../../../api/machinery/labels.ts";
import type { AnyRegisteredEvent } from "../../framework/events.ts";
import type { Listers } from "../../framework/listers.ts";
import type { Plugin } from "../../framework/plugin.ts";
import { createPodInfo, type PodInfo } from "../../framework/pod-info.ts";
import { createTallies } from "../../framework/tallies.ts";
import type { InterPodAffinityArgs } from "../args.ts";
import { isSamePod, queueIf } from "../hints.ts";
import { names } from "../names.ts";
import { createAffinityFilter } from "./affinity-filter.ts";
import { createAffinityScorer } from "./affinity-scorer.ts";
import { createTermReader, matchesAll, type TermReader } from "./term-reader.ts";

const name = names.interPodAffinity;

/** Near some pods and away from others. https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity */
export function createInterPodAffinity(
  args: InterPodAffinityArgs,
  { namespaces }: Pick<Listers, "namespaces">,
): Plugin {
  const reader = createTermReader(namespaces);
  const tallies = createTallies();
  return {
    name,
    events: [...podEvents(reader), ...otherEvents],
    preFilter: (pod, snapshot) => createAffinityFilter(pod, snapshot, { reader, tallies }),
    preScore: ({ pod, snapshot }) => createAffinityScorer(pod, snapshot, { reader, tallies, args }),
  };
}

function podEvents(reader: TermReader): AnyRegisteredEvent[] {
  return [
    {
      resource: "Pod",
      actions: ["Add", "Delete", "UpdatePodLabel"],
      hint(pod, before, after) {
        if (isSamePod(pod, after)) return "Queue";
        const [former, current] = [before, after].map((other) =>
          other?.spec?.nodeName ? createPodInfo(other) : undefined,
        );
        const { required, requiredAnti } = reader.ownTerms(pod);
        const isNear = (other: PodInfo | undefined): boolean => other !== undefined && matchesAll(required, other);
        const isShunned = (other: PodInfo | undefined): boolean =>
          other !== undefined && requiredAnti.some((term) => matchesAll([term], other));
        const isGone = former !== undefined && current === undefined;
        if (isGone && reader.shuns(former, pod)) return "Queue";
        return queueIf((isNear(current) && !isNear(former)) || (isShunned(former) && !isShunned(current)));
      },
    },
  ];
}

const otherEvents: readonly AnyRegisteredEvent[] = [
  {
    resource: "Node",
    actions: ["Add", "UpdateNodeLabel"],
    hint({ affinity }, before, after) {
      if (before === undefined) return "Queue";
      const keys = [...affinity.required, ...affinity.requiredAnti].map(({ topologyKey }) => topologyKey);
      const [former, current] = [before.metadata?.labels ?? {}, after?.metadata?.labels ?? {}];
      // Without terms of its own it is others that keep the pod away, by keys of theirs.
      return queueIf(keys.length === 0 || keys.some((key) => former[key] !== current[key]));
    },
  },
  {
    resource: "Namespace",
    actions: ["Add", "Update"],
    hint({ affinity }, before, after) {
      const selectors = [...affinity.required, ...affinity.requiredAnti].map((term) => term.namespaceSelector);
      const isSelected = (labels: typeof before): boolean[] =>
        selectors.map((selector) => labels !== undefined && matches(selector, labels.metadata?.labels));
      const [former, current] = [isSelected(before), isSelected(after)];
      return queueIf(selectors.length === 0 || former.some((was, index) => was !== current[index]));
    },
  },
];
