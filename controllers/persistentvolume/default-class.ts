import type { StorageClass } from "../../api/generated/types/storage-v1.ts";
import { getOwn } from "../../api/machinery/members.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";

const marks = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];

/** The newest of those that are marked as default. https://kubernetes.io/docs/concepts/storage/storage-classes/#default-storageclass */
export function defaultClass(classes: Iterable<DeepReadonly<StorageClass>>): string | undefined {
  let newest: DeepReadonly<StorageClass> | undefined;
  for (const one of classes) if (isDefault(one) && (newest === undefined || goesBefore(one, newest))) newest = one;
  return newest?.metadata?.name;
}

export function isDefault({ metadata }: DeepReadonly<StorageClass>): boolean {
  return marks.some((mark) => getOwn(metadata?.annotations ?? {}, mark) === "true");
}

function goesBefore(
  { metadata: one }: DeepReadonly<StorageClass>,
  { metadata: other }: DeepReadonly<StorageClass>,
): boolean {
  // Times of one form, in UTC, are in order as texts.
  const [time, otherTime] = [one?.creationTimestamp ?? "", other?.creationTimestamp ?? ""];
  return time === otherTime ? (one?.name ?? "") < (other?.name ?? "") : time > otherTime;
}
