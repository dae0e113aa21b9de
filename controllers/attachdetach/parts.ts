import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from "../../api/generated/types/core-v1.ts";
import type { CSIDriver, VolumeAttachment } from "../../api/generated/types/storage-v1.ts";
import type { Informer } from "../../client/informer.ts";
import type { IndexLookup } from "../../client/lister.ts";
import type { ControllerDeps } from "../controller.ts";

/** What is known of volumes and nodes. */
export interface Parts {
  readonly pods: Informer<Pod>;
  /** By the key of a claim. */
  readonly podsOf: IndexLookup<Pod>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly nodes: Informer<Node>;
  readonly drivers: Informer<CSIDriver>;
  readonly attachments: Informer<VolumeAttachment>;
  readonly byVolume: IndexLookup<VolumeAttachment>;
  readonly byNode: IndexLookup<VolumeAttachment>;
  /** By name of the attachment, in milliseconds: how long nodes have had to let go. */
  readonly unwantedSince: Map<string, number>;
  /** Nodes by volume: their pods were told once that they have to wait. */
  readonly toldBlocked: Map<string, readonly string[]>;
  readonly deps: Pick<ControllerDeps, "client" | "events" | "clock">;
  readonly wakeNode: (name: string) => void;
}
