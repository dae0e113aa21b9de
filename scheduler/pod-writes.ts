/** All that the scheduler writes about pods. Each throws the ApiError that the server answered with. */
import type { Binding, Pod } from "../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../api/machinery/object.ts";
import type { Clock } from "../base/clock.ts";
import type { Client } from "../client/client.ts";
import { pods, resourceType, type ResourceType } from "../client/resource-types.ts";
import type { PodInfo } from "./framework/pod-info.ts";
import { statusPatch, type StatusChange } from "./pod-status.ts";

export interface PodWrites {
  bind(pod: PodInfo, nodeName: string): Promise<void>;
  /** Writes nothing where nothing changes. */
  patchStatus(pod: DeepReadonly<Pod>, change: StatusChange): Promise<void>;
  /** With the grace that the pod asks for. */
  delete(pod: DeepReadonly<Pod>): Promise<void>;
  /** As the server has it now: the node of the pod, if it has one. */
  nodeOf(pod: PodInfo): Promise<string | undefined>;
}

const bindings: ResourceType<Binding> = resourceType("v1", "pods", "Binding", "Namespaced");

export function createPodWrites(client: Client, clock: Clock): PodWrites {
  const named = ({ metadata }: DeepReadonly<Pod>): { namespace: string | undefined; name: string } => ({
    namespace: metadata?.namespace,
    name: metadata?.name ?? "",
  });
  return {
    async bind({ namespace, name, uid }, nodeName) {
      const target = { kind: "Node", name: nodeName };
      await client.create(
        bindings,
        { apiVersion: "v1", kind: "Binding", metadata: { namespace, name, uid }, target },
        "binding",
      );
    },
    async patchStatus(pod, change) {
      const patch = statusPatch(pod, change, clock.now());
      if (patch !== undefined)
        await client.patch(pods, named(pod), patch, { type: "strategic", subresource: "status" });
    },
    async delete(pod) {
      await client.delete(pods, named(pod), { preconditions: { uid: pod.metadata?.uid } });
    },
    async nodeOf({ namespace, name, uid }) {
      const { metadata, spec } = await client.get(pods, { namespace, name });
      return metadata?.uid === uid ? spec?.nodeName || undefined : undefined;
    },
  };
}
