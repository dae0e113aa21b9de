import type { Node } from "../../../api/generated/types/core-v1.ts";
import type { DeepReadonly, KubeObject } from "../../../api/machinery/object.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import type { Client } from "../../../client/client.ts";
import { csiNodes, nodes, type ResourceType } from "../../../client/resource-types.ts";
import type { Machine } from "./machine.ts";
import { nodeStatus, type NodeFacts } from "./node-status.ts";

/** The labels that a kubelet answers for. https://kubernetes.io/docs/reference/labels-annotations-taints/ */
export function nodeLabels({ nodeName, info, labels }: Machine): Record<string, string> {
  const { operatingSystem, architecture } = info;
  return {
    "beta.kubernetes.io/arch": architecture,
    "beta.kubernetes.io/os": operatingSystem,
    "kubernetes.io/arch": architecture,
    "kubernetes.io/hostname": nodeName,
    "kubernetes.io/os": operatingSystem,
    ...labels,
  };
}

/** Makes the Node, or finds the one that is there and leaves what others have set on it as it is. */
export async function registerNode(client: Client, facts: NodeFacts): Promise<DeepReadonly<Node>> {
  const { machine } = facts;
  const name = machine.nodeName;
  const labels = nodeLabels(machine);
  const annotations = { "volumes.kubernetes.io/controller-managed-attach-detach": "true" };
  const node = await createUnlessThere(client, nodes, {
    metadata: { name, labels, annotations },
    ...(machine.taints.length === 0 ? {} : { spec: { taints: machine.taints } }),
    status: nodeStatus(undefined, facts),
  });
  if (node !== undefined) return node;
  const found = await client.get(nodes, { name });
  const lacks = (
    has: Readonly<Record<string, string>> | undefined,
    wanted: Readonly<Record<string, string>>,
  ): boolean => Object.entries(wanted).some(([key, value]) => has?.[key] !== value);
  if (!lacks(found.metadata?.labels, labels) && !lacks(found.metadata?.annotations, annotations)) return found;
  return client.patch(nodes, { name }, { metadata: { labels, annotations } });
}

/** Where drivers of volumes tell what they can on this node: none so far. A server without this resource needs none. */
export async function registerCsiNode(client: Client, node: DeepReadonly<Node>): Promise<void> {
  const { name = "", uid = "" } = node.metadata ?? {};
  const ownerReferences = [{ apiVersion: "v1", kind: "Node", name, uid }];
  try {
    await createUnlessThere(client, csiNodes, { metadata: { name, ownerReferences }, spec: { drivers: [] } });
  } catch (thrown) {
    if (!(thrown instanceof ApiError && thrown.reason === "NotFound")) throw thrown;
  }
}

/** Undefined when there is one of this name already. */
export async function createUnlessThere<T extends KubeObject>(
  client: Client,
  type: ResourceType<T>,
  object: DeepReadonly<T>,
): Promise<DeepReadonly<T> | undefined> {
  try {
    return await client.create(type, object);
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.reason === "AlreadyExists") return undefined;
    throw thrown;
  }
}
