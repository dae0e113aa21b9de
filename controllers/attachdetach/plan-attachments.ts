import { type Attachment, type NodeObject, reportedNameOf } from "./csi-names.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { Volume } from "../persistentvolume/claim-and-volume.ts";

type PodObject = DeepReadonly<Pod>;

/** Pods that want a volume, by the node that they are on. */
export type Wanted = ReadonlyMap<string, readonly PodObject[]>;

/** A silent node may write to a volume for so long after its pods were to end; then it is taken away. */
export const forceDetachAfterMs: number = 6 * 60_000;

/** On which nodes the volume is to be attached now, and which have to wait for others to let it go. */
export interface Attaching {
  readonly attach: readonly string[];
  readonly blocked: readonly string[];
}

export function planAttaching(volume: Volume, wanted: Wanted, attachments: readonly Attachment[]): Attaching {
  const taken = new Set(attachments.map(({ spec }) => spec.nodeName));
  const waiting = [...wanted.keys()].filter((node) => !taken.has(node)).toSorted();
  if (isForMany(volume)) return { attach: waiting, blocked: [] };
  return taken.size > 0 ? { attach: [], blocked: waiting } : { attach: waiting.slice(0, 1), blocked: waiting.slice(1) };
}

/** Who says nothing of modes leaves it to the driver. */
function isForMany({ spec }: Volume): boolean {
  const modes = spec?.accessModes ?? [];
  return modes.length === 0 || modes.includes("ReadWriteMany") || modes.includes("ReadOnlyMany");
}

/** Whether an attachment that nobody wants may go: now, in so many milliseconds, or when the node lets the volume go. */
export type Leaving = "now" | "when unmounted" | { readonly after: number };

export function planDetaching(
  attachment: Attachment,
  volume: Volume | undefined,
  { node, unwantedForMs }: { readonly node: NodeObject | undefined; readonly unwantedForMs: number },
): Leaving {
  if (node === undefined || isOutOfService(node)) return "now";
  const name = reportedNameOf(attachment, volume, node);
  if (name === undefined || !(node.status?.volumesInUse ?? []).includes(name)) return "now";
  if (isReady(node)) return "when unmounted";
  const left = forceDetachAfterMs - unwantedForMs;
  return left <= 0 ? "now" : { after: left };
}

/** https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#non-graceful-node-shutdown */
function isOutOfService({ spec }: NodeObject): boolean {
  return (spec?.taints ?? []).some(({ key }) => key === "node.kubernetes.io/out-of-service");
}

function isReady({ status }: NodeObject): boolean {
  return (status?.conditions ?? []).some((condition) => condition.type === "Ready" && condition.status === "True");
}

/** To one of the pods that wait for a volume that others have. Names of other namespaces are not for them to see. */
export function multiAttachMessage(volumeName: string, pod: PodObject, others: readonly PodObject[]): string {
  const start = `Multi-Attach error for volume ${JSON.stringify(volumeName)} Volume is already`;
  if (others.length === 0) return `${start} exclusively attached to one node and can't be attached to another`;
  const near = others.filter(({ metadata }) => metadata?.namespace === pod.metadata?.namespace);
  const far = `${others.length - near.length} pod(s) in different namespaces`;
  if (near.length === 0) return `${start} used by ${far}`;
  const names = near.map(({ metadata }) => metadata?.name ?? "").join(", ");
  return `${start} used by pod(s) ${names}${near.length === others.length ? "" : ` and ${far}`}`;
}

/** An external attacher that has not answered by then may not be there. */
export const attachTimeoutMs = 120_000;

/** Why an attachment is not there yet; undefined: it is, or it may still come. `ageMs`: since it was made. */
export function attachProblem({ spec, status }: Attachment, volume: Volume, ageMs: number): string | undefined {
  if (status?.attached === true) return undefined;
  if (status?.attachError !== undefined) return status.attachError.message ?? "";
  if (ageMs < attachTimeoutMs) return undefined;
  return `timed out waiting for external-attacher of ${spec.attacher} CSI driver to attach volume ${volume.spec?.csi?.volumeHandle ?? ""}`;
}
