import type { Scale } from "../../api/generated/types/autoscaling-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Transport } from "../../api/wire.ts";
import { call } from "../../client/call.ts";
import { collectionOf, type ObjectName } from "../../client/client.ts";
import type { ResourceType } from "../../client/resource-types.ts";

/** The scale subresource of whatever resource has one. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/scale-v1/ */
export interface ScaleClient {
  get(type: ResourceType, name: ObjectName): Promise<DeepReadonly<Scale>>;
  /** Refused (409) where the scale is no longer the newest. */
  update(type: ResourceType, name: ObjectName, scale: DeepReadonly<Scale>): Promise<DeepReadonly<Scale>>;
}

const userAgent = "kube-controller-manager/v1.36";

export function createScaleClient(transport: Transport): ScaleClient {
  return {
    get: (type, name) => call<Scale>(transport, { method: "GET", url: urlOf(type, name), userAgent }),
    update: (type, name, body) => call<Scale>(transport, { method: "PUT", url: urlOf(type, name), body, userAgent }),
  };
}

function urlOf(type: ResourceType, { namespace, name }: ObjectName): string {
  return `${collectionOf(type, namespace)}/${encodeURIComponent(name)}/scale`;
}
