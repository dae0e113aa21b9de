/** Plays the kubelet (and the scheduler before it) for tests of controllers that make pods. */
import type { Pod } from "../../api/generated/types/core-v1.ts";
import { isPodActive, isPodReady, isPodTerminating } from "../../api/core/pod-state.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { formatTime, timeMillis } from "../../api/machinery/time.ts";
import type { Clock } from "../../base/clock.ts";
import type { Client, ListOptions } from "../../client/client.ts";
import type { Outcome } from "../../client/reconciler.ts";
import { pods as podType } from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";
import { watchSelf } from "../owned.ts";

interface Player {
  readonly client: Client;
  readonly clock: Clock;
}

export interface PodState {
  readonly phase?: "Pending" | "Running" | "Succeeded" | "Failed";
  readonly isReady?: boolean;
}

/** Gives a pod a state as of now: running and ready unless it is said otherwise. */
export async function runPod({ client, clock }: Player, pod: DeepReadonly<Pod>, state: PodState = {}): Promise<void> {
  const { phase = "Running", isReady = phase === "Running" } = state;
  const { namespace, name = "" } = pod.metadata ?? {};
  const now = formatTime(clock.now());
  const status = isReady ? "True" : "False";
  const conditions = ["Initialized", "ContainersReady", "Ready"].map((type) => ({
    type,
    status: type === "Initialized" ? "True" : status,
    lastTransitionTime: now,
  }));
  const startTime = pod.status?.startTime ?? now;
  await client.patch(
    podType,
    { namespace, name },
    { status: { phase, startTime, conditions } },
    { subresource: "status" },
  );
}

/** All active pods that are not ready yet, or the first so many of them. Answers how many it were. */
export async function runPods(player: Player, options: ListOptions & { readonly most?: number } = {}): Promise<number> {
  const { most = Infinity, ...which } = options;
  const found = await player.client.list(podType, which);
  const idle = found.filter((pod) => isPodActive(pod) && !isPodReady(pod)).slice(0, most);
  for (const pod of idle) await runPod(player, pod);
  return idle.length;
}

export interface KubeletOptions {
  /** From a pod's creation until it is ready. */
  readonly startMs?: number;
  /** From the wish to end a pod until it is gone, for pods on a node. */
  readonly stopMs?: number;
  /** Pods for which it does not hold run, but never get ready. */
  readonly isHealthy?: (pod: DeepReadonly<Pod>) => boolean;
}

/** A kubelet that goes on by itself, to be put on the stage beside the controllers. */
export function playKubelet({
  startMs = 1000,
  stopMs = 1000,
  isHealthy = () => true,
}: KubeletOptions = {}): Controller {
  return {
    name: "kubelet",
    start({ client, informers, reconciler, clock }) {
      const pods = informers.of(podType);
      const step = async (pod: DeepReadonly<Pod>): Promise<Outcome> => {
        const { namespace, name = "", creationTimestamp, deletionTimestamp } = pod.metadata ?? {};
        const since = (time: string | null | undefined): number => clock.now() - (timeMillis(time) ?? 0);
        if (isPodTerminating(pod)) {
          // The time of deletion is the end of the grace that was given.
          const grace = (pod.metadata?.deletionGracePeriodSeconds ?? 0) * 1000;
          const left = stopMs - grace - since(deletionTimestamp);
          if (left > 0) return { after: left };
          return client.delete(podType, { namespace, name }, { gracePeriodSeconds: 0 });
        }
        const hasStarted = pod.status?.phase !== undefined && pod.status.phase !== "Pending";
        if (hasStarted) return undefined;
        const left = startMs - since(creationTimestamp);
        if (left > 0) return { after: left };
        return runPod({ client, clock }, pod, { isReady: isHealthy(pod) });
      };
      const queue = reconciler({
        async reconcile(key) {
          const pod = pods.get(key);
          if (pod === undefined) return undefined;
          try {
            return await step(pod);
          } catch (thrown) {
            if (thrown instanceof ApiError && thrown.reason === "NotFound") return undefined;
            throw thrown;
          }
        },
      });
      watchSelf(pods, (key) => queue.add(key));
    },
  };
}
