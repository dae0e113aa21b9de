import { matcherOf } from "../../../api/core/node-selection.ts";
import type { AllocationResult } from "../../../api/generated/types/resource-v1.ts";
import { parseDuration } from "../../../api/machinery/duration.ts";
import { semanticEqual } from "../../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import type { AnyRegisteredEvent } from "../../framework/events.ts";
import type { Listers } from "../../framework/listers.ts";
import type { NodeInfo } from "../../framework/node-info.ts";
import type { Plugin, PodFilter, PodScorer } from "../../framework/plugin.ts";
import type { PodInfo } from "../../framework/pod-info.ts";
import { normalizeToHighest } from "../../framework/score-nodes.ts";
import { type Rejected, skip, unresolvable, unschedulable } from "../../framework/status.ts";
import type { DynamicResourcesArgs } from "../args.ts";
import { isSamePod, queueIf } from "../hints.ts";
import { names } from "../names.ts";
import { allocate, type AllocatorInput, type ClaimToAllocate } from "./allocator/allocator.ts";
import { gatherPools } from "./allocator/device-pools.ts";
import { createDeviceSelectors } from "./allocator/device-selector.ts";
import { readRequests } from "./allocator/requests.ts";
import { areDevicesReady, bindClaim } from "./bind-claims.ts";
import { type ClaimTracker, createClaimTracker } from "./claim-tracker.ts";
import type { DynamicResourcesEffects } from "./effects.ts";
import {
  canBeReserved,
  type Claim,
  claimsOfPod,
  deleteProtection,
  isReservedFor,
  keyOfClaim,
} from "./pod-resource-claims.ts";

const name = names.dynamicResources;

export type DeviceListers = Pick<Listers, "resourceClaims" | "deviceClasses" | "resourceSlices">;

/** https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/ */
export function createDynamicResources(
  args: DynamicResourcesArgs,
  listers: DeviceListers,
  effects: DynamicResourcesEffects,
): Plugin {
  const tracker = createClaimTracker(listers.resourceClaims);
  const selectors = createDeviceSelectors();
  const states = new WeakMap<PodFilter, PodClaimsState>();
  return {
    name,
    events: eventsFor(tracker),
    preEnqueue(pod) {
      const claims = claimsOfPod(pod, tracker.get);
      return typeof claims === "string" ? unresolvable(name, claims) : undefined;
    },
    preFilter(pod) {
      const claims = claimsOfPod(pod, tracker.get);
      if (typeof claims === "string") return unresolvable(name, claims);
      if (claims.length === 0) return skip;
      const toAllocate = claimsToAllocate(pod, claims, tracker, listers);
      if ("code" in toAllocate) return toAllocate;
      const state: PodClaimsState = { pod, claims: [...claims], toAllocate, byNode: new Map(), unavailable: new Set() };
      const pools = toAllocate.length === 0 ? gatherPools([]) : gatherPools(listers.resourceSlices.list());
      const input = { claims: toAllocate, pools, allocated: tracker.allocatedDevices(), selectors };
      const filter = createClaimFilter(state, input, { tracker, effects, args });
      states.set(filter, state);
      return filter;
    },
    async postFilter({ prepared }) {
      const filter = prepared.get(name);
      const state = filter === undefined ? undefined : states.get(filter);
      return { nominatedNodeName: undefined, rejected: unschedulable(name, await deallocateOne(state, effects)) };
    },
    preScore({ prepared }) {
      const filter = prepared.get(name);
      const state = filter === undefined ? undefined : states.get(filter);
      return state === undefined ? skip : createScorer(state);
    },
  };
}

/** What the plugin knows of one pod's claims in one cycle. */
interface PodClaimsState {
  readonly pod: PodInfo;
  /** PreBind replaces them by what it wrote. */
  readonly claims: Claim[];
  readonly toAllocate: readonly ClaimToAllocate[];
  /** In the order of `toAllocate`. */
  readonly byNode: Map<string, readonly DeepReadonly<AllocationResult>[]>;
  /** Claims that are allocated where the pod cannot go. */
  readonly unavailable: Set<Claim>;
}

function claimsToAllocate(
  pod: PodInfo,
  claims: readonly Claim[],
  tracker: ClaimTracker,
  { deviceClasses }: DeviceListers,
): ClaimToAllocate[] | Rejected {
  const toAllocate: ClaimToAllocate[] = [];
  for (const claim of claims) {
    if (claim.status?.allocation !== undefined) {
      if (!canBeReserved(claim) && !isReservedFor(pod, claim)) return unresolvable(name, "resourceclaim in use");
      continue;
    }
    if (tracker.isPending(claim.metadata?.uid ?? ""))
      return unresolvable(name, `resource claim ${keyOfClaim(claim)} is in the process of being allocated`);
    const requests = readRequests(claim, deviceClasses);
    if (typeof requests === "string") return unresolvable(name, requests);
    toAllocate.push({ claim, requests });
  }
  return toAllocate;
}

interface FilterNeeds {
  readonly tracker: ClaimTracker;
  readonly effects: DynamicResourcesEffects;
  readonly args: DynamicResourcesArgs;
}

