import type { Attachment } from "./csi-names.ts";
import type { Parts } from "./parts.ts";
import { type Leaving, planDetaching } from "./plan-attachments.ts";
import { wantedNodes } from "./wanted-nodes.ts";

/** Whether an attachment is to go, and since when; undefined: a pod wants it. */
export function leaving(attachment: Attachment, parts: Parts): Leaving | undefined {
  const { volumes, nodes, unwantedSince, deps } = parts;
  const { nodeName, source } = attachment.spec;
  const name = attachment.metadata?.name ?? "";
  const volume = volumes.get(source.persistentVolumeName ?? "");
  if (volume !== undefined && wantedNodes(volume, parts).has(nodeName)) {
    unwantedSince.delete(name);
    return undefined;
  }
  const now = deps.clock.now();
  const since = unwantedSince.get(name) ?? now;
  unwantedSince.set(name, since);
  return planDetaching(attachment, volume, { node: nodes.get(nodeName), unwantedForMs: now - since });
}
