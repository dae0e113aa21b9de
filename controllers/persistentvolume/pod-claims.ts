import type { Pod, Volume } from "../../api/generated/types/core-v1.ts";
import { isPodTerminal, isPodTerminating } from "../../api/core/pod-state.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { keyFor } from "../../client/lister.ts";

/** The claim behind a volume of a pod; undefined where it has none. */
export function claimNameOf({ metadata }: DeepReadonly<Pod>, volume: DeepReadonly<Volume>): string | undefined {
  if (volume.ephemeral !== undefined) return `${metadata?.name}-${volume.name}`;
  return volume.persistentVolumeClaim?.claimName;
}

/** The keys of all claims of a pod. */
export function claimKeysOf(pod: DeepReadonly<Pod>): string[] {
  const keys: string[] = [];
  for (const volume of pod.spec?.volumes ?? []) {
    const name = claimNameOf(pod, volume);
    if (name !== undefined) keys.push(keyFor(pod.metadata?.namespace, name));
  }
  return keys;
}

/** Whether it has ended, or is on its way out with nothing running any more. */
export function isPodDone(pod: DeepReadonly<Pod>): boolean {
  if (isPodTerminal(pod)) return true;
  if (!isPodTerminating(pod)) return false;
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  return [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses].every(
    ({ state }) => state?.terminated !== undefined || state?.waiting !== undefined,
  );
}
