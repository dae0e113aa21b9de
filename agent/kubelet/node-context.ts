import type { Node } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import type { Client } from "../../client/client.ts";
import type { ObjectEvent } from "../../client/event-recorder.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { NodeAllotment } from "./node-allotment.ts";
import type { AnyPod } from "./observed.ts";

/** What the pods of one node share. */
export interface NodeContext {
  /** As the node's own user. */
  readonly client: Client;
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly log: Logger;
  readonly allotment: NodeAllotment;
  readonly hostIps: readonly string[];
  /** The Node as the API has it. */
  node(): DeepReadonly<Node>;
  /** Undefined when pods can get addresses, else what to wait for. */
  addressable(): Promise<void> | undefined;
  /** So long, unless the kubelet ends before: then it never resolves. */
  pause(milliseconds: number): Promise<void>;
  /** Undefined where events of pods are not written. */
  readonly tell: ((pod: AnyPod, event: PodEvent) => void) | undefined;
  /** The pod with this UID has something to do. */
  wake(uid: string): void;
  /** The worker of this pod is done for good. */
  forget(uid: string): void;
  /** Images have come. */
  imagesChanged(): void;
}

export interface PodEvent extends ObjectEvent {
  /** The one that it is about, if it is not about the pod as a whole. */
  readonly container?: string;
}
