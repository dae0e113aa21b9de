import { podRequests } from "../../api/core/pod-resources.ts";
import { isPodLevelResource } from "../../api/core/resource-list-defaults.ts";
import { requiredNodes } from "../../api/core/node-selection.ts";
import { isTolerated } from "../../api/core/tolerations.ts";
import type { Node, Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { type Quantity, roundUp, roundUpMilli, tryQuantity } from "../../api/machinery/quantity.ts";
import type { Failure } from "./observed.ts";

export type Requests = ReadonlyMap<string, Quantity>;

/** What the pods on a node have been given. */
export interface Allotment {
  readonly pods: number;
  /** In billionths of a unit, as quantities are. */
  used(resource: string): bigint;
}

/** What a pod takes of its node. */
export function requestsOf(pod: DeepReadonly<Pod>): Requests {
  return podRequests(pod, { overhead: true, resizing: false, podLevel: isPodLevelResource });
}

/**
 * Why a node cannot run a pod that was bound to it; undefined when it can.
 * The rules are the scheduler's, which may have decided by an older view of the node.
 */
export function admissionFailure(
  pod: DeepReadonly<Pod>,
  {
    node,
    allotment,
    requests,
  }: { readonly node: DeepReadonly<Node>; readonly allotment: Allotment; readonly requests: Requests },
): Failure | undefined {
  const os = pod.spec?.os?.name;
  if (os !== undefined && os !== "linux")
    return rejection("PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS");
  return lackOf(node, allotment, requests) ?? misplaced(pod, node);
}

/** Undefined when the node has what is asked for. */
export function lackOf(node: DeepReadonly<Node>, allotment: Allotment, requests: Requests): Failure | undefined {
  const allocatable = node.status?.allocatable ?? {};
  const most = tryQuantity(allocatable["pods"] ?? "");
  if (most !== undefined && BigInt(allotment.pods + 1) > roundUp(most))
    return tooLittle("pods", { requested: 1n, used: BigInt(allotment.pods), capacity: roundUp(most) });
  for (const [resource, requested] of requests) {
    const capacity = tryQuantity(allocatable[resource] ?? "");
    // Resources that the node does not know are the cluster's, not its own.
    if (requested.nano === 0n || (capacity === undefined && resource.includes("/"))) continue;
    const used = allotment.used(resource);
    if (requested.nano + used <= (capacity?.nano ?? 0n)) continue;
    const inUnits = resource === "cpu" ? roundUpMilli : roundUp;
    const amount = (nano: bigint): bigint => inUnits({ nano, format: "DecimalSI" });
    const numbers = { requested: amount(requested.nano), used: amount(used), capacity: amount(capacity?.nano ?? 0n) };
    return tooLittle(resource, numbers);
  }
  return undefined;
}

function misplaced({ spec }: DeepReadonly<Pod>, node: DeepReadonly<Node>): Failure | undefined {
  const name = node.metadata?.name ?? "";
  const matcher = requiredNodes(spec);
  if (matcher?.({ name, labels: node.metadata?.labels ?? {} }) === false)
    return predicate("NodeAffinity", "node(s) didn't match Pod's node affinity/selector");
  const taints = (node.spec?.taints ?? []).filter(({ effect }) => effect === "NoExecute");
  if (taints.some((taint) => !isTolerated(taint, spec?.tolerations ?? [])))
    return predicate("TaintToleration", "node(s) had taints that the pod didn't tolerate");
  return undefined;
}

function tooLittle(
  resource: string,
  { requested, used, capacity }: { readonly requested: bigint; readonly used: bigint; readonly capacity: bigint },
): Failure {
  const numbers = `requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return rejection(`OutOf${resource}`, `Node didn't have enough resource: ${resource}, ${numbers}`);
}

function predicate(name: string, why: string): Failure {
  return rejection(name, `Predicate ${name} failed: ${why}`);
}

function rejection(reason: string, message: string): Failure {
  return { reason, message, isRejection: true };
}
