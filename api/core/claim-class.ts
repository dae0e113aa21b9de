import type { PersistentVolumeClaim } from "../generated/types/core-v1.ts";
import { getOwn } from "../machinery/members.ts";
import type { DeepReadonly } from "../machinery/object.ts";

/** The storage class that a claim asks for, "" for none; an annotation of the time before the field goes first. */
export function claimClass({ metadata, spec }: DeepReadonly<PersistentVolumeClaim>): string {
  return getOwn(metadata?.annotations ?? {}, "volume.beta.kubernetes.io/storage-class") ?? spec?.storageClassName ?? "";
}
