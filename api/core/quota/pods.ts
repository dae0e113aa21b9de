import type { Affinity, Pod, PodAffinityTerm } from "../../generated/types/core-v1.ts";
import type { DeepReadonly } from "../../machinery/object.ts";
import { type Quantity, quantityOf } from "../../machinery/quantity.ts";
import { podLimits, podRequests, statesPodResources } from "../pod-resources.ts";
import { qosClass } from "../pod-qos.ts";
import { addTo, type Quantities, readQuantities } from "../quantities.ts";
import { isPodLevelResource } from "../resource-list-defaults.ts";
import { isExtended, isHugePages, isNative } from "../resource-names.ts";
import { defineEvaluator, type QuotaEvaluator, type Scope } from "./evaluator.ts";
import { selectsName } from "./scopes.ts";

const computed = ["cpu", "memory", "ephemeral-storage"] as const;
const named: ReadonlySet<string> = new Set([
  "count/pods",
  "pods",
  ...computed,
  ...computed.map((resource) => `requests.${resource}`),
  ...computed.map((resource) => `limits.${resource}`),
]);
/** A mistake of the first days that is kept: who limits these makes every container state them. */
const toBeStated: ReadonlySet<string> = new Set(
  ["cpu", "memory"].flatMap((resource) => [resource, `requests.${resource}`, `limits.${resource}`]),
);

/** Pods count as objects as long as they are stored, and by what they take until they have ended. */
export const podEvaluator: QuotaEvaluator = defineEvaluator<Pod>({
  counts: { group: "", resource: "pods" },
  isCharged: ({ operation, subresource, object, old }) => {
    if (subresource === "resize") return operation === "UPDATE";
    if (subresource !== "") return false;
    // Only a deadline moves a pod from one quota to another.
    return operation === "CREATE" || (old !== undefined && isTerminating(old) !== isTerminating(object));
  },
  tracks: (resource) =>
    named.has(resource) ||
    isHugePages(resource) ||
    resource.startsWith("requests.hugepages-") ||
    isExtendedQuota(resource),
  usage: (pod, now) => {
    const usage = new Map<string, Quantity>([["count/pods", quantityOf(1)]]);
    if (!isRunning(pod, now)) return usage;
    const options = { overhead: true, resizing: true, podLevel: isPodLevelResource };
    addTo(usage, charges(podRequests(pod, options), podLimits(pod, options)));
    return usage;
  },
  isInScope,
  unstated,
});

/** `requests.example.com/gpu`: devices are never overcommitted, so their limits are not told apart. */
export function isExtendedQuota(resource: string): boolean {
  return !isNative(resource) && resource.startsWith("requests.");
}

/** A pod that should have been gone by now counts no more: its node may be lost. */
function isRunning({ metadata, status }: DeepReadonly<Pod>, now: number): boolean {
  if (status?.phase === "Failed" || status?.phase === "Succeeded") return false;
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata ?? {};
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return true;
  return now <= Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

/** What requests and limits are called in quotas. */
function charges(requests: Quantities, limits: Quantities): Map<string, Quantity> {
  const charged = new Map<string, Quantity>([["pods", quantityOf(1)]]);
  for (const resource of computed) {
    const [request, limit] = [requests.get(resource), limits.get(resource)];
    if (request !== undefined) charged.set(resource, request).set(`requests.${resource}`, request);
    if (limit !== undefined) charged.set(`limits.${resource}`, limit);
  }
  for (const [resource, request] of requests) {
    const isHuge = isHugePages(resource);
    if (isHuge) charged.set(resource, request);
    if (isHuge || isExtended(resource)) charged.set(`requests.${resource}`, request);
  }
  return charged;
}

function unstated(pod: DeepReadonly<Pod>, limited: readonly string[]): string | undefined {
  if (statesPodResources(pod)) return undefined;
  const required = limited.filter((resource) => toBeStated.has(resource)).sort();
  if (required.length === 0) return undefined;
  const missing = new Map<string, Set<string>>();
  for (const { name, resources } of [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])]) {
    const stated = charges(readQuantities(resources?.requests), readQuantities(resources?.limits));
    for (const resource of required)
      if (!stated.has(resource)) missing.set(resource, (missing.get(resource) ?? new Set()).add(name));
  }
  if (missing.size === 0) return undefined;
  const told = required
    .filter((resource) => missing.has(resource))
    .map((resource) => `${resource} for: ${[...(missing.get(resource) ?? [])].sort().join(",")}`);
  return `must specify ${told.join("; ")}`;
}

function isInScope(pod: DeepReadonly<Pod>, scope: Scope): boolean {
  switch (scope.scopeName) {
    case "Terminating":
      return isTerminating(pod);
    case "NotTerminating":
      return !isTerminating(pod);
    case "BestEffort":
      return isBestEffort(pod);
    case "NotBestEffort":
      return !isBestEffort(pod);
    case "PriorityClass":
      return selectsName(scope, pod.spec?.priorityClassName || undefined);
    case "CrossNamespacePodAffinity":
      return looksAcrossNamespaces(pod.spec?.affinity);
    default:
      return false;
  }
}

function isTerminating({ spec }: DeepReadonly<Pod>): boolean {
  return (spec?.activeDeadlineSeconds ?? -1) >= 0;
}

function isBestEffort({ spec }: DeepReadonly<Pod>): boolean {
  return qosClass(spec ?? { containers: [] }) === "BestEffort";
}

function looksAcrossNamespaces(affinity: DeepReadonly<Affinity> | undefined): boolean {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].some((one) => {
    const preferred = one?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    const terms: readonly DeepReadonly<PodAffinityTerm>[] = [
      ...(one?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...preferred.map(({ podAffinityTerm }) => podAffinityTerm),
    ];
    return terms.some(
      ({ namespaces, namespaceSelector }) => (namespaces ?? []).length > 0 || namespaceSelector !== undefined,
    );
  });
}
