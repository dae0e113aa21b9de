import type { LifecycleHandler } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { NodeContext } from "./node-context.ts";

/** https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/ */
export async function runHook(
  hook: DeepReadonly<LifecycleHandler>,
  containerId: string,
  { pause, runtime }: Pick<NodeContext, "pause" | "runtime">,
): Promise<void> {
  const { sleep } = hook;
  if (sleep === undefined) await runtime.runHook(containerId, hook);
  else if (sleep.seconds > 0) await pause(sleep.seconds * 1000);
}
