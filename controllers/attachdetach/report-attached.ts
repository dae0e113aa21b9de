import type { AttachedVolume } from "../../api/generated/types/core-v1.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { nodes as nodeType } from "../../client/resource-types.ts";
import { nameOf } from "../persistentvolume/claim-and-volume.ts";
import { isOurs, isReportedByUs, type NodeObject, reportedNameOf } from "./csi-names.ts";
import { leaving } from "./detaching.ts";
import type { Parts } from "./parts.ts";
import { wantedNodes } from "./wanted-nodes.ts";

/** Writes into a node's status what is attached to it and stays, and tells the pods that wait for what is new. */
export async function reportAttached(nodeName: string, parts: Parts): Promise<void> {
  const node = parts.nodes.get(nodeName);
  if (node === undefined) return;
  const before = node.status?.volumesAttached ?? [];
  const attached = attachedTo(node, parts);
  const left = before.filter(({ name }) => !isReportedByUs(name) || attached.has(name));
  const reported = new Set(left.map(({ name }) => name));
  const added = [...attached.keys()].filter((name) => !reported.has(name)).toSorted();
  const volumesAttached: DeepReadonly<AttachedVolume>[] = [...left, ...added.map((name) => ({ name, devicePath: "" }))];
  if (deepEqual(volumesAttached, before)) return;
  await parts.deps.client.patch(
    nodeType,
    { name: nodeName },
    { status: { volumesAttached } },
    { subresource: "status" },
  );
  for (const name of added) tellAttached(attached.get(name) ?? "", nodeName, parts);
}

/** Names as reported, and of the volumes. */
function attachedTo(node: NodeObject, parts: Parts): Map<string, string> {
  const attached = new Map<string, string>();
  for (const attachment of parts.byNode(node.metadata?.name ?? "")) {
    const { metadata, spec, status } = attachment;
    if (!isOurs(attachment) || status?.attached !== true || metadata?.deletionTimestamp !== undefined) continue;
    const volumeName = spec.source.persistentVolumeName ?? "";
    const name = reportedNameOf(attachment, parts.volumes.get(volumeName), node);
    if (name !== undefined && leaving(attachment, parts) !== "now") attached.set(name, volumeName);
  }
  return attached;
}

function tellAttached(volumeName: string, nodeName: string, parts: Parts): void {
  const volume = parts.volumes.get(volumeName);
  if (volume === undefined) return;
  const message = `AttachVolume.Attach succeeded for volume ${JSON.stringify(nameOf(volume))} `;
  for (const pod of wantedNodes(volume, parts).get(nodeName) ?? [])
    parts.deps.events.event(pod, { type: "Normal", reason: "SuccessfulAttachVolume", message });
}
