import type { Pod } from "../../api/generated/types/core-v1.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { type Claim, nameOf, type Volume, volumeNameOf } from "../persistentvolume/claim-and-volume.ts";
import { claimKeysOf } from "../persistentvolume/pod-claims.ts";
import { type Attachment, isOurs, type NodeObject } from "./csi-names.ts";
import type { Parts } from "./parts.ts";

interface Wake {
  readonly wakeVolume: (name: string) => void;
  readonly wakeNode: (name: string) => void;
}

export function watchAttachments(parts: Parts, { wakeVolume, wakeNode }: Wake): void {
  const { pods, claims, volumes, nodes, drivers, attachments, byNode } = parts;
  const onClaim = (claim: Claim | undefined): void => {
    const name = claim === undefined ? undefined : volumeNameOf(claim);
    if (name !== undefined) wakeVolume(name);
  };
  const onPod = (pod: DeepReadonly<Pod>): void => {
    if ((pod.spec?.nodeName ?? "") !== "") for (const key of claimKeysOf(pod)) onClaim(claims.get(key));
  };
  const onVolume = (volume: Volume): void => {
    if (volume.spec?.csi !== undefined) wakeVolume(nameOf(volume));
  };
  const onAttachment = (attachment: Attachment): void => {
    const { source, nodeName } = attachment.spec;
    if (!isOurs(attachment) || source.persistentVolumeName === undefined) return;
    wakeVolume(source.persistentVolumeName);
    wakeNode(nodeName);
  };
  const onNode = (node: NodeObject): void => {
    const { name = "" } = node.metadata ?? {};
    wakeNode(name);
    byNode(name).forEach(onAttachment);
  };
  const podsWithClaims = pods.index((pod) => (claimKeysOf(pod).length === 0 ? [] : [pod.spec?.nodeName ?? ""]));
  const onNewNode = (node: NodeObject): void => {
    onNode(node);
    // Pods may have been there before it.
    podsWithClaims(node.metadata?.name ?? "").forEach(onPod);
  };
  const onDriver = (): void => {
    for (const volume of volumes.list()) onVolume(volume);
  };
  pods.on({ added: onPod, updated: onPod, deleted: onPod });
  claims.on({ added: onClaim, updated: onClaim });
  volumes.on({ added: onVolume, updated: onVolume, deleted: onVolume });
  attachments.on({ added: onAttachment, updated: onAttachment, deleted: onAttachment });
  nodes.on({
    added: onNewNode,
    updated(node, old) {
      if (!deepEqual(concerns(node), concerns(old))) onNode(node);
    },
    deleted: onNode,
  });
  drivers.on({ added: onDriver, updated: onDriver });
}

/** Of the much that nodes tell each minute. */
function concerns({ spec, status }: NodeObject): object {
  return {
    taints: spec?.taints,
    isReady: status?.conditions?.find(({ type }) => type === "Ready")?.status,
    volumesInUse: status?.volumesInUse,
    volumesAttached: status?.volumesAttached,
  };
}
