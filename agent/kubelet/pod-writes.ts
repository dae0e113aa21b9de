import type { PodStatus } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Client } from "../../client/client.ts";
import { pods } from "../../client/resource-types.ts";
import type { AnyPod } from "./observed.ts";
import { mergePatchOf } from "./status-patch.ts";

/** Undefined when the pod is there no more. Throws a Conflict when `pod` is not the newest: others' conditions would be lost. */
export function writeStatus(client: Client, pod: AnyPod, status: DeepReadonly<PodStatus>): Promise<AnyPod | undefined> {
  const { namespace, name = "", resourceVersion } = pod.metadata ?? {};
  const patch = { metadata: { resourceVersion }, status: mergePatchOf(pod.status, status) };
  return unlessGone(client.patch(pods, { namespace, name }, patch, { subresource: "status" }));
}

/** For good: its grace is over. */
export async function deletePod(client: Client, { metadata }: AnyPod): Promise<void> {
  const { namespace, name = "", uid } = metadata ?? {};
  await unlessGone(client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid } }));
}

async function unlessGone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.code === 404) return undefined;
    throw thrown;
  }
}
