import type { PersistentVolumeClaim } from "../../generated/types/core-v1.ts";
import type { DeepReadonly } from "../../machinery/object.ts";
import { compareQuantities, type Quantity, quantityOf, roundUp } from "../../machinery/quantity.ts";
import { claimClass } from "../claim-class.ts";
import { readQuantities } from "../quantities.ts";
import { defineEvaluator, type QuotaEvaluator, type QuotaWrite, type Scope } from "./evaluator.ts";
import { selectsName } from "./scopes.ts";

const ofClass = ".storageclass.storage.k8s.io/";
const tracked = ["persistentvolumeclaims", "requests.storage"] as const;

/** Claims count, and so does the storage they ask for; both also by storage class. */
export const persistentVolumeClaimEvaluator: QuotaEvaluator = defineEvaluator<PersistentVolumeClaim>({
  counts: { group: "", resource: "persistentvolumeclaims" },
  isCharged: (write) => write.subresource === "" || (write.subresource === "status" && usesMore(write)),
  tracks: (resource) =>
    resource === "count/persistentvolumeclaims" ||
    tracked.some((name) => resource === name || resource.endsWith(`${ofClass}${name}`)),
  usage: (claim) => {
    const one = quantityOf(1);
    const usage = new Map<string, Quantity>([
      ["count/persistentvolumeclaims", one],
      ["persistentvolumeclaims", one],
    ]);
    const storage = storageOf(claim);
    const name = claimClass(claim);
    if (name !== "") usage.set(`${name}${ofClass}persistentvolumeclaims`, one);
    if (storage !== undefined) usage.set("requests.storage", storage);
    if (name !== "" && storage !== undefined) usage.set(`${name}${ofClass}requests.storage`, storage);
    return usage;
  },
  isInScope,
});

/** Whole bytes of what is asked for, or of what a resize has allocated already. */
function storageOf({ spec, status }: DeepReadonly<PersistentVolumeClaim>): Quantity | undefined {
  const requested = readQuantities(spec?.resources?.requests).get("storage");
  if (requested === undefined) return undefined;
  const allocated = readQuantities(status?.allocatedResources).get("storage");
  const most = allocated !== undefined && compareQuantities(allocated, requested) > 0 ? allocated : requested;
  return quantityOf(roundUp(most), most.format);
}

function usesMore({ object, old }: QuotaWrite<PersistentVolumeClaim>): boolean {
  if (old === undefined) return false;
  const allocated = (claim: DeepReadonly<PersistentVolumeClaim>): bigint =>
    readQuantities(claim.status?.allocatedResources).get("storage")?.nano ?? 0n;
  return allocated(object) !== allocated(old) || attributesClasses(object).join() !== attributesClasses(old).join();
}

function isInScope(claim: DeepReadonly<PersistentVolumeClaim>, scope: Scope): boolean {
  if (scope.scopeName !== "VolumeAttributesClass") return false;
  const names = attributesClasses(claim);
  return names.length === 0 ? selectsName(scope, undefined) : names.some((name) => selectsName(scope, name));
}

/** The class it has, the one it wants, and the one it is being changed to. */
function attributesClasses({ spec, status }: DeepReadonly<PersistentVolumeClaim>): string[] {
  const names = [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ];
  return [...new Set(names.flatMap((name) => name || []))].sort();
}
