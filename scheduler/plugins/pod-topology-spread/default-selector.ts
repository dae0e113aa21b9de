import { lenientSelectorOf } from "../../../api/machinery/label-selector.ts";
import { createSelector, type LabelRequirement, matches, selectorOfMap } from "../../../api/machinery/labels.ts";
import type { Selector } from "../../../api/machinery/labels.ts";
import type { Listers } from "../../framework/listers.ts";
import type { PodInfo } from "../../framework/pod-info.ts";

export type WorkloadListers = Pick<Listers, "services" | "replicationControllers" | "replicaSets" | "statefulSets">;

/** The pods that this one belongs with: of all its services, and of its controller. Undefined: it stands alone. */
export function defaultSelector(pod: PodInfo, listers: WorkloadListers): Selector | undefined {
  const requirements = [...ofServices(pod, listers), ...ofController(pod, listers)];
  return requirements.length === 0 ? undefined : createSelector(unique(requirements));
}

function ofServices({ namespace, labels }: PodInfo, { services }: WorkloadListers): LabelRequirement[] {
  const requirements: LabelRequirement[] = [];
  for (const { spec } of services.list(namespace)) {
    if (spec?.selector === undefined) continue;
    const selector = selectorOfMap(spec.selector);
    if (matches(selector, labels)) requirements.push(...selector.requirements);
  }
  return requirements;
}

function ofController({ pod, namespace }: PodInfo, listers: WorkloadListers): readonly LabelRequirement[] {
  const owner = pod.metadata?.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return [];
  const key = `${namespace}/${owner.name}`;
  switch (`${owner.apiVersion} ${owner.kind}`) {
    case "v1 ReplicationController":
      return selectorOfMap(listers.replicationControllers.get(key)?.spec?.selector).requirements;
    case "apps/v1 ReplicaSet":
      return lenientSelectorOf(listers.replicaSets.get(key)?.spec?.selector).requirements;
    case "apps/v1 StatefulSet":
      return lenientSelectorOf(listers.statefulSets.get(key)?.spec?.selector).requirements;
    default:
      return [];
  }
}

/** Services and controllers select by the same labels. */
function unique(requirements: readonly LabelRequirement[]): LabelRequirement[] {
  return [...new Map(requirements.map((requirement) => [JSON.stringify(requirement), requirement])).values()];
}
