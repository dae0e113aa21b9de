import { getOwn } from "../machinery/members.ts";
import type { ObjectMeta } from "../machinery/object.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { canonicalQuantity, isQuantity } from "../machinery/quantity.ts";

/** What volumes and their claims have in common. */
export interface HasClass {
  readonly metadata?: DeepReadonly<ObjectMeta>;
  readonly spec?: { readonly storageClassName?: string };
}

/** The annotation is older than the field and still wins. */
export function classOf({ metadata, spec }: HasClass): string {
  return getOwn(metadata?.annotations ?? {}, "volume.beta.kubernetes.io/storage-class") ?? spec?.storageClassName ?? "";
}

/** An absent quantity is zero, and prints as such. */
export function storageSize(capacity: Readonly<Record<string, string>> | undefined): string {
  const text = capacity?.["storage"] ?? "0";
  return isQuantity(text) ? canonicalQuantity(text) : text;
}
