import type { Container } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { RuntimeError } from "../runtime/runtime.ts";
import type { NodeContext } from "./node-context.ts";
import type { AnyPod } from "./observed.ts";
import { runHook } from "./run-hook.ts";

export interface Stopping {
  readonly context: NodeContext;
  readonly pod: AnyPod;
  readonly container: DeepReadonly<Container>;
  readonly containerId: string;
  readonly why: string;
  /** When the grace is over; it may come nearer meanwhile. */
  endsAt(): number;
}

/** preStop hook, then SIGTERM, then SIGKILL. https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination */
export async function stopContainer({ context, pod, container, containerId, why, endsAt }: Stopping): Promise<void> {
  const { runtime, clock, tell } = context;
  tell?.(pod, { type: "Normal", reason: "Killing", message: why, container: container.name });
  const hook = container.lifecycle?.preStop;
  if (hook !== undefined && endsAt() > clock.now()) {
    try {
      await Promise.race([runHook(hook, containerId, context), context.pause(endsAt() - clock.now())]);
    } catch (thrown) {
      if (!(thrown instanceof RuntimeError)) throw thrown;
      tell?.(pod, {
        type: "Warning",
        reason: "FailedPreStopHook",
        message: "PreStopHook failed",
        container: container.name,
      });
    }
  }
  await runtime.stopContainer(containerId, Math.max(endsAt() - clock.now(), 0));
}
