import type { Pod } from "../../api/generated/types/core-v1.ts";
import { podCondition } from "../../api/core/pod-state.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { formatTime } from "../../api/machinery/time.ts";
import { pods } from "../../client/resource-types.ts";
import type { ControllerDeps } from "../controller.ts";

/** What a pod says of why it goes. https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions */
export interface DisruptionTarget {
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number;
}

/** Whether it says so already. */
export function isTold(pod: DeepReadonly<Pod>, { reason, message }: DisruptionTarget): boolean {
  const condition = podCondition(pod, "DisruptionTarget");
  return condition?.status === "True" && condition.reason === reason && condition.message === message;
}

/** The pod says why it goes, before it does. One that is gone, or another by now, is fine. */
export async function evictPod(
  pod: DeepReadonly<Pod>,
  target: DisruptionTarget,
  { client, clock }: Pick<ControllerDeps, "client" | "clock">,
): Promise<void> {
  const { namespace, name = "", uid } = pod.metadata ?? {};
  if (!isTold(pod, target)) {
    const lastTransitionTime = formatTime(clock.now());
    const conditions = [{ type: "DisruptionTarget", status: "True", ...target, lastTransitionTime }];
    const options = { type: "strategic", subresource: "status" } as const;
    await unless(
      [404, 422],
      client.patch(pods, { namespace, name }, { metadata: { uid }, status: { conditions } }, options),
    );
  }
  await unless([404, 409], client.delete(pods, { namespace, name }, { preconditions: { uid } }));
}

async function unless(codes: readonly number[], write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (thrown) {
    if (!(thrown instanceof ApiError) || !codes.includes(thrown.code)) throw thrown;
  }
}
