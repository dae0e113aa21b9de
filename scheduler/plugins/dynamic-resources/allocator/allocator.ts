/** Finds devices for claims on one node: tries one after the other, and goes back where it comes to an end. */
import type { SelectableNode } from "../../../../api/core/node-selection.ts";
import { tolerates } from "../../../../api/core/tolerations.ts";
import type { AllocationResult } from "../../../../api/generated/types/resource-v1.ts";
import type { DeepReadonly } from "../../../../api/machinery/object.ts";
import type { Claim } from "../pod-resource-claims.ts";
import { allocationOf, type Choice } from "./allocation-result.ts";
import { type Constraint, createConstraint } from "./constraints.ts";
import { createCounters } from "./counters.ts";
import { type DevicePools, isAccessible, type PoolDevice } from "./device-pools.ts";
import type { DeviceSelectors } from "./device-selector.ts";
import type { Alternative } from "./requests.ts";

export interface ClaimToAllocate {
  readonly claim: Claim;
  readonly requests: readonly (readonly Alternative[])[];
}

export interface AllocatorInput {
  readonly claims: readonly ClaimToAllocate[];
  readonly pools: DevicePools;
  /** By id: taken by other claims. */
  readonly allocated: ReadonlySet<string>;
  readonly selectors: DeviceSelectors;
}

/** `timeout`: it was given up, there may be a way. */
export type Allocation =
  | { readonly is: "allocated"; readonly results: readonly DeepReadonly<AllocationResult>[] }
  | { readonly is: "impossible" }
  | { readonly is: "timeout" };

/** Of one claim. */
const mostDevices = 32;
/** Devices that are tried on one node: the time that a search may take, without a clock. */
const mostSteps = 100_000;

/** A request, with the claim that it belongs to. */
interface Wanted {
  readonly claim: number;
  readonly alternatives: readonly Alternative[];
}

export function allocate(input: AllocatorInput, node: SelectableNode): Allocation {
  const search = createSearch(input, node);
  const wanted: Wanted[] = input.claims.flatMap(({ requests }, claim) =>
    requests.map((alternatives) => ({ claim, alternatives })),
  );
  try {
    if (!search.place(wanted, 0)) return { is: "impossible" };
  } catch (thrown) {
    if (thrown instanceof TooManySteps) return { is: "timeout" };
    throw thrown;
  }
  const results = input.claims.map(({ claim }, index) => allocationOf(claim, search.chosen[index] ?? [], node.name));
  return { is: "allocated", results };
}

class TooManySteps extends Error {}

interface Search {
  readonly chosen: readonly Choice[][];
  place(wanted: readonly Wanted[], index: number): boolean;
}

function createSearch({ claims, pools, allocated, selectors }: AllocatorInput, node: SelectableNode): Search {
  const here = pools.devices.filter((device) => isAccessible(device, node));
  const candidates = createCandidates(here, selectors);
  const counters = createCounters(pools, allocated);
  const constraints = claims.map(({ claim }) => (claim.spec.devices?.constraints ?? []).map(createConstraint));
  const chosen = claims.map((): Choice[] => []);
  const taken = new Set<string>();
  let steps = 0;

  const take = (claim: number, choice: Choice): boolean => {
    if (++steps > mostSteps) throw new TooManySteps();
    const { alternative, device } = choice;
    const devices = chosen[claim] ?? [];
    if (devices.length >= mostDevices) return false;
    // Who only looks after devices shares them with everybody, but takes none twice.
    if (alternative.adminAccess ? devices.some((other) => other.device === device) : isInUse(device)) return false;
    if (!addToAll(constraints[claim] ?? [], alternative.name, device)) return false;
    if (!alternative.adminAccess && !counters.take(device)) {
      for (const constraint of constraints[claim] ?? []) constraint.remove(alternative.name, device);
      return false;
    }
    devices.push(choice);
    if (!alternative.adminAccess) taken.add(device.id);
    return true;
  };
  const giveBack = (claim: number, { alternative, device }: Choice): void => {
    chosen[claim]?.pop();
    for (const constraint of constraints[claim] ?? []) constraint.remove(alternative.name, device);
    if (alternative.adminAccess) return;
    counters.giveBack(device);
    taken.delete(device.id);
  };
  const isInUse = ({ id }: PoolDevice): boolean => allocated.has(id) || taken.has(id);

  const place = (wanted: readonly Wanted[], index: number): boolean => {
    const request = wanted[index];
    if (request === undefined) return true;
    return request.alternatives.some((alternative) => {
      const devices = candidates(alternative);
      if (alternative.count === "all") {
        // A pool that is being updated may hold more.
        if (devices.length === 0 || pools.incomplete.length > 0) return false;
        return placeDevices({ wanted, index, alternative, devices, left: devices.length, isAll: true }, 0);
      }
      return placeDevices({ wanted, index, alternative, devices, left: alternative.count, isAll: false }, 0);
    });
  };
  const placeDevices = (step: Step, from: number): boolean => {
    const { wanted, index, alternative, devices, left, isAll } = step;
    if (left === 0) return place(wanted, index + 1);
    const claim = wanted[index]?.claim ?? 0;
    // All must be had, and of the others the order does not matter: nothing before `from` is tried again.
    const end = isAll ? from + 1 : devices.length - left + 1;
    for (let next = from; next < end; next++) {
      const device = devices[next];
      if (device === undefined || !take(claim, { alternative, device })) continue;
      if (placeDevices({ ...step, left: left - 1 }, next + 1)) return true;
      giveBack(claim, { alternative, device });
    }
    return false;
  };
  return { chosen, place };
}

interface Step {
  readonly wanted: readonly Wanted[];
  readonly index: number;
  readonly alternative: Alternative;
  readonly devices: readonly PoolDevice[];
  readonly left: number;
  readonly isAll: boolean;
}

function addToAll(constraints: readonly Constraint[], request: string, device: PoolDevice): boolean {
  for (const [index, constraint] of constraints.entries()) {
    if (constraint.add(request, device)) continue;
    for (const before of constraints.slice(0, index)) before.remove(request, device);
    return false;
  }
  return true;
}

/** The devices that a request can have at all, asked once. Throws for a selector that fails. */
function createCandidates(
  devices: readonly PoolDevice[],
  selectors: DeviceSelectors,
): (alternative: Alternative) => readonly PoolDevice[] {
  const known = new Map<Alternative, readonly PoolDevice[]>();
  return (alternative) => {
    let candidates = known.get(alternative);
    if (candidates === undefined) {
      candidates = devices.filter((device) => isCandidate(device, alternative, selectors));
      known.set(alternative, candidates);
    }
    return candidates;
  };
}

function isCandidate(device: PoolDevice, alternative: Alternative, selectors: DeviceSelectors): boolean {
  for (const { effect, ...taint } of device.device.taints ?? [])
    if (isBarring(effect) && !alternative.tolerations.some((one) => tolerates(one, { effect, ...taint }))) return false;
  return alternative.selectors.every(({ expression, of }) => {
    try {
      return selectors.matches(expression, device);
    } catch (thrown) {
      throw new Error(`${of}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, { cause: thrown });
    }
  });
}

function isBarring(effect: string): boolean {
  return effect === "NoSchedule" || effect === "NoExecute";
}
