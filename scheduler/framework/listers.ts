/** What plugins look at beside pods and nodes. The informers' listers of `client/` are such listers. */
import type { ReplicaSet, StatefulSet } from "../../api/generated/types/apps-v1.ts";
import type {
  Namespace,
  PersistentVolume,
  PersistentVolumeClaim,
  ReplicationController,
  Service,
} from "../../api/generated/types/core-v1.ts";
import type { PodDisruptionBudget } from "../../api/generated/types/policy-v1.ts";
import type { DeviceClass, ResourceClaim, ResourceSlice } from "../../api/generated/types/resource-v1.ts";
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  StorageClass,
  VolumeAttachment,
} from "../../api/generated/types/storage-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";

export interface Lister<T> {
  /** By `namespace/name`, or `name` for what has no namespace. */
  get(key: string): DeepReadonly<T> | undefined;
  list(namespace?: string): Iterable<DeepReadonly<T>>;
}

export interface Listers {
  readonly namespaces: Lister<Namespace>;
  readonly services: Lister<Service>;
  readonly replicationControllers: Lister<ReplicationController>;
  readonly replicaSets: Lister<ReplicaSet>;
  readonly statefulSets: Lister<StatefulSet>;
  readonly podDisruptionBudgets: Lister<PodDisruptionBudget>;
  readonly persistentVolumes: Lister<PersistentVolume>;
  readonly persistentVolumeClaims: Lister<PersistentVolumeClaim>;
  readonly storageClasses: Lister<StorageClass>;
  readonly csiNodes: Lister<CSINode>;
  readonly csiDrivers: Lister<CSIDriver>;
  readonly csiStorageCapacities: Lister<CSIStorageCapacity>;
  readonly volumeAttachments: Lister<VolumeAttachment>;
  readonly resourceClaims: Lister<ResourceClaim>;
  readonly deviceClasses: Lister<DeviceClass>;
  readonly resourceSlices: Lister<ResourceSlice>;
}
