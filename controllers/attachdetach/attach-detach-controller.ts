import { ApiError } from "../../api/machinery/status.ts";
import { timeMillis } from "../../api/machinery/time.ts";
import type { Outcome } from "../../client/reconciler.ts";
import {
  csiDrivers,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  volumeAttachments,
} from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";
import { nameOf, type Volume } from "../persistentvolume/claim-and-volume.ts";
import { claimKeysOf } from "../persistentvolume/pod-claims.ts";
import { type Attachment, attachmentName, isOurs, reportedName, reportedNameOf } from "./csi-names.ts";
import { leaving } from "./detaching.ts";
import type { Parts } from "./parts.ts";
import { attachProblem, attachTimeoutMs, multiAttachMessage, planAttaching, type Wanted } from "./plan-attachments.ts";
import { reportAttached } from "./report-attached.ts";
import { watchAttachments } from "./wake-ups.ts";
import { wantedNodes } from "./wanted-nodes.ts";

/**
 * Has CSI volumes attached to the nodes of the pods that use them. What is attached is what VolumeAttachments say;
 * kubelets mount what their nodes' status says, so a volume leaves the status before it is detached.
 * https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume-attachment-v1/
 */
export const attachDetachController: Controller = {
  name: "persistentvolume-attach-detach-controller",
  serviceAccount: "attachdetach-controller",
  component: "attachdetach-controller",
  start(deps) {
    const { informers, reconciler } = deps;
    const attachments = informers.of(volumeAttachments);
    const parts: Parts = {
      pods: informers.of(pods),
      podsOf: informers.of(pods).index(claimKeysOf),
      claims: informers.of(persistentVolumeClaims),
      volumes: informers.of(persistentVolumes),
      nodes: informers.of(nodes),
      drivers: informers.of(csiDrivers),
      attachments,
      byVolume: attachments.index((one) => [isOurs(one) ? (one.spec.source.persistentVolumeName ?? "") : ""]),
      byNode: attachments.index((one) => [one.spec.nodeName]),
      unwantedSince: new Map(),
      toldBlocked: new Map(),
      deps,
      wakeNode: (name) => nodeQueue.add(name),
    };
    const volumeQueue = reconciler({
      name: "persistentvolume-attach-detach-controller volumes",
      reconcile: (name) => reconcileVolume(name, parts),
    });
    const nodeQueue = reconciler({
      name: "persistentvolume-attach-detach-controller nodes",
      reconcile: (name) => reportAttached(name, parts),
    });
    attachments.on({ deleted: ({ metadata }) => parts.unwantedSince.delete(metadata?.name ?? "") });
    watchAttachments(parts, { wakeVolume: (name) => volumeQueue.add(name), wakeNode: parts.wakeNode });
  },
};

async function reconcileVolume(name: string, parts: Parts): Promise<Outcome> {
  const volume = parts.volumes.get(name);
  const attachments = parts.byVolume(name);
  const waits: number[] = [];
  for (const attachment of attachments) {
    const when = leaving(attachment, parts);
    if (when === "now") await detach(attachment, volume, parts);
    else if (typeof when === "object") waits.push(when.after);
    else if (when === undefined && volume !== undefined) waits.push(...tellProblem(attachment, volume, parts));
  }
  if (volume === undefined) parts.toldBlocked.delete(name);
  else await attach(volume, attachments, parts);
  return waits.length === 0 ? undefined : { after: Math.min(...waits) };
}

/** A node that still reports the volume may be about to mount it. */
async function detach(attachment: Attachment, volume: Volume | undefined, parts: Parts): Promise<void> {
  const { name = "", uid, deletionTimestamp } = attachment.metadata ?? {};
  const node = parts.nodes.get(attachment.spec.nodeName);
  const reported = reportedNameOf(attachment, volume, node);
  if (node?.status?.volumesAttached?.some((one) => one.name === reported) === true)
    return parts.wakeNode(attachment.spec.nodeName);
  if (deletionTimestamp !== undefined) return;
  try {
    await parts.deps.client.delete(volumeAttachments, { name }, { preconditions: { uid } });
  } catch (thrown) {
    if (!(thrown instanceof ApiError && thrown.reason === "NotFound")) throw thrown;
  }
}

/** Answers in how many milliseconds there may be one to tell of. */
function tellProblem(attachment: Attachment, volume: Volume, parts: Parts): number[] {
  if (attachment.status?.attached === true) return [];
  const { clock, events } = parts.deps;
  const age = clock.now() - (timeMillis(attachment.metadata?.creationTimestamp) ?? 0);
  const problem = attachProblem(attachment, volume, age);
  if (problem === undefined) return [attachTimeoutMs - age];
  const message = `AttachVolume.Attach failed for volume ${JSON.stringify(nameOf(volume))} : ${problem}`;
  for (const pod of wantedNodes(volume, parts).get(attachment.spec.nodeName) ?? [])
    events.event(pod, { type: "Warning", reason: "FailedAttachVolume", message });
  return [attachTimeoutMs];
}

async function attach(volume: Volume, attachments: readonly Attachment[], parts: Parts): Promise<void> {
  const wanted = wantedNodes(volume, parts);
  const plan = planAttaching(volume, wanted, attachments);
  const reported = reportedName(volume) ?? "";
  for (const nodeName of plan.attach) {
    const spec = {
      attacher: volume.spec?.csi?.driver ?? "",
      source: { persistentVolumeName: nameOf(volume) },
      nodeName,
    };
    try {
      await parts.deps.client.create(volumeAttachments, {
        metadata: { name: attachmentName(reported, nodeName) },
        spec,
      });
    } catch (thrown) {
      if (!(thrown instanceof ApiError && thrown.reason === "AlreadyExists")) throw thrown;
    }
  }
  tellBlocked(volume, { wanted, attachments, blocked: plan.blocked }, parts);
}

interface Blocked {
  readonly wanted: Wanted;
  readonly attachments: readonly Attachment[];
  readonly blocked: readonly string[];
}

function tellBlocked(volume: Volume, { wanted, attachments, blocked }: Blocked, { toldBlocked, deps }: Parts): void {
  const told = toldBlocked.get(nameOf(volume)) ?? [];
  if (blocked.length === 0) toldBlocked.delete(nameOf(volume));
  else toldBlocked.set(nameOf(volume), blocked);
  const others = attachments.flatMap(({ spec }) => wanted.get(spec.nodeName) ?? []);
  for (const node of blocked.filter((one) => !told.includes(one)))
    for (const pod of wanted.get(node) ?? []) {
      const message = multiAttachMessage(nameOf(volume), pod, others);
      deps.events.event(pod, { type: "Warning", reason: "FailedAttachVolume", message });
    }
}
