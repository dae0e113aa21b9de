import type {
  DeviceClass,
  DeviceRequest,
  DeviceSelector,
  DeviceToleration,
  ExactDeviceRequest,
} from "../../../../api/generated/types/resource-v1.ts";
import type { DeepReadonly } from "../../../../api/machinery/object.ts";
import type { Lister } from "../../../framework/listers.ts";
import { type Claim, keyOfClaim } from "../pod-resource-claims.ts";

/** One way to satisfy a request of a claim. */
export interface Alternative {
  /** `request`, or `request/subrequest`. */
  readonly name: string;
  readonly deviceClass: DeepReadonly<DeviceClass>;
  readonly selectors: readonly Selector[];
  readonly tolerations: readonly DeepReadonly<DeviceToleration>[];
  /** `all`: every device that matches, and at least one. */
  readonly count: number | "all";
  readonly adminAccess: boolean;
}

export interface Selector {
  readonly expression: string;
  /** Whose it is, for errors. */
  readonly of: string;
}

/** All requests of a claim, each with its alternatives in order of preference; or why there are none. */
export function readRequests(claim: Claim, classes: Lister<DeviceClass>): Alternative[][] | string {
  const requests: Alternative[][] = [];
  for (const request of claim.spec.devices?.requests ?? []) {
    const alternatives: Alternative[] = [];
    for (const { name, exact } of variantsOf(request)) {
      const deviceClass = classes.get(exact.deviceClassName);
      if (deviceClass === undefined) return `request ${name}: device class ${exact.deviceClassName} does not exist`;
      alternatives.push(alternativeOf(name, exact, deviceClass, claim));
    }
    requests.push(alternatives);
  }
  return requests;
}

interface Variant {
  readonly name: string;
  readonly exact: DeepReadonly<ExactDeviceRequest>;
}

function variantsOf({ name, exactly, firstAvailable = [] }: DeepReadonly<DeviceRequest>): Variant[] {
  if (exactly !== undefined) return [{ name, exact: exactly }];
  return firstAvailable.map((exact) => ({ name: `${name}/${exact.name}`, exact }));
}

function alternativeOf(
  name: string,
  { selectors = [], tolerations = [], allocationMode, count, adminAccess }: DeepReadonly<ExactDeviceRequest>,
  deviceClass: DeepReadonly<DeviceClass>,
  claim: Claim,
): Alternative {
  return {
    name,
    deviceClass,
    selectors: [
      ...expressions(deviceClass.spec.selectors ?? [], `class ${deviceClass.metadata?.name}`),
      ...expressions(selectors, `claim ${keyOfClaim(claim)}`),
    ],
    tolerations,
    count: allocationMode === "All" ? "all" : (count ?? 1),
    adminAccess: adminAccess === true,
  };
}

function expressions(selectors: readonly DeepReadonly<DeviceSelector>[], of: string): Selector[] {
  return selectors.flatMap(({ cel }, index) =>
    cel === undefined ? [] : [{ expression: cel.expression, of: `${of}: selector #${index}` }],
  );
}
