import { claimClass } from "../../api/core/claim-class.ts";
import type { PersistentVolume } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { semanticEqual } from "../../api/machinery/equal.ts";
import type { Listers } from "../framework/listers.ts";
import { betaRegionLabel, betaZoneLabel, regionLabel, zoneLabel } from "../framework/node-order.ts";
import type { Plugin } from "../framework/plugin.ts";
import type { PodInfo } from "../framework/pod-info.ts";
import { type Rejected, skip, unresolvable } from "../framework/status.ts";
import { queueIf } from "./hints.ts";
import { names } from "./names.ts";

const name = names.volumeZone;
const elsewhere = unresolvable(name, "node(s) had no available volume zone");
const topologyLabels = [betaZoneLabel, betaRegionLabel, zoneLabel, regionLabel];
const currentLabels: ReadonlyMap<string, string> = new Map([
  [betaZoneLabel, zoneLabel],
  [betaRegionLabel, regionLabel],
]);

type VolumeListers = Pick<Listers, "persistentVolumes" | "persistentVolumeClaims" | "storageClasses">;

/** A label of a volume: the node must have one of its values. */
interface VolumeTopology {
  readonly key: string;
  readonly values: readonly string[];
}

/** Volumes that say by their labels in which zone they are. */
export function createVolumeZone(listers: VolumeListers): Plugin {
  return {
    name,
    events: [
      {
        resource: "StorageClass",
        actions: ["Add"],
        hint: (_pod, _, after) => queueIf(after?.volumeBindingMode === "WaitForFirstConsumer"),
      },
      { resource: "Node", actions: ["Add", "UpdateNodeLabel"] },
      {
        resource: "PersistentVolumeClaim",
        actions: ["Add", "Update"],
        hint: ({ claims }, _, after) =>
          queueIf(claims.includes(`${after?.metadata?.namespace}/${after?.metadata?.name}`)),
      },
      {
        resource: "PersistentVolume",
        actions: ["Add", "Update"],
        hint: (_, before, after) =>
          queueIf(
            before === undefined || after === undefined || !semanticEqual(topologiesOf(before), topologiesOf(after)),
          ),
      },
    ],
    preFilter(pod) {
      const topologies = ofPod(pod, listers);
      if ("code" in topologies) return topologies;
      if (topologies.length === 0) return skip;
      return {
        filter({ labels }) {
          // In a cluster of one zone, nodes may not say which.
          if (topologyLabels.every((key) => labels[key] === undefined)) return undefined;
          const isThere = topologies.every(({ key, values }) => {
            const value = labels[key] ?? labels[currentLabels.get(key) ?? key];
            return value !== undefined && values.includes(value);
          });
          return isThere ? undefined : elsewhere;
        },
      };
    },
  };
}

function ofPod({ pod, namespace }: PodInfo, listers: VolumeListers): VolumeTopology[] | Rejected {
  const topologies: VolumeTopology[] = [];
  for (const { persistentVolumeClaim } of pod.spec?.volumes ?? []) {
    if (persistentVolumeClaim === undefined) continue;
    const found = ofClaim(`${namespace}/${persistentVolumeClaim.claimName}`, listers);
    if ("code" in found) return found;
    topologies.push(...found);
  }
  return topologies;
}

/** A volume that is yet to be made where the pod goes has no topology. */
function ofClaim(key: string, listers: VolumeListers): readonly VolumeTopology[] | Rejected {
  const claim = listers.persistentVolumeClaims.get(key);
  if (claim === undefined) return unresolvable(name, `persistentvolumeclaim "${key.split("/")[1]}" not found`);
  const volumeName = claim.spec?.volumeName;
  if (volumeName) {
    const volume = listers.persistentVolumes.get(volumeName);
    return volume === undefined
      ? unresolvable(name, `persistentvolume "${volumeName}" not found`)
      : topologiesOf(volume);
  }
  const className = claimClass(claim);
  if (className === "") return unresolvable(name, "PersistentVolumeClaim had no pv name and storageClass name");
  const storageClass = listers.storageClasses.get(className);
  if (storageClass === undefined) return unresolvable(name, `storageclass.storage.k8s.io "${className}" not found`);
  if (storageClass.volumeBindingMode === "WaitForFirstConsumer") return [];
  return unresolvable(name, "PersistentVolume had no name");
}

/** Several zones are written `a__b`. */
function topologiesOf({ metadata }: DeepReadonly<PersistentVolume>): VolumeTopology[] {
  return topologyLabels.flatMap((key) => {
    const value = metadata?.labels?.[key];
    const values = value?.split("__").map((zone) => zone.trim()) ?? [];
    return values.length === 0 || values.includes("") ? [] : [{ key, values }];
  });
}
