import type { Clock } from "../base/clock.ts";
import type { Client } from "../client/client.ts";
import { pause } from "../client/pause.ts";
import { persistentVolumeClaims, persistentVolumes } from "../client/resource-types.ts";
import type { VolumeBindingEffects } from "./plugins/volume-binding/effects.ts";

/** Between two looks. */
const lookEveryMs = 1_000;

export function createVolumeEffects(
  client: Client,
  clock: Clock,
  hasPod: (key: string) => boolean,
): VolumeBindingEffects {
  return {
    updateVolume: (volume) => client.update(persistentVolumes, volume),
    updateClaim: (claim) => client.update(persistentVolumeClaims, claim),
    hasPod,
    until: (isDone, timeoutMilliseconds, signal) =>
      until(isDone, { clock, signal, end: clock.now() + timeoutMilliseconds }),
  };
}

async function until(
  isDone: () => boolean,
  { clock, signal, end }: { readonly clock: Clock; readonly signal: AbortSignal; readonly end: number },
): Promise<void> {
  while (!isDone()) {
    signal.throwIfAborted();
    const left = end - clock.now();
    if (left <= 0) throw new Error("context deadline exceeded");
    await pause(Math.min(left, lookEveryMs), { clock, signal });
  }
}
