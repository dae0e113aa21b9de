import type { Pod } from "../../api/generated/types/core-v1.ts";
import { isPodTerminating } from "../../api/core/pod-state.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { pods } from "../../client/resource-types.ts";
import type { Stage } from "../stage.testing.ts";
import { runPod } from "./run-pods.testing.ts";

/** Of all namespaces where none is named. */
export const podsIn = ({ client }: Stage, namespace?: string): Promise<DeepReadonly<Pod>[]> =>
  client.list(pods, namespace === undefined ? {} : { namespace });

/** Plays the kubelet until nothing is left to do, without letting time pass: starts what waits, ends what is on its way out. */
export async function settlePods(
  play: Stage,
  namespace?: string,
  isGood: (pod: DeepReadonly<Pod>) => boolean = () => true,
): Promise<void> {
  for (let round = 0; round < 200; round += 1) {
    await play.settled();
    const all = await podsIn(play, namespace);
    const going = all.filter(isPodTerminating);
    const waiting = all.filter((pod) => pod.status?.phase === "Pending" && !isPodTerminating(pod) && isGood(pod));
    if (going.length + waiting.length === 0) return;
    await Promise.all([...going.map((pod) => endPod(play, pod)), ...waiting.map((pod) => runPod(play, pod))]);
  }
  throw new Error("the pods never come to rest");
}

export async function endPod({ client }: Stage, { metadata }: DeepReadonly<Pod>): Promise<void> {
  const { namespace, name = "" } = metadata ?? {};
  await client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0 });
}
