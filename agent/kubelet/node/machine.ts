import type { NodeAddress, NodeSystemInfo, Taint } from "../../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";

/** What a node is: what its kubelet tells of the machine that it runs on. */
export interface Machine {
  readonly nodeName: string;
  readonly addresses: readonly DeepReadonly<NodeAddress>[];
  /** `cpu`, `memory`, `pods`, `ephemeral-storage` and whatever else it has. */
  readonly capacity: Readonly<Record<string, string>>;
  readonly allocatable: Readonly<Record<string, string>>;
  readonly info: DeepReadonly<NodeSystemInfo>;
  /** Beyond those that every node has. */
  readonly labels: Readonly<Record<string, string>>;
  /** That it registers with; later ones are others' to set. */
  readonly taints: readonly DeepReadonly<Taint>[];
  /** Where its kubelet listens; absent: nowhere. */
  readonly kubeletPort?: number;
}

/**
 * What a pod may need that not every node can, by the names of KEP-5328.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/node-declared-features/
 */
export const declaredFeatures: readonly string[] = [
  "InPlacePodLevelResourcesVerticalScaling",
  "InPlacePodVerticalScalingInitContainers",
];

export function hostIps({ addresses }: Machine): readonly string[] {
  return addresses.filter(({ type }) => type === "InternalIP").map(({ address }) => address);
}
