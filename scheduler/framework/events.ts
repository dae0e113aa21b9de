/**
 * What happens in the cluster, as far as it may make room for a pod that did not fit (queueing hints).
 * https://github.com/kubernetes/enhancements/tree/master/keps/sig-scheduling/4247-queueinghint
 */
import type {
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  Service,
} from "../../api/generated/types/core-v1.ts";
import type { DeviceClass, ResourceClaim, ResourceSlice } from "../../api/generated/types/resource-v1.ts";
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  StorageClass,
  VolumeAttachment,
} from "../../api/generated/types/storage-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { PodInfo } from "./pod-info.ts";

/** By kind, what an event is about. `Pod` stands for all: bound ones, the pod that waits, and others that wait. */
export interface EventObjects {
  readonly Pod: Pod;
  readonly Node: Node;
  readonly Namespace: Namespace;
  readonly Service: Service;
  readonly PersistentVolume: PersistentVolume;
  readonly PersistentVolumeClaim: PersistentVolumeClaim;
  readonly StorageClass: StorageClass;
  readonly CSINode: CSINode;
  readonly CSIDriver: CSIDriver;
  readonly CSIStorageCapacity: CSIStorageCapacity;
  readonly VolumeAttachment: VolumeAttachment;
  readonly ResourceClaim: ResourceClaim;
  readonly ResourceSlice: ResourceSlice;
  readonly DeviceClass: DeviceClass;
}

export type EventResource = keyof EventObjects;

export type Action =
  | "Add"
  | "Delete"
  /** An update of which nothing finer is known. */
  | "Update"
  | "UpdateNodeAllocatable"
  | "UpdateNodeLabel"
  | "UpdateNodeTaint"
  | "UpdateNodeCondition"
  | "UpdateNodeAnnotation"
  | "UpdateNodeDeclaredFeature"
  | "UpdatePodLabel"
  | "UpdatePodScaleDown"
  | "UpdatePodToleration"
  | "UpdatePodSchedulingGatesEliminated"
  | "UpdatePodGeneratedResourceClaim";

/** `Queue`: the event may make the pod schedulable, so try it again. */
export type Hint = "Queue" | "QueueSkip";

/** `before` is undefined for Add, `after` for Delete. Throwing is as good as `Queue`. */
export type QueueingHint<R extends EventResource> = (
  pod: PodInfo,
  before: DeepReadonly<EventObjects[R]> | undefined,
  after: DeepReadonly<EventObjects[R]> | undefined,
) => Hint;

export interface RegisteredEvent<R extends EventResource> {
  readonly resource: R;
  readonly actions: readonly Action[];
  /** Without: every such event queues. */
  readonly hint?: QueueingHint<R>;
}

export type AnyRegisteredEvent = { [R in EventResource]: RegisteredEvent<R> }[EventResource];

/** One thing that happened: `actions` has all that the update changed (see object-changes.ts). */
export interface ClusterEvent<R extends EventResource = EventResource> {
  readonly resource: R;
  readonly actions: ReadonlySet<Action>;
  readonly before: DeepReadonly<EventObjects[R]> | undefined;
  readonly after: DeepReadonly<EventObjects[R]> | undefined;
}

/** Narrows both to the same kind of object. */
function isAbout<R extends EventResource>(
  registered: AnyRegisteredEvent,
  event: ClusterEvent<R>,
): registered is AnyRegisteredEvent & RegisteredEvent<R> {
  return registered.resource === event.resource;
}

/** What one plugin thinks of an event, given what it registered: undefined where it did not ask for such events. */
export function hintOf<R extends EventResource>(
  registered: AnyRegisteredEvent,
  event: ClusterEvent<R>,
  pod: PodInfo,
): Hint | undefined {
  if (!isAbout(registered, event)) return undefined;
  if (!registered.actions.some((action) => isAction(action, event.actions))) return undefined;
  const hint: QueueingHint<R> | undefined = registered.hint;
  if (hint === undefined) return "Queue";
  return hint(pod, event.before, event.after);
}

/** Who asks for `Update` gets every finer one, too. */
function isAction(asked: Action, happened: ReadonlySet<Action>): boolean {
  if (asked !== "Update") return happened.has(asked);
  for (const action of happened) if (action.startsWith("Update")) return true;
  return false;
}
