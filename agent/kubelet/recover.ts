import type { ContainerStatus } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { timeMillis } from "../../api/machinery/time.ts";
import type { Runtime, RuntimeContainer, Sandbox } from "../runtime/runtime.ts";
import type { AnyPod, ContainerRecord, Run } from "./observed.ts";

export interface RecoveredPod {
  readonly sandbox?: Sandbox;
  readonly containers: ReadonlyMap<string, ContainerRecord>;
}

/** What is there of a pod that ran before this kubelet began; the rest is as the API remembers it. */
export async function recover(pod: AnyPod, runtime: Runtime): Promise<RecoveredPod | undefined> {
  const found = await runtime.find(pod);
  if (found === undefined) return undefined;
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  const statuses = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses];
  const containers = new Map<string, ContainerRecord>();
  for (const container of found.containers) {
    const status = statuses.find(({ name }) => name === container.name);
    const last = status === undefined ? undefined : lastRun(status);
    containers.set(container.name, { run: runOf(container, status), ...(last === undefined ? {} : { last }) });
  }
  return { ...(found.sandbox === undefined ? {} : { sandbox: found.sandbox }), containers };
}

/** It does not become unready by a kubelet's coming back. */
function runOf(container: RuntimeContainer, status: DeepReadonly<ContainerStatus> | undefined): Run {
  const { id, image, attempt, startedAt, exit } = container;
  const run = { id, image: image.name, imageRef: image.ref, attempt, startedAt };
  if (exit !== undefined) return { ...run, exit, isStarted: false, isReady: false };
  return { ...run, isStarted: status?.started !== false, isReady: status?.ready !== false };
}

function lastRun({ lastState, state, restartCount, image, imageID }: DeepReadonly<ContainerStatus>): Run | undefined {
  const terminated = lastState?.terminated;
  if (terminated === undefined || state?.running === undefined) return undefined;
  const { containerID = "", exitCode, reason = "Error", message } = terminated;
  return {
    id: containerID.slice(containerID.indexOf("://") + 3),
    ...{ image, imageRef: imageID, attempt: restartCount - 1 },
    startedAt: timeMillis(terminated.startedAt) ?? 0,
    exit: {
      ...{ exitCode, reason },
      ...(message === undefined ? {} : { message }),
      finishedAt: timeMillis(terminated.finishedAt) ?? 0,
    },
    isStarted: false,
    isReady: false,
  };
}
