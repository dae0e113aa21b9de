import type {
  ContainerState,
  ContainerStateTerminated,
  ContainerStatus,
  VolumeMountStatus,
} from "../../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { formatTime } from "../../../api/machinery/time.ts";
import type { AnyContainer, AnyPod, ContainerRecord, Observed, Run } from "../observed.ts";
import { hasInitialized, isRunning, isSidecar, noRecord } from "../observed.ts";

type Status = DeepReadonly<ContainerStatus>;

export interface ContainerStatuses {
  readonly initContainerStatuses: readonly Status[];
  readonly containerStatuses: readonly Status[];
  readonly ephemeralContainerStatuses: readonly Status[];
}

/** A container whose end nobody saw. */
const lost: ContainerStateTerminated = {
  exitCode: 137,
  reason: "ContainerStatusUnknown",
  message: "The container could not be located when the pod was terminated",
};

/** How each container of a pod is; main containers by name, the others in the order of the spec. */
export function containerStatuses(pod: AnyPod, observed: Observed, runtimeName: string): ContainerStatuses {
  const { initContainers = [], containers = [], ephemeralContainers = [] } = pod.spec ?? {};
  const isLost = observed.isOver && hasInitialized(pod, observed.containers);
  const parts = {
    observed,
    runtimeName,
    defaultReason: initContainers.length > 0 ? "PodInitializing" : "ContainerCreating",
  };
  return {
    initContainerStatuses: initContainers.map((container) => initStatus(container, parts)),
    containerStatuses: containers
      .map((container) => statusOf(container, { ...parts, isLost }))
      .toSorted((left, right) => (left.name < right.name ? -1 : 1)),
    ephemeralContainerStatuses: ephemeralContainers.map((container) =>
      statusOf(container as AnyContainer, { ...parts, isDebugger: true }),
    ),
  };
}

interface Parts {
  readonly observed: Observed;
  readonly runtimeName: string;
  readonly defaultReason: string;
  readonly isLost?: boolean;
  /** Ephemeral containers are never ready, and have no probes. */
  readonly isDebugger?: boolean;
}

/** An init container is ready when it is through. */
function initStatus(container: AnyContainer, parts: Parts): Status {
  const status = statusOf(container, parts);
  if (isSidecar(container)) return status;
  return { ...status, ready: status.state?.terminated?.exitCode === 0 };
}

function statusOf(container: AnyContainer, parts: Parts): Status {
  const { observed, runtimeName, isLost = false, isDebugger = false } = parts;
  const record = observed.containers.get(container.name) ?? noRecord;
  const { run } = record;
  const isStarted = isRunning(record) && run?.isStarted === true;
  const volumeMounts = mountStatuses(container);
  return {
    name: container.name,
    ...states(record, { runtimeName, defaultReason: parts.defaultReason, isLost }),
    ready: isStarted && run.isReady && !isDebugger,
    restartCount: run?.attempt ?? 0,
    image: run?.image ?? container.image ?? "",
    imageID: run?.imageRef ?? "",
    ...(run === undefined ? {} : { containerID: `${runtimeName}://${run.id}`, ...resources(container, observed) }),
    ...(isDebugger ? {} : { started: isStarted }),
    ...(volumeMounts.length === 0 ? {} : { volumeMounts }),
  };
}

function resources(container: AnyContainer, observed: Observed): Partial<Status> {
  const given = observed.resources?.get(container.name) ?? container.resources;
  const { requests = {} } = given ?? {};
  return {
    ...(Object.keys(requests).length === 0 ? {} : { allocatedResources: requests }),
    ...(given === undefined ? {} : { resources: given }),
  };
}

function states(
  { run, last, waiting }: ContainerRecord,
  { runtimeName, defaultReason, isLost }: { runtimeName: string; defaultReason: string; isLost: boolean },
): { state: DeepReadonly<ContainerState>; lastState: DeepReadonly<ContainerState> } {
  const before = last === undefined ? {} : { terminated: terminated(last, runtimeName) };
  if (run === undefined) {
    if (isLost) return { state: { terminated: lost }, lastState: before };
    return { state: { waiting: waiting ?? { reason: defaultReason } }, lastState: before };
  }
  if (run.exit === undefined)
    return { state: { running: { startedAt: formatTime(run.startedAt) } }, lastState: before };
  const ended = { terminated: terminated(run, runtimeName) };
  return waiting === undefined ? { state: ended, lastState: before } : { state: { waiting }, lastState: ended };
}

function terminated({ id, startedAt, exit }: Run, runtimeName: string): DeepReadonly<ContainerStateTerminated> {
  if (exit === undefined) return lost;
  return {
    exitCode: exit.exitCode,
    reason: exit.reason,
    ...(exit.message === undefined || exit.message === "" ? {} : { message: exit.message }),
    startedAt: formatTime(startedAt),
    finishedAt: formatTime(exit.finishedAt),
    containerID: `${runtimeName}://${id}`,
  };
}

/** https://kubernetes.io/docs/concepts/storage/volumes/#read-only-mounts */
function mountStatuses({ volumeMounts = [] }: AnyContainer): readonly DeepReadonly<VolumeMountStatus>[] {
  return volumeMounts.map(({ name, mountPath, readOnly }) =>
    readOnly === true ? { name, mountPath, readOnly, recursiveReadOnly: "Disabled" } : { name, mountPath },
  );
}
