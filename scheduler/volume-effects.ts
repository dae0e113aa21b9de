import type { PersistentVolume, PersistentVolumeClaim } from "../api/generated/types/core-v1.ts";
import type { Clock } from "../base/clock.ts";
import type { Client } from "../client/client.ts";
import type { Informer } from "../client/informer.ts";
import { pause } from "../client/pause.ts";
import { persistentVolumeClaims, persistentVolumes } from "../client/resource-types.ts";
import type { VolumeBindingEffects } from "./plugins/volume-binding/effects.ts";

/** Between two looks when nothing tells of a change. */
const lookEveryMs = 1_000;

export interface VolumeEffectsDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly volumes: Pick<Informer<PersistentVolume>, "on">;
  readonly claims: Pick<Informer<PersistentVolumeClaim>, "on">;
  readonly hasPod: (key: string) => boolean;
}

export function createVolumeEffects({
  client,
  clock,
  volumes,
  claims,
  hasPod,
}: VolumeEffectsDeps): VolumeBindingEffects {
  const waiting = new Set<() => void>();
  const changed = (): void => {
    for (const wake of waiting) wake();
    waiting.clear();
  };
  volumes.on({ updated: changed, deleted: changed });
  claims.on({ updated: changed, deleted: changed });
  return {
    updateVolume: (volume) => client.update(persistentVolumes, volume),
    updateClaim: (claim) => client.update(persistentVolumeClaims, claim),
    hasPod,
    async until(isDone, timeoutMilliseconds, signal) {
      const end = clock.now() + timeoutMilliseconds;
      while (!isDone()) {
        signal.throwIfAborted();
        const left = end - clock.now();
        if (left <= 0) throw new Error("context deadline exceeded");
        let wake = (): void => {};
        const onBegin = (own: () => void): void => void waiting.add((wake = own));
        await pause(Math.min(left, lookEveryMs), { clock, signal, onBegin });
        waiting.delete(wake);
      }
    },
  };
}
