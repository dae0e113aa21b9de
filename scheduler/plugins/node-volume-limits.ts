import { claimClass } from "../../api/core/claim-class.ts";
import type { Volume } from "../../api/generated/types/core-v1.ts";
import type { CSINode } from "../../api/generated/types/storage-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Listers } from "../framework/listers.ts";
import type { NodeInfo } from "../framework/node-info.ts";
import type { Plugin } from "../framework/plugin.ts";
import type { PodInfo } from "../framework/pod-info.ts";
import { skip, unschedulable } from "../framework/status.ts";
import { queueIf } from "./hints.ts";
import { names } from "./names.ts";

const name = names.nodeVolumeLimits;
const tooMany = unschedulable(name, "node(s) exceed max volume count");

type LimitListers = Pick<
  Listers,
  "persistentVolumes" | "persistentVolumeClaims" | "storageClasses" | "csiNodes" | "volumeAttachments"
>;

/** A volume of a CSI driver, by a name that no other volume has. */
interface DriverVolume {
  readonly id: string;
  readonly driver: string;
}

/** How many volumes of a CSI driver can be attached to a node, as its CSINode says. */
export function createNodeVolumeLimits(listers: LimitListers): Plugin {
  const volumesOf = createVolumeReader(listers);
  return {
    name,
    events: [
      {
        resource: "CSINode",
        actions: ["Add", "Update"],
        hint: (_, before, after) => queueIf(before === undefined || hasGrown(before, after)),
      },
      {
        resource: "Pod",
        actions: ["Delete"],
        hint: (_, before) =>
          queueIf(
            Boolean(before?.spec?.nodeName) &&
              (before?.spec?.volumes ?? []).some((volume) => volume.persistentVolumeClaim ?? volume.ephemeral),
          ),
      },
      {
        resource: "PersistentVolumeClaim",
        actions: ["Add"],
        hint: ({ claims }, _, after) =>
          queueIf(claims.includes(`${after?.metadata?.namespace}/${after?.metadata?.name}`)),
      },
      { resource: "VolumeAttachment", actions: ["Delete"] },
    ],
    preFilter(pod) {
      if (!(pod.pod.spec?.volumes ?? []).some((volume) => volume.persistentVolumeClaim ?? volume.ephemeral))
        return skip;
      const wanted = volumesOf(pod);
      const attached = attachedByNode(listers);
      return {
        filter(node) {
          const limits = limitsOf(listers.csiNodes.get(node.name));
          if (limits.size === 0 || wanted.size === 0) return undefined;
          const present = presentOn(node, volumesOf, attached.get(node.name) ?? []);
          return exceeds(wanted, present, limits) ? tooMany : undefined;
        },
      };
    },
  };
}

/** Volumes of in-tree plugins, and claims that no driver stands behind, do not count. */
function createVolumeReader(listers: LimitListers): (pod: PodInfo) => ReadonlyMap<string, string> {
  return ({ pod, namespace, name: podName }) => {
    const drivers = new Map<string, string>();
    for (const volume of pod.spec?.volumes ?? []) {
      const claimName = claimNameOf(volume, podName);
      const found = claimName === undefined ? undefined : volumeBehind(`${namespace}/${claimName}`, listers);
      if (found !== undefined) drivers.set(found.id, found.driver);
    }
    return drivers;
  };
}

function claimNameOf(volume: DeepReadonly<Volume>, podName: string): string | undefined {
  return volume.ephemeral === undefined ? volume.persistentVolumeClaim?.claimName : `${podName}-${volume.name}`;
}

function volumeBehind(key: string, listers: LimitListers): DriverVolume | undefined {
  const claim = listers.persistentVolumeClaims.get(key);
  if (claim === undefined) return undefined;
  const volume = listers.persistentVolumes.get(claim.spec?.volumeName ?? "");
  if (volume !== undefined) {
    const csi = volume.spec?.csi;
    return csi === undefined ? undefined : { id: `${csi.driver}/${csi.volumeHandle}`, driver: csi.driver };
  }
  const driver = listers.storageClasses.get(claimClass(claim))?.provisioner;
  // It is yet to be made: the claim stands for it.
  return driver === undefined ? undefined : { id: `${driver}/claim:${key}`, driver };
}

/** Also volumes that no pod uses any more are attached until somebody has detached them. */
function attachedByNode({ volumeAttachments, persistentVolumes }: LimitListers): Map<string, DriverVolume[]> {
  const byNode = new Map<string, DriverVolume[]>();
  for (const { spec } of volumeAttachments.list()) {
    const handle = persistentVolumes.get(spec.source.persistentVolumeName ?? "")?.spec?.csi?.volumeHandle;
    if (handle === undefined) continue;
    const volume = { id: `${spec.attacher}/${handle}`, driver: spec.attacher };
    const volumes = byNode.get(spec.nodeName);
    if (volumes === undefined) byNode.set(spec.nodeName, [volume]);
    else volumes.push(volume);
  }
  return byNode;
}

function presentOn(
  { pods }: NodeInfo,
  volumesOf: (pod: PodInfo) => ReadonlyMap<string, string>,
  attached: readonly DriverVolume[],
): ReadonlyMap<string, string> {
  const present = new Map(attached.map(({ id, driver }) => [id, driver]));
  for (const pod of pods) if (pod.claims.length > 0) for (const [id, driver] of volumesOf(pod)) present.set(id, driver);
  return present;
}

function limitsOf(csiNode: DeepReadonly<CSINode> | undefined): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  for (const { name: driver, allocatable } of csiNode?.spec.drivers ?? [])
    if (allocatable?.count !== undefined) limits.set(driver, allocatable.count);
  return limits;
}

function exceeds(
  wanted: ReadonlyMap<string, string>,
  present: ReadonlyMap<string, string>,
  limits: ReadonlyMap<string, number>,
): boolean {
  const more = [...wanted].filter(([id]) => !present.has(id));
  return [...limits].some(([driver, limit]) => {
    const added = more.filter(([, one]) => one === driver).length;
    const there = [...present.values()].filter((one) => one === driver).length;
    return added > 0 && added + there > limit;
  });
}

function hasGrown(before: DeepReadonly<CSINode>, after: DeepReadonly<CSINode> | undefined): boolean {
  const [former, current] = [limitsOf(before), limitsOf(after)];
  return [...former].some(([driver, limit]) => (current.get(driver) ?? Number.POSITIVE_INFINITY) > limit);
}
