import type { Pod, Service } from "../../api/generated/types/core-v1.ts";
import { podCondition } from "../../api/core/pod-state.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { formatTime, timeMillis } from "../../api/machinery/time.ts";

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#endpoints-kubernetes-io-last-change-trigger-time */
export const triggerTimeAnnotation = "endpoints.kubernetes.io/last-change-trigger-time";

interface Known {
  readonly service: number;
  /** When each pod last became ready or unready, by name. */
  readonly pods: ReadonlyMap<string, number>;
}

/** Remembers of services when they and their pods last changed, to say what a change of the endpoints goes back to. */
export class TriggerTimes {
  readonly #known = new Map<string, Known>();

  /** The earliest change since the last call; undefined where nothing has. Of a service seen first, its creation. */
  next(key: string, { metadata }: DeepReadonly<Service>, pods: readonly DeepReadonly<Pod>[]): string | undefined {
    const before = this.#known.get(key);
    const now = { service: timeMillis(metadata?.creationTimestamp) ?? 0, pods: readyTimes(pods) };
    this.#known.set(key, now);
    if (before === undefined) return formatTime(now.service);
    const changed = [...now.pods].filter(([name, time]) => time > (before.pods.get(name) ?? 0)).map(([, time]) => time);
    if (now.service > before.service) changed.push(now.service);
    return changed.length === 0 ? undefined : formatTime(changed.reduce((one, other) => Math.min(one, other)));
  }

  forget(key: string): void {
    this.#known.delete(key);
  }
}

function readyTimes(pods: readonly DeepReadonly<Pod>[]): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const pod of pods) {
    const time = timeMillis(podCondition(pod, "Ready")?.lastTransitionTime);
    if (time !== undefined) times.set(pod.metadata?.name ?? "", time);
  }
  return times;
}

/** Annotations with this trigger time, or without any. */
export function withTriggerTime(
  annotations: DeepReadonly<Record<string, string>> | undefined,
  time: string | undefined,
): Record<string, string> {
  const { [triggerTimeAnnotation]: _, ...others } = annotations ?? {};
  return time === undefined ? others : { ...others, [triggerTimeAnnotation]: time };
}
