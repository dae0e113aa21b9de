import type { ContainerStatus, Pod } from "../../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { timeMillis } from "../../../api/machinery/time.ts";
import type { ContainerExit } from "../runtime.ts";

export interface Remembered {
  readonly id: string;
  readonly name: string;
  readonly attempt: number;
  readonly image: string;
  readonly imageRef: string;
  readonly startedAt: number;
  readonly exit: ContainerExit | undefined;
}

const scheme = "simulated://";

/** The containers of a pod that were simulated before, as its status tells of them. */
export function rememberedContainers({ status }: DeepReadonly<Pod>): readonly Remembered[] {
  const { containerStatuses = [], initContainerStatuses = [] } = status ?? {};
  return [...initContainerStatuses, ...containerStatuses]
    .filter(({ containerID }) => containerID?.startsWith(scheme) === true)
    .map(remembered);
}

function remembered(status: DeepReadonly<ContainerStatus>): Remembered {
  const { name, restartCount, containerID = "", image, imageID, state } = status;
  const startedAt = timeMillis((state?.running ?? endOf(status))?.startedAt) ?? 0;
  const exit = exitOf(status, startedAt);
  return {
    id: containerID.slice(scheme.length),
    name,
    attempt: restartCount,
    image,
    imageRef: imageID,
    startedAt,
    exit,
  };
}

function exitOf(status: DeepReadonly<ContainerStatus>, startedAt: number): ContainerExit | undefined {
  const end = endOf(status);
  if (status.state?.running !== undefined || end === undefined) return undefined;
  const { exitCode, reason = "Error", finishedAt } = end;
  return { exitCode, reason, finishedAt: timeMillis(finishedAt) ?? startedAt };
}

/** One that waits for its next try has ended before. */
function endOf({
  state,
  lastState,
}: DeepReadonly<ContainerStatus>): DeepReadonly<ContainerStatus["state"] & {}>["terminated"] {
  return state?.terminated ?? lastState?.terminated;
}
