/** What a kubelet knows of a pod on its node: the runtime's part of it, and what came of probes and tries. */
import type { Container, Pod, ResourceRequirements } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { ContainerExit } from "../runtime/runtime.ts";

export interface Run {
  /** As the runtime knows it. */
  readonly id: string;
  readonly image: string;
  readonly imageRef: string;
  /** How often the container was started before. */
  readonly attempt: number;
  readonly startedAt: number;
  readonly exit?: ContainerExit;
  /** Its postStart hook and its startup probe are through. */
  readonly isStarted: boolean;
  /** Its readiness probe says so, or it has none. */
  readonly isReady: boolean;
  /** The probe, or the change of its resources, for which it is to be stopped. */
  readonly condemned?: "liveness" | "startup" | "resize";
}

/** Why a container does not run although it should. */
export interface Waiting {
  readonly reason: string;
  readonly message: string;
}

export interface ContainerRecord {
  readonly run?: Run;
  /** How the run before ended. */
  readonly last?: Run;
  readonly waiting?: Waiting;
}

/** Why a pod failed as a whole, whatever its containers say. */
export interface Failure {
  readonly reason: string;
  readonly message: string;
  /** Nothing of it ever ran here: its status says no more than this. */
  readonly isRejection: boolean;
}

export interface Observed {
  readonly sandbox: "absent" | "ready" | "stopped";
  readonly ips: readonly string[];
  readonly containers: ReadonlyMap<string, ContainerRecord>;
  readonly failure?: Failure | undefined;
  /** Its containers are to end, or have ended: none starts again. */
  readonly isEnding: boolean;
  /** None of its containers runs, and none will. */
  readonly isOver: boolean;
  /** What containers have until a resize is through; absent: what the spec says. */
  readonly resources?: ReadonlyMap<string, DeepReadonly<ResourceRequirements>> | undefined;
  readonly resize?: ResizeCondition | undefined;
}

/** https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/#pod-resize-status */
export interface ResizeCondition {
  readonly type: "PodResizePending" | "PodResizeInProgress";
  readonly reason?: string;
  readonly message?: string;
}

export type AnyPod = DeepReadonly<Pod>;
export type AnyContainer = DeepReadonly<Container>;

export const noRecord: ContainerRecord = {};

export function isSidecar({ restartPolicy }: AnyContainer): boolean {
  return restartPolicy === "Always";
}

export function isRunning({ run }: ContainerRecord): boolean {
  return run !== undefined && run.exit === undefined;
}

/** One of the containers that the pod is about was started at some time. */
export function hasInitialized({ spec }: AnyPod, containers: ReadonlyMap<string, ContainerRecord>): boolean {
  return spec?.containers?.some(({ name }) => containers.get(name)?.run !== undefined) === true;
}
