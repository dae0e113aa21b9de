import type { NodeSelector, NodeSelectorRequirement } from "../../../../api/generated/types/core-v1.ts";
import type { AllocationResult, DeviceAllocationConfiguration } from "../../../../api/generated/types/resource-v1.ts";
import { semanticEqual } from "../../../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../../../api/machinery/object.ts";
import type { Claim } from "../pod-resource-claims.ts";
import type { PoolDevice } from "./device-pools.ts";
import type { Alternative } from "./requests.ts";

export interface Choice {
  readonly alternative: Alternative;
  readonly device: PoolDevice;
}

/** What the claim's status says of its devices: which, how they are set up, and where they can be used. */
export function allocationOf(
  claim: Claim,
  choices: readonly Choice[],
  nodeName: string,
): DeepReadonly<AllocationResult> {
  const nodeSelector = nodeSelectorOf(choices, nodeName);
  const config = configOf(claim, choices);
  return {
    devices: {
      results: choices.map(({ alternative: { name, adminAccess, tolerations }, device: { driver, pool, device } }) => ({
        request: name,
        driver,
        pool,
        device: device.name,
        ...(adminAccess ? { adminAccess } : {}),
        ...(tolerations.length === 0 ? {} : { tolerations }),
        ...(device.bindingConditions === undefined ? {} : { bindingConditions: device.bindingConditions }),
        ...(device.bindingFailureConditions === undefined
          ? {}
          : { bindingFailureConditions: device.bindingFailureConditions }),
      })),
      ...(config.length === 0 ? {} : { config }),
    },
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
  };
}

/** Of the classes first, then of the claim: a later one goes before an earlier one. */
function configOf(claim: Claim, choices: readonly Choice[]): DeepReadonly<DeviceAllocationConfiguration>[] {
  const alternatives = [...new Map(choices.map(({ alternative }) => [alternative.name, alternative])).values()];
  const fromClasses = alternatives.flatMap(({ name, deviceClass }) =>
    (deviceClass.spec.config ?? []).map((config) => ({ source: "FromClass", requests: [name], ...config })),
  );
  const isUsed = (request: string): boolean =>
    alternatives.some(({ name }) => name === request || name.startsWith(`${request}/`));
  const fromClaim = (claim.spec.devices?.config ?? [])
    .filter(({ requests = [] }) => requests.length === 0 || requests.some(isUsed))
    .map((config) => ({ source: "FromClaim", ...config }));
  return [...fromClasses, ...fromClaim];
}

/** One device of a node ties all to that node; else all that their slices demand together. */
function nodeSelectorOf(choices: readonly Choice[], nodeName: string): DeepReadonly<NodeSelector> | undefined {
  const expressions: DeepReadonly<NodeSelectorRequirement>[] = [];
  const fields: DeepReadonly<NodeSelectorRequirement>[] = [];
  for (const { device } of choices) {
    if (device.place.on === "node" || device.device.bindsToNode === true) return onlyNode(nodeName);
    if (device.place.on === "all") continue;
    const [term] = device.place.selector.nodeSelectorTerms;
    for (const requirement of term?.matchExpressions ?? []) addOnce(expressions, requirement);
    for (const requirement of term?.matchFields ?? []) addOnce(fields, requirement);
  }
  if (expressions.length + fields.length === 0) return undefined;
  return {
    nodeSelectorTerms: [
      {
        ...(expressions.length === 0 ? {} : { matchExpressions: expressions }),
        ...(fields.length === 0 ? {} : { matchFields: fields }),
      },
    ],
  };
}

function onlyNode(nodeName: string): DeepReadonly<NodeSelector> {
  return { nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: [nodeName] }] }] };
}

function addOnce(
  requirements: DeepReadonly<NodeSelectorRequirement>[],
  more: DeepReadonly<NodeSelectorRequirement>,
): void {
  if (!requirements.some((requirement) => semanticEqual(requirement, more))) requirements.push(more);
}
