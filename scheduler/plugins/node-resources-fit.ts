import { isExtended } from "../../api/core/resource-names.ts";
import type { Node, Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { amountOf, type Amounts } from "../framework/amounts.ts";
import type { Hint } from "../framework/events.ts";
import { createNodeInfo, type NodeInfo, nodeFactsOf } from "../framework/node-info.ts";
import type { Plugin } from "../framework/plugin.ts";
import { createPodInfo, type PodInfo } from "../framework/pod-info.ts";
import { type Rejected, unresolvable, unschedulable } from "../framework/status.ts";
import type { NodeResourcesFitArgs } from "./args.ts";
import { holdsRoom, isSamePod, queueIf } from "./hints.ts";
import { names } from "./names.ts";
import { createAllocationScorer } from "./resource-allocation.ts";
import { strategyScorer } from "./scoring-strategies.ts";

const name = names.nodeResourcesFit;

/** Whether the node has what the pod asks for, and how it would be used with the pod. */
export function createNodeResourcesFit(args: NodeResourcesFitArgs): Plugin {
  const isIgnored = ignoring(args);
  const { scoringStrategy } = args;
  const scorer = createAllocationScorer(scoringStrategy.resources, strategyScorer(scoringStrategy), "nonZero");
  return {
    name,
    events: [
      { resource: "Pod", actions: ["Delete", "UpdatePodScaleDown"], hint: hintAfterPod },
      { resource: "Node", actions: ["Add", "UpdateNodeAllocatable"], hint: hintAfterNode },
    ],
    preFilter(pod) {
      const requests = countedRequests(pod.requests, isIgnored);
      return { filter: (node) => rejectedBy(requests, node) };
    },
    preScore: (cycle) => scorer(cycle.pod),
  };
}

/** Only extended resources can be ignored. */
function ignoring({ ignoredResources, ignoredResourceGroups }: NodeResourcesFitArgs): (resource: string) => boolean {
  const resources = new Set(ignoredResources);
  const groups = new Set(ignoredResourceGroups);
  if (resources.size + groups.size === 0) return () => false;
  return (resource) => isExtended(resource) && (resources.has(resource) || groups.has(resource.split("/", 1)[0] ?? ""));
}

/** What is asked for and has to be there; mostly two or three. */
type Requests = readonly { readonly resource: string; readonly amount: number }[];

function countedRequests(requests: Amounts, isIgnored: (resource: string) => boolean): Requests {
  const standard = ["cpu", "memory", "ephemeral-storage"].map((resource) => ({
    resource,
    amount: amountOf(requests, resource),
  }));
  const scalars = [...requests.scalars].map(([resource, amount]) => ({ resource, amount }));
  return [...standard, ...scalars].filter(({ resource, amount }) => amount > 0 && !isIgnored(resource));
}

function rejectedBy(requests: Requests, node: NodeInfo): Rejected | undefined {
  const tooMany = node.pods.length + 1 > node.allowedPods;
  if (!tooMany && fits(requests, node)) return undefined;
  const lacking = requests.filter(({ resource, amount }) => amount > freeOf(node, resource));
  const reasons = [...(tooMany ? ["Too many pods"] : []), ...lacking.map(({ resource }) => `Insufficient ${resource}`)];
  // Of a node that is too small even when it is empty, no eviction makes enough room.
  const isTooSmall = lacking.some(({ resource, amount }) => amount > amountOf(node.allocatable, resource));
  return isTooSmall ? unresolvable(name, ...reasons) : unschedulable(name, ...reasons);
}

function fits(requests: Requests, node: NodeInfo): boolean {
  for (const { resource, amount } of requests) if (amount > freeOf(node, resource)) return false;
  return true;
}

function freeOf({ allocatable, requested }: NodeInfo, resource: string): number {
  return amountOf(allocatable, resource) - amountOf(requested, resource);
}

function hintAfterPod(pod: PodInfo, before: DeepReadonly<Pod> | undefined, after: DeepReadonly<Pod> | undefined): Hint {
  if (after === undefined) return queueIf(holdsRoom(before));
  if (isSamePod(pod, after)) return "Queue";
  if (!after.spec?.nodeName || before === undefined) return "QueueSkip";
  const [former, current] = [createPodInfo(before).requests, createPodInfo(after).requests];
  return queueIf(
    countedRequests(pod.requests, () => false).some(
      ({ resource }) => amountOf(former, resource) > amountOf(current, resource),
    ),
  );
}

function hintAfterNode(
  { requests }: PodInfo,
  before: DeepReadonly<Node> | undefined,
  after: DeepReadonly<Node> | undefined,
): Hint {
  if (after === undefined) return "QueueSkip";
  const wanted = countedRequests(requests, () => false);
  const facts = nodeFactsOf(after);
  if (rejectedBy(wanted, createNodeInfo(facts, [])) !== undefined) return "QueueSkip";
  if (before === undefined) return "Queue";
  const former = nodeFactsOf(before);
  return queueIf(
    facts.allowedPods > former.allowedPods ||
      wanted.some(({ resource }) => amountOf(facts.allocatable, resource) > amountOf(former.allocatable, resource)),
  );
}
