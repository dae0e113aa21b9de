import type { Node, Pod, Secret, ServiceAccount } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { timeMillis } from "../../api/machinery/time.ts";

type Found<T> = Promise<DeepReadonly<T> | undefined>;

/** The objects that tokens live and die with, as they are now; undefined for one that is gone. */
export interface TokenObjects {
  serviceAccount(namespace: string, name: string): Found<ServiceAccount>;
  pod(namespace: string, name: string): Found<Pod>;
  secret(namespace: string, name: string): Found<Secret>;
  node(name: string): Found<Node>;
}

/** Clocks of different machines may differ by so much. */
export const leewayMs = 60_000;

/** Whether it should have been gone for a while: its deletion was to be done by then, its grace period included. */
export function isLongDeleted({ metadata }: DeepReadonly<KubeObject>, now: number): boolean {
  const deletedAt = timeMillis(metadata?.deletionTimestamp);
  return deletedAt !== undefined && deletedAt < now - leewayMs;
}
