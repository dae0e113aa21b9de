import type { Node, Pod, TopologySpreadConstraint } from "../../../api/generated/types/core-v1.ts";
import { matches } from "../../../api/machinery/labels.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import type { AnyRegisteredEvent } from "../../framework/events.ts";
import { zoneLabel } from "../../framework/node-order.ts";
import type { Plugin } from "../../framework/plugin.ts";
import type { PodInfo } from "../../framework/pod-info.ts";
import { skip } from "../../framework/status.ts";
import { createTallies } from "../../framework/tallies.ts";
import type { PodTopologySpreadArgs } from "../args.ts";
import { isSamePod, queueIf } from "../hints.ts";
import { names } from "../names.ts";
import { hasAllTopologies, hostname, readConstraint, type SpreadConstraint } from "./constraints.ts";
import { defaultSelector, type WorkloadListers } from "./default-selector.ts";
import { createSpreadFilter } from "./spread-filter.ts";
import { createSpreadScorer } from "./spread-scorer.ts";

type Constraints = readonly DeepReadonly<TopologySpreadConstraint>[];

/** Pods that belong together are kept apart a little, on hosts and then in zones. */
const systemDefaults: Constraints = [
  { topologyKey: hostname, maxSkew: 3, whenUnsatisfiable: "ScheduleAnyway" },
  { topologyKey: zoneLabel, maxSkew: 5, whenUnsatisfiable: "ScheduleAnyway" },
];

/** https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/ */
export function createPodTopologySpread(args: PodTopologySpreadArgs, listers: WorkloadListers): Plugin {
  const isSystemDefault = args.defaultingType === "System";
  const defaults = isSystemDefault ? systemDefaults : args.defaultConstraints;
  const tallies = createTallies();
  const constraintsOf = (pod: PodInfo, action: string): SpreadConstraint[] => {
    const own = pod.pod.spec?.topologySpreadConstraints ?? [];
    const read = (constraints: Constraints): SpreadConstraint[] =>
      constraints
        .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
        .map((constraint) => readConstraint(constraint, pod));
    if (own.length > 0) return read(own);
    const deduced = read(defaults);
    const selector = deduced.length === 0 ? undefined : defaultSelector(pod, listers);
    return selector === undefined ? [] : deduced.map((constraint) => ({ ...constraint, selector }));
  };
  return {
    name: names.podTopologySpread,
    events: eventsFor((pod) => constraintsOf(pod, "DoNotSchedule")),
    preFilter(pod, snapshot) {
      const constraints = constraintsOf(pod, "DoNotSchedule");
      return constraints.length === 0 ? skip : createSpreadFilter(pod, constraints, snapshot, tallies);
    },
    preScore({ pod, snapshot }, feasible) {
      const constraints = constraintsOf(pod, "ScheduleAnyway");
      if (constraints.length === 0) return skip;
      const hasOwn = (pod.pod.spec?.topologySpreadConstraints ?? []).length > 0;
      const needsAllTopologies = hasOwn || !isSystemDefault;
      return createSpreadScorer(constraints, { pod, snapshot, feasible, tallies, needsAllTopologies });
    },
  };
}

function eventsFor(constraintsOf: (pod: PodInfo) => readonly SpreadConstraint[]): AnyRegisteredEvent[] {
  return [
    {
      resource: "Pod",
      actions: ["Add", "Delete", "UpdatePodLabel"],
      hint(pod, before, after) {
        if (isSamePod(pod, after)) return "Queue";
        const constraints = constraintsOf(pod);
        const counts = (other: DeepReadonly<Pod> | undefined, { selector }: SpreadConstraint): boolean =>
          other?.metadata?.namespace === pod.namespace && matches(selector, other.metadata.labels);
        return queueIf(constraints.some((constraint) => counts(before, constraint) !== counts(after, constraint)));
      },
    },
    {
      resource: "Node",
      actions: ["Add", "Delete", "UpdateNodeLabel", "UpdateNodeTaint"],
      hint(pod, before, after) {
        const constraints = constraintsOf(pod);
        const isIn = (node: DeepReadonly<Node> | undefined): boolean =>
          node !== undefined && hasAllTopologies(node.metadata?.labels ?? {}, constraints);
        if (before === undefined || after === undefined) return queueIf(isIn(before) || isIn(after));
        const [former, current] = [before.metadata?.labels ?? {}, after.metadata?.labels ?? {}];
        const isMoved = constraints.some(({ topologyKey }) => former[topologyKey] !== current[topologyKey]);
        return queueIf(isIn(before) !== isIn(after) || (isIn(after) && isMoved) || sameLabels(former, current));
      },
    },
  ];
}

/** Then it was the taints that changed, and some constraints look at them. */
function sameLabels(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
