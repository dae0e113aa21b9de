/** The informers of the scheduler: what plugins look at, and what tells cache and queue of changes. */
import type { Informers } from "../client/informers.ts";
import {
  csiDrivers,
  csiNodes,
  csiStorageCapacities,
  deviceClasses,
  namespaces,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  podDisruptionBudgets,
  replicaSets,
  replicationControllers,
  resourceClaims,
  resourceSlices,
  services,
  statefulSets,
  storageClasses,
  volumeAttachments,
} from "../client/resource-types.ts";
import type { Listers } from "./framework/listers.ts";
import type { SchedulingQueue } from "./queue/scheduling-queue.ts";
import { type ClusterWatchDeps, nodeHandler, otherHandler } from "./watch-cluster.ts";

export function listersOf(informers: Informers): Listers {
  return {
    namespaces: informers.of(namespaces),
    services: informers.of(services),
    replicationControllers: informers.of(replicationControllers),
    replicaSets: informers.of(replicaSets),
    statefulSets: informers.of(statefulSets),
    podDisruptionBudgets: informers.of(podDisruptionBudgets),
    persistentVolumes: informers.of(persistentVolumes),
    persistentVolumeClaims: informers.of(persistentVolumeClaims),
    storageClasses: informers.of(storageClasses),
    csiNodes: informers.of(csiNodes),
    csiDrivers: informers.of(csiDrivers),
    csiStorageCapacities: informers.of(csiStorageCapacities),
    volumeAttachments: informers.of(volumeAttachments),
    resourceClaims: informers.of(resourceClaims),
    deviceClasses: informers.of(deviceClasses),
    resourceSlices: informers.of(resourceSlices),
  };
}

/** All but pods. */
export function watchCluster(informers: Informers, deps: ClusterWatchDeps): void {
  informers.of(nodes).on(nodeHandler(deps));
  watchOthers(informers, deps.queue);
}

/** What plugins ask to be told of. */
function watchOthers(informers: Informers, queue: SchedulingQueue): void {
  informers.of(namespaces).on(otherHandler("Namespace", queue));
  informers.of(services).on(otherHandler("Service", queue));
  informers.of(persistentVolumes).on(otherHandler("PersistentVolume", queue));
  informers.of(persistentVolumeClaims).on(otherHandler("PersistentVolumeClaim", queue));
  informers.of(storageClasses).on(otherHandler("StorageClass", queue));
  informers.of(csiNodes).on(otherHandler("CSINode", queue));
  informers.of(csiDrivers).on(otherHandler("CSIDriver", queue));
  informers.of(csiStorageCapacities).on(otherHandler("CSIStorageCapacity", queue));
  informers.of(volumeAttachments).on(otherHandler("VolumeAttachment", queue));
  informers.of(resourceClaims).on(otherHandler("ResourceClaim", queue));
  informers.of(resourceSlices).on(otherHandler("ResourceSlice", queue));
  informers.of(deviceClasses).on(otherHandler("DeviceClass", queue));
}
