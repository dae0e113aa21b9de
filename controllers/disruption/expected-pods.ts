import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { controllerOf } from "../../api/machinery/owners.ts";
import type { WorkloadScale } from "./workload-scale.ts";

export interface Expected {
  /** The sum of what the pods' controllers are to have. */
  readonly count: number;
  /** Pods without a controller, which nobody expects. */
  readonly unmanaged: readonly string[];
}

type FindScale = (pod: DeepReadonly<Pod>) => Promise<WorkloadScale | undefined>;

/** Throws where the controller of a pod cannot be found. */
export async function expectedPods(pods: readonly DeepReadonly<Pod>[], findScale: FindScale): Promise<Expected> {
  const scales = new Map<string, number>();
  const asked = new Set<string>();
  const unmanaged: string[] = [];
  for (const pod of pods) {
    const name = pod.metadata?.name ?? "";
    const controller = controllerOf(pod);
    if (controller === undefined) unmanaged.push(name);
    if (controller === undefined || asked.has(controller.uid)) continue;
    const scale = await findScale(pod);
    if (scale === undefined) throw new Error(`found no controllers for pod "${name}"`);
    asked.add(controller.uid);
    scales.set(scale.uid, scale.replicas);
  }
  return { count: [...scales.values()].reduce((sum, replicas) => sum + replicas, 0), unmanaged };
}
