import type { DaemonSet } from "../../api/generated/types/apps-v1.ts";
import type { Affinity, NodeSelector, Pod } from "../../api/generated/types/core-v1.ts";
import { deepClone } from "../../api/machinery/clone.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { timeMillis } from "../../api/machinery/time.ts";
import { daemonSets } from "../../client/resource-types.ts";
import { podFromTemplate } from "../pods/pod-from-template.ts";
import { daemonTolerations } from "./placement.ts";

export type AnySet = DeepReadonly<DaemonSet>;
export type AnyPod = DeepReadonly<Pod>;

export const revisionLabel = "controller-revision-hash";
/** Before there were revisions, templates had generations. */
const generationLabel = "pod-template-generation";
const generationAnnotation = "deprecated.daemonset.template.generation";

/** The scheduler binds it, to the only node that its affinity allows. */
export function daemonPod(set: AnySet, nodeName: string, hash: string): Pod {
  const pod = podFromTemplate(set.spec?.template, set, daemonSets);
  const generation = templateGeneration(set);
  const labels = {
    ...pod.metadata?.labels,
    ...(generation === undefined ? {} : { [generationLabel]: generation }),
    [revisionLabel]: hash,
  };
  return {
    metadata: { ...pod.metadata, labels },
    spec: {
      containers: [],
      ...pod.spec,
      affinity: forNode(pod.spec?.affinity, nodeName),
      tolerations: deepClone(daemonTolerations(pod.spec)),
    },
  };
}

/** The demands of the template on nodes are met already, and are replaced by the one name. */
function forNode(affinity: Affinity | undefined, nodeName: string): Affinity {
  const named: NodeSelector = {
    nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: [nodeName] }] }],
  };
  return {
    ...affinity,
    nodeAffinity: { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: named },
  };
}

/** Where a pod is, or will be; undefined for one that is meant for no node in particular. */
export function targetNode({ spec }: AnyPod): string | undefined {
  if (spec?.nodeName !== undefined && spec.nodeName !== "") return spec.nodeName;
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const named = (required?.nodeSelectorTerms ?? [])
    .flatMap(({ matchFields = [] }) => matchFields)
    .find(({ key, operator }) => key === "metadata.name" && operator === "In");
  return named?.values?.length === 1 ? named.values[0] : undefined;
}

export function isBound({ spec }: AnyPod): boolean {
  return spec?.nodeName !== undefined && spec.nodeName !== "";
}

export function hashOf({ metadata }: AnyPod): string {
  return metadata?.labels?.[revisionLabel] ?? "";
}

/** Whether a pod is of the newest template. */
export function isUpdated(pod: AnyPod, set: AnySet, hash: string): boolean {
  const generation = templateGeneration(set);
  return hashOf(pod) === hash || (generation !== undefined && pod.metadata?.labels?.[generationLabel] === generation);
}

function templateGeneration({ metadata }: AnySet): string | undefined {
  const text = metadata?.annotations?.[generationAnnotation];
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? String(Number(text)) : undefined;
}

/** The one that stays when a node has several: bound before unbound, then the oldest. */
export function longestThere(left: AnyPod, right: AnyPod): number {
  if (isBound(left) !== isBound(right)) return isBound(left) ? -1 : 1;
  const [one = 0, other = 0] = [left, right].map(({ metadata }) => timeMillis(metadata?.creationTimestamp) ?? 0);
  return one - other || ((left.metadata?.name ?? "") < (right.metadata?.name ?? "") ? -1 : 1);
}
