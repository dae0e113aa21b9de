import type { Pod, Volume } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Listers } from "../framework/listers.ts";
import type { Plugin } from "../framework/plugin.ts";
import type { PodInfo } from "../framework/pod-info.ts";
import { skip, unresolvable, unschedulable } from "../framework/status.ts";
import { queueIf } from "./hints.ts";
import { names } from "./names.ts";

const name = names.volumeRestrictions;
const inUse = unschedulable(name, "node(s) had no available disk");
const notAlone = unschedulable(
  name,
  "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode",
);

/** Volumes that not every pod may use beside others: some kinds of disks, and claims of one pod alone. */
export function createVolumeRestrictions({ persistentVolumeClaims }: Pick<Listers, "persistentVolumeClaims">): Plugin {
  const isExclusive = (key: string): boolean =>
    persistentVolumeClaims.get(key)?.spec?.accessModes?.includes("ReadWriteOncePod") ?? false;
  return {
    name,
    events: [
      {
        resource: "Pod",
        actions: ["Delete"],
        hint: (pod, before) =>
          queueIf(before !== undefined && (sharesDisk(pod.pod, before) || sharesClaim(pod, before))),
      },
      { resource: "Node", actions: ["Add"] },
      {
        resource: "PersistentVolumeClaim",
        actions: ["Add"],
        hint: (pod, _, after) => queueIf(pod.claims.includes(`${after?.metadata?.namespace}/${after?.metadata?.name}`)),
      },
    ],
    preFilter({ pod, claims }, snapshot) {
      const missing = ownClaims(pod).find((key) => persistentVolumeClaims.get(key) === undefined);
      if (missing !== undefined)
        return unresolvable(name, `persistentvolumeclaim "${missing.split("/")[1]}" not found`);
      const exclusive = new Set(claims.filter(isExclusive));
      const disks = (pod.spec?.volumes ?? []).filter(isDisk);
      if (disks.length + exclusive.size === 0) return skip;
      let uses = 0;
      for (const key of exclusive) uses += snapshot.claimUses(key);
      const change = (other: PodInfo, more: number): void => {
        for (const key of other.claims) if (exclusive.has(key)) uses += more;
      };
      return {
        filter(node) {
          if (disks.length > 0 && node.pods.some((other) => sharesDisk(pod, other.pod))) return inUse;
          return uses > 0 ? notAlone : undefined;
        },
        addPod: (other) => change(other, 1),
        removePod: (other) => change(other, -1),
      };
    },
  };
}

/** Without those of ephemeral volumes, which come a moment after the pod. */
function ownClaims({ metadata, spec }: DeepReadonly<Pod>): string[] {
  return (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
    persistentVolumeClaim === undefined ? [] : [`${metadata?.namespace}/${persistentVolumeClaim.claimName}`],
  );
}

function sharesClaim({ claims, namespace }: PodInfo, other: DeepReadonly<Pod>): boolean {
  return other.metadata?.namespace === namespace && ownClaims(other).some((key) => claims.includes(key));
}

function isDisk({ gcePersistentDisk, awsElasticBlockStore, iscsi, rbd }: DeepReadonly<Volume>): boolean {
  return (gcePersistentDisk ?? awsElasticBlockStore ?? iscsi ?? rbd) !== undefined;
}

function sharesDisk(a: DeepReadonly<Pod>, b: DeepReadonly<Pod>): boolean {
  const others = (b.spec?.volumes ?? []).filter(isDisk);
  return (a.spec?.volumes ?? []).some((volume) => others.some((other) => conflict(volume, other)));
}

interface ReadOnlyable {
  readonly readOnly?: boolean;
}

/** The same disk twice, unless both only read it; EBS does not even allow that. */
function conflict(a: DeepReadonly<Volume>, b: DeepReadonly<Volume>): boolean {
  const bothOnlyRead = (x: ReadOnlyable, y: ReadOnlyable): boolean => x.readOnly === true && y.readOnly === true;
  if (a.gcePersistentDisk && b.gcePersistentDisk?.pdName === a.gcePersistentDisk.pdName)
    return !bothOnlyRead(a.gcePersistentDisk, b.gcePersistentDisk);
  if (a.awsElasticBlockStore && b.awsElasticBlockStore?.volumeID === a.awsElasticBlockStore.volumeID) return true;
  if (a.iscsi && b.iscsi?.iqn === a.iscsi.iqn) return !bothOnlyRead(a.iscsi, b.iscsi);
  return a.rbd !== undefined && b.rbd !== undefined && sameImage(a.rbd, b.rbd) && !bothOnlyRead(a.rbd, b.rbd);
}

type BlockDevice = NonNullable<DeepReadonly<Volume>["rbd"]>;

function sameImage(a: BlockDevice, b: BlockDevice): boolean {
  const sharesMonitor = a.monitors.some((monitor) => b.monitors.includes(monitor));
  return sharesMonitor && a.pool === b.pool && a.image === b.image;
}
