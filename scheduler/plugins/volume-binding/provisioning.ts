/** Whether a volume for a claim can be made where a node has access to it. */
import { claimClass } from "../../../api/core/claim-class.ts";
import type { StorageClass } from "../../../api/generated/types/storage-v1.ts";
import { lenientSelectorOf } from "../../../api/machinery/label-selector.ts";
import { matches } from "../../../api/machinery/labels.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import type { SelectableNode } from "../../../api/core/node-selection.ts";
import type { Listers } from "../../framework/listers.ts";
import { storageOf } from "./match-volume.ts";
import { type Claim, keyOfClaim } from "./pod-claims.ts";

export type ProvisioningListers = Pick<Listers, "storageClasses" | "csiDrivers" | "csiStorageCapacities">;
export type Provisioning = "possible" | "impossible" | "not enough storage";

/** Asked once a claim, and then for each node. Throws where the claim names no class, or one that is not there. */
export function provisioningOf(claim: Claim, listers: ProvisioningListers): (node: SelectableNode) => Provisioning {
  const className = claimClass(claim);
  if (className === "") throw new Error(`no class for claim "${keyOfClaim(claim)}"`);
  const storageClass = listers.storageClasses.get(className);
  if (storageClass === undefined) throw new Error(`failed to find storage class "${className}"`);
  const { provisioner, allowedTopologies = [] } = storageClass;
  if (provisioner === "" || provisioner === "kubernetes.io/no-provisioner") return () => "impossible";
  const hasRoom = capacityCheck(claim, storageClass, listers);
  return (node) => {
    if (!isAllowed(node, allowedTopologies)) return "impossible";
    return hasRoom(node) ? "possible" : "not enough storage";
  };
}

/** One term is enough; all expressions of it must hold. No terms: anywhere. */
function isAllowed({ labels }: SelectableNode, terms: DeepReadonly<StorageClass["allowedTopologies"]>): boolean {
  if (terms === undefined || terms.length === 0) return true;
  return terms.some(
    ({ matchLabelExpressions = [] }) =>
      matchLabelExpressions.length > 0 &&
      matchLabelExpressions.every(({ key, values }) => {
        const value = labels[key];
        return value !== undefined && values.includes(value);
      }),
  );
}

/** Only of drivers that report what they have. https://kubernetes.io/docs/concepts/storage/storage-capacity/ */
function capacityCheck(
  claim: Claim,
  { metadata, provisioner }: DeepReadonly<StorageClass>,
  { csiDrivers, csiStorageCapacities }: ProvisioningListers,
): (node: SelectableNode) => boolean {
  const size = storageOf(claim.spec?.resources?.requests);
  if (size === 0n || csiDrivers.get(provisioner)?.spec.storageCapacity !== true) return () => true;
  const selectors = [...csiStorageCapacities.list()]
    .filter(({ storageClassName }) => storageClassName === metadata?.name)
    .filter(({ capacity, maximumVolumeSize }) => storageOf({ storage: maximumVolumeSize ?? capacity ?? "0" }) >= size)
    // Without topology it is accessible from nowhere.
    .map(({ nodeTopology }) => lenientSelectorOf(nodeTopology));
  return ({ labels }) => selectors.some((selector) => matches(selector, labels));
}
