import { podRequests } from "../../api/core/pod-resources.ts";
import { readQuantities } from "../../api/core/quantities.ts";
import { isPodLevelResource } from "../../api/core/resource-list-defaults.ts";
import type { Node, Pod } from "../../api/generated/types/core-v1.ts";
import { getOwn } from "../../api/machinery/members.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { roundUp, roundUpMilli, zeroQuantity } from "../../api/machinery/quantity.ts";
import { forbid } from "./forbid.ts";
import type { ObjectReader } from "./object-reader.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./plugin.ts";
import { pods, stored, written } from "./written.ts";

/**
 * A running pod is not resized to what its node could never give it.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#podresizevalidator
 */
export function podResizeValidator({ reader }: { readonly reader: ObjectReader }): AdmissionPlugin {
  return {
    name: "PodResizeValidator",
    validate(request) {
      const pod = request.operation === "UPDATE" ? written<Pod>(request, pods, "resize") : undefined;
      const nodeName = pod?.spec?.nodeName;
      if (pod === undefined || !nodeName) return undefined;
      // The generation moves with the spec.
      const isSame = stored<Pod>(request)?.metadata?.generation === pod.metadata?.generation;
      return isSame ? undefined : refuseMisfit(request, pod, nodeName, reader);
    },
  };
}

async function refuseMisfit(
  request: AdmissionRequest,
  pod: Pod,
  nodeName: string,
  reader: ObjectReader,
): Promise<void> {
  const node = await reader.find<Node>("nodes", "", nodeName);
  if (node === undefined) throw forbid(request, `node ${JSON.stringify(nodeName)} not found`);
  const lacking = lackingResources(pod, node);
  if (lacking.length > 0) {
    const why = `Node didn't have enough allocatable resources: ${lacking.join("; ")}`;
    throw forbid(request, why, [{ reason: "NodeCapacity" }]);
  }
  const os = getOwn(node.metadata?.labels ?? {}, "kubernetes.io/os") ?? "";
  if (os === "linux") return;
  const why = `pod resize is only supported on linux nodes, node ${JSON.stringify(nodeName)} is ${JSON.stringify(os)}`;
  throw forbid(request, why, [{ reason: "UnsupportedPlatform" }]);
}

function lackingResources(pod: DeepReadonly<Pod>, node: DeepReadonly<Node>): string[] {
  const requests = podRequests(pod, { overhead: true, resizing: false, podLevel: isPodLevelResource });
  const allocatable = readQuantities(node.status?.allocatable);
  const units = { cpu: roundUpMilli, memory: roundUp } as const;
  return (["cpu", "memory"] as const).flatMap((resource) => {
    const requested = units[resource](requests.get(resource) ?? zeroQuantity);
    const most = units[resource](allocatable.get(resource) ?? zeroQuantity);
    return requested > most ? [`${resource}, requested: ${requested}, allocatable: ${most}`] : [];
  });
}
