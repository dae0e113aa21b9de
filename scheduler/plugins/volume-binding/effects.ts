import type { PersistentVolume, PersistentVolumeClaim } from "../../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";

/** What binding writes, and how it waits. */
export interface VolumeBindingEffects {
  /** A PUT; answers what was stored. */
  updateVolume(volume: DeepReadonly<PersistentVolume>): Promise<DeepReadonly<PersistentVolume>>;
  updateClaim(claim: DeepReadonly<PersistentVolumeClaim>): Promise<DeepReadonly<PersistentVolumeClaim>>;
  /** Whether the pod is still there: nobody else needs its volumes. */
  hasPod(key: string): boolean;
  /** Asks `isDone` now and then until it says yes. Rejects with what it throws, and when time is up or the signal says so. */
  until(isDone: () => boolean, timeoutMilliseconds: number, signal: AbortSignal): Promise<void>;
}
