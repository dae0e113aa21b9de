import type { Binding, Node } from "../../api/generated/types/core-v1.ts";
import { getOwn } from "../../api/machinery/members.ts";
import type { KubeObject } from "../../api/machinery/object.ts";
import type { ObjectReader } from "./object-reader.ts";
import type { AdmissionPlugin, AdmissionRequest, Mutation } from "./plugin.ts";
import { createdPod, pods, written } from "./written.ts";

const copied = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];

/**
 * A pod that is bound to a node learns where the node stands: the binding's labels become the pod's.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#podtopologylabels
 */
export function podTopologyLabels({ reader }: { readonly reader: ObjectReader }): AdmissionPlugin {
  return {
    name: "PodTopologyLabels",
    mutate(request) {
      const found = request.operation === "CREATE" ? placed(request) : undefined;
      return found === undefined ? "unchanged" : copyLabels(found, reader);
    },
  };
}

async function copyLabels({ object, node: name }: Placed, reader: ObjectReader): Promise<Mutation> {
  const node = await reader.find<Node>("nodes", "", name);
  const labels: Record<string, string> = {};
  for (const key of copied) {
    const value = getOwn(node?.metadata?.labels ?? {}, key);
    if (value !== undefined) labels[key] = value;
  }
  if (Object.keys(labels).length === 0) return "unchanged";
  object.metadata = { ...object.metadata, labels: { ...object.metadata?.labels, ...labels } };
  return "changed";
}

/** A binding, or a pod that comes with its node, and the node's name. */
interface Placed {
  readonly object: KubeObject;
  readonly node: string;
}

function placed(request: AdmissionRequest): Placed | undefined {
  const binding = written<Binding>(request, pods, "binding");
  if (binding?.target?.kind === "Node") return { object: binding, node: binding.target.name ?? "" };
  const pod = createdPod(request);
  return pod?.spec?.nodeName ? { object: pod, node: pod.spec.nodeName } : undefined;
}
