/** What a CSI volume and its attachments are called; external attachers and kubelets compute the same names. */
import { createHash } from "node:crypto";
import type { Node } from "../../api/generated/types/core-v1.ts";
import type { VolumeAttachment } from "../../api/generated/types/storage-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Volume } from "../persistentvolume/claim-and-volume.ts";

export type Attachment = DeepReadonly<VolumeAttachment>;
export type NodeObject = DeepReadonly<Node>;

const prefix = "kubernetes.io/csi/";

/** As nodes report it in `volumesAttached` and `volumesInUse`; undefined for what is no CSI volume. */
export function reportedName({ spec }: Volume): string | undefined {
  return spec?.csi === undefined ? undefined : `${prefix}${spec.csi.driver}^${spec.csi.volumeHandle}`;
}

export function isReportedByUs(name: string): boolean {
  return name.startsWith(prefix);
}

/** Of the VolumeAttachment of a reported volume on a node. */
export function attachmentName(reported: string, nodeName: string): string {
  const separator = reported.indexOf("^");
  const [driver, handle] = [reported.slice(prefix.length, separator), reported.slice(separator + 1)];
  return `csi-${createHash("sha256").update(`${handle}${driver}${nodeName}`).digest("hex")}`;
}

/** Under which name a node reports an attachment; also when the volume is gone, as long as the node does report it. */
export function reportedNameOf(
  { metadata, spec }: Attachment,
  volume: Volume | undefined,
  node: NodeObject | undefined,
): string | undefined {
  const known = volume === undefined ? undefined : reportedName(volume);
  const { volumesAttached = [], volumesInUse = [] } = node?.status ?? {};
  const names =
    known === undefined
      ? [...volumesAttached.map(({ name }) => name), ...volumesInUse].filter(isReportedByUs)
      : [known];
  return names.find((name) => attachmentName(name, spec.nodeName) === metadata?.name);
}

/** Made by whoever computes these names: others have attachments of their own. */
export function isOurs({ metadata }: Attachment): boolean {
  return /^csi-[0-9a-f]{64}$/.test(metadata?.name ?? "");
}
