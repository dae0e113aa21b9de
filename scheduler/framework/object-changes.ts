/** What exactly an update changed, so that only pods that may gain by it are tried again. */
import { readQuantities } from "../../api/core/quantities.ts";
import type { Node, Pod } from "../../api/generated/types/core-v1.ts";
import { semanticEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { amountOf } from "./amounts.ts";
import type { Action } from "./events.ts";
import { createPodInfo } from "./pod-info.ts";

/** Of a Node: nothing of interest where it is empty. */
export function nodeChanges(before: DeepReadonly<Node>, after: DeepReadonly<Node>): ReadonlySet<Action> {
  const actions = new Set<Action>();
  const [former, current] = [before.status?.allocatable, after.status?.allocatable];
  if (!semanticEqual(amounts(former), amounts(current))) actions.add("UpdateNodeAllocatable");
  if (!semanticEqual(before.metadata?.labels, after.metadata?.labels)) actions.add("UpdateNodeLabel");
  if (!semanticEqual(before.spec?.taints, after.spec?.taints)) actions.add("UpdateNodeTaint");
  if (before.spec?.unschedulable === true && after.spec?.unschedulable !== true) actions.add("UpdateNodeTaint");
  if (!semanticEqual(conditions(before), conditions(after))) actions.add("UpdateNodeCondition");
  if (!semanticEqual(before.metadata?.annotations, after.metadata?.annotations)) actions.add("UpdateNodeAnnotation");
  if (!semanticEqual(before.status?.declaredFeatures, after.status?.declaredFeatures))
    actions.add("UpdateNodeDeclaredFeature");
  return actions;
}

function amounts(texts: DeepReadonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries([...readQuantities(texts)].map(([name, { nano }]) => [name, String(nano)]));
}

/** Without the times of heartbeats. */
function conditions({ status }: DeepReadonly<Node>): Readonly<Record<string, string>> {
  return Object.fromEntries((status?.conditions ?? []).map((condition) => [condition.type, condition.status]));
}

/** Of a Pod; `Update` where nothing finer can be told. */
export function podChanges(before: DeepReadonly<Pod>, after: DeepReadonly<Pod>): ReadonlySet<Action> {
  const actions = new Set<Action>();
  if (!semanticEqual(before.metadata?.labels, after.metadata?.labels)) actions.add("UpdatePodLabel");
  if (isScaledDown(before, after)) actions.add("UpdatePodScaleDown");
  if (!semanticEqual(before.spec?.tolerations, after.spec?.tolerations)) actions.add("UpdatePodToleration");
  if ((before.spec?.schedulingGates ?? []).length > 0 && (after.spec?.schedulingGates ?? []).length === 0)
    actions.add("UpdatePodSchedulingGatesEliminated");
  if (!semanticEqual(before.status?.resourceClaimStatuses, after.status?.resourceClaimStatuses))
    actions.add("UpdatePodGeneratedResourceClaim");
  if (actions.size === 0) actions.add("Update");
  return actions;
}

function isScaledDown(before: DeepReadonly<Pod>, after: DeepReadonly<Pod>): boolean {
  if (semanticEqual(resourcesOf(before), resourcesOf(after))) return false;
  const [former, current] = [createPodInfo(before).requests, createPodInfo(after).requests];
  return ["cpu", "memory", "ephemeral-storage", ...former.scalars.keys()].some(
    (resource) => amountOf(former, resource) > amountOf(current, resource),
  );
}

/** All that requests are computed from. */
function resourcesOf({ spec, status }: DeepReadonly<Pod>): unknown {
  return [
    [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].map(({ resources }) => resources),
    [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])].map(
      ({ resources, allocatedResources }) => [resources, allocatedResources],
    ),
    spec?.resources,
    status?.conditions?.filter(({ type }) => type === "PodResizePending"),
  ];
}
