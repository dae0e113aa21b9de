/** Where the pods of a DaemonSet run. https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#how-daemon-pods-are-scheduled */
import type { DaemonSet } from "../../api/generated/types/apps-v1.ts";
import type { Node, PodSpec, Toleration } from "../../api/generated/types/core-v1.ts";
import { requiredNodes } from "../../api/core/node-selection.ts";
import { isTolerated } from "../../api/core/tolerations.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";

export type AnyNode = DeepReadonly<Node>;

export interface Placement {
  /** Whether a pod is to be made for the node. */
  readonly shouldRun: boolean;
  /** Whether one that is there may stay. */
  readonly mayStay: boolean;
}

export type Place = (node: AnyNode) => Placement;

const nowhere: Placement = { shouldRun: false, mayStay: false };
const everywhere: Placement = { shouldRun: true, mayStay: true };
const onlyStay: Placement = { shouldRun: false, mayStay: true };

/** Reads the demands of the template once, for all nodes. */
export function placer({ spec }: DeepReadonly<DaemonSet>): Place {
  const podSpec = spec?.template.spec;
  const fits = requiredNodes(podSpec);
  const tolerations = daemonTolerations(podSpec);
  const nodeName = podSpec?.nodeName ?? "";
  return ({ metadata, spec: nodeSpec }) => {
    const name = metadata?.name ?? "";
    if (nodeName !== "" && nodeName !== name) return nowhere;
    if (fits !== undefined && !fits({ name, labels: metadata?.labels ?? {} })) return nowhere;
    const taints = nodeSpec?.taints?.filter((taint) => !isTolerated(taint, tolerations)) ?? [];
    if (taints.some(({ effect }) => effect === "NoExecute")) return nowhere;
    return taints.some(({ effect }) => effect === "NoSchedule") ? onlyStay : everywhere;
  };
}

const always = (key: string, effect: string): Toleration => ({
  key: `node.kubernetes.io/${key}`,
  operator: "Exists",
  effect,
});

/** Daemons stay on a node that is in trouble, and come to one that is not ready yet. */
const automatic: readonly Toleration[] = [
  always("not-ready", "NoExecute"),
  always("unreachable", "NoExecute"),
  always("disk-pressure", "NoSchedule"),
  always("memory-pressure", "NoSchedule"),
  always("pid-pressure", "NoSchedule"),
  always("unschedulable", "NoSchedule"),
];

/** https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#taints-and-tolerations */
export function daemonTolerations(spec: DeepReadonly<PodSpec> | undefined): DeepReadonly<Toleration>[] {
  const needed = spec?.hostNetwork === true ? [...automatic, always("network-unavailable", "NoSchedule")] : automatic;
  const own = spec?.tolerations ?? [];
  return [
    // The same for a time only becomes the same for ever.
    ...own.map((toleration) => needed.find((one) => isAlike(one, toleration)) ?? toleration),
    ...needed.filter((one) => !own.some((toleration) => isAlike(one, toleration))),
  ];
}

function isAlike(left: Toleration, right: DeepReadonly<Toleration>): boolean {
  const isExists = right.operator === "Exists" && (right.value ?? "") === "";
  return isExists && left.key === right.key && left.effect === right.effect;
}