function createClaimFilter(state: PodClaimsState, input: AllocatorInput, needs: FilterNeeds): PodFilter {
  const { pod, claims, toAllocate, byNode } = state;
  const { tracker, effects } = needs;
  const access = claims.map((claim) => {
    const selector = claim.status?.allocation?.nodeSelector;
    return { claim, isThere: selector === undefined ? () => true : matcherOf(selector) };
  });
  const chosen = new Map<Claim, DeepReadonly<AllocationResult>>();
  const release = (): void => {
    for (const { claim } of toAllocate) tracker.end(claim.metadata?.uid ?? "");
    chosen.clear();
  };
  return {
    filter(node) {
      const elsewhere = access.filter(({ isThere }) => !isThere(node));
      for (const { claim } of elsewhere) state.unavailable.add(claim);
      if (toAllocate.length > 0) {
        const allocation = allocate(input, node);
        if (allocation.is === "timeout") return unresolvable(name, "timed out trying to allocate devices");
        if (allocation.is === "impossible") return unresolvable(name, "cannot allocate all claims");
        byNode.set(node.name, allocation.results);
      }
      return elsewhere.length > 0 ? unresolvable(name, "resourceclaim not available on the node") : undefined;
    },
    reserve(nodeName) {
      for (const [index, { claim }] of toAllocate.entries()) {
        const allocation = byNode.get(nodeName)?.[index];
        if (allocation === undefined) throw new Error("claim allocation not found for node");
        chosen.set(claim, allocation);
        const finalizers = [...new Set([...(claim.metadata?.finalizers ?? []), deleteProtection])];
        tracker.begin({
          ...claim,
          metadata: { ...claim.metadata, finalizers },
          status: { ...claim.status, allocation },
        });
      }
      return undefined;
    },
    unreserve() {
      release();
      for (const claim of claims)
        if (claim.status?.allocation !== undefined && isReservedFor(pod, claim))
          effects.removeReservation(claim, pod.uid);
    },
    needsPreBind: () => claims.some((claim) => !isReservedFor(pod, claim)),
    async preBind(_, signal) {
      for (const [index, claim] of claims.entries()) {
        if (isReservedFor(pod, claim)) continue;
        const written = await bindClaim(claim, chosen.get(claim), pod, effects);
        claims[index] = written;
        tracker.written(written);
        tracker.end(claim.metadata?.uid ?? "");
      }
      await waitForDevices(claims, needs, signal);
      return undefined;
    },
  };
}

/** Some devices are attached only now: their drivers say when. */
async function waitForDevices(
  claims: readonly Claim[],
  { tracker, effects, args }: FilterNeeds,
  signal: AbortSignal,
): Promise<void> {
  if (claims.every(areDevicesReady)) return;
  const timeout = Number((parseDuration(args.bindingTimeout) ?? 0n) / 1_000_000n);
  const isDone = (): boolean => claims.every((claim) => areDevicesReady(tracker.get(keyOfClaim(claim)) ?? claim));
  await effects.until(isDone, timeout, signal);
}

/** A claim that is allocated where the pod cannot go, and that nobody else uses, is set free. */
async function deallocateOne(state: PodClaimsState | undefined, effects: DynamicResourcesEffects): Promise<string> {
  if (state === undefined) return "no new claims to deallocate";
  for (const claim of state.unavailable) {
    const reservedFor = claim.status?.reservedFor ?? [];
    if (reservedFor.length > 1 || (reservedFor.length === 1 && reservedFor[0]?.uid !== state.pod.uid)) continue;
    await effects.updateClaimStatus({ ...claim, status: {} });
    return "deallocation of ResourceClaim completed";
  }
  return "still not schedulable";
}

/** As many subrequests as a request may list. */
const mostAlternatives = 8;

/** The earlier among its alternatives a request was satisfied, the better. */
function createScorer({ toAllocate, byNode }: PodClaimsState): PodScorer {
  const scoreOf = (node: NodeInfo): number => {
    let score = 0;
    for (const [index, { requests }] of toAllocate.entries()) {
      const results = byNode.get(node.name)?.[index]?.devices?.results ?? [];
      const used = new Set(results.map(({ request }) => request));
      for (const alternatives of requests)
        for (const [rank, alternative] of alternatives.entries())
          if (alternative.name.includes("/") && used.has(alternative.name)) score += mostAlternatives - rank;
    }
    return score;
  };
  return { score: scoreOf, normalize: (scores) => normalizeToHighest(scores, false) };
}

function eventsFor(tracker: ClaimTracker): AnyRegisteredEvent[] {
  return [
    { resource: "Node", actions: ["Add", "UpdateNodeLabel"] },
    {
      resource: "ResourceClaim",
      actions: ["Add", "Update", "Delete"],
      hint(pod, before, after) {
        const isFreed = before?.status?.allocation !== undefined && after?.status?.allocation === undefined;
        const claims = claimsOfPod(pod, tracker.get);
        if (typeof claims === "string") return "QueueSkip";
        if (isFreed) return "Queue";
        const isOwn = after !== undefined && claims.some(({ metadata }) => metadata?.uid === after.metadata?.uid);
        return queueIf(isOwn && (before === undefined || !semanticEqual(before.status, after.status)));
      },
    },
    {
      resource: "Pod",
      actions: ["UpdatePodGeneratedResourceClaim"],
      hint: (pod, _, after) => queueIf(isSamePod(pod, after)),
    },
    { resource: "DeviceClass", actions: ["Add", "Update"] },
    { resource: "ResourceSlice", actions: ["Add", "Update"] },
  ];
}
