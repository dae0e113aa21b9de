import type { Node, Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { ContainerStats } from "../runtime/runtime.ts";

/** A node whose agent tells what its pods use: a Kubelet of this process is one. */
export interface MeteredNode {
  node(): DeepReadonly<Node>;
  /** On this node; in one namespace, or in all. */
  pods(namespace?: string): Iterable<DeepReadonly<Pod>>;
  pod(namespace: string, name: string): DeepReadonly<Pod> | undefined;
  /** Of containers that run, or of one pod's. */
  stats(podUid?: string): readonly ContainerStats[];
}
