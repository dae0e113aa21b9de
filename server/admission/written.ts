import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import type { GroupResource } from "../../api/machinery/status.ts";
import type { AdmissionRequest } from "./plugin.ts";

/** Whether the request is about this resource, and this endpoint of it. */
export function isAbout(request: AdmissionRequest, { group, resource }: GroupResource, subresource = ""): boolean {
  const { row } = request.kind;
  return row.plural === resource && row.group === group && request.subresource === subresource;
}

/** The new object, if it is one of this resource; the one place where plugins learn the type of what they are shown. */
export function written<T extends KubeObject>(
  request: AdmissionRequest,
  of: GroupResource,
  subresource = "",
): T | undefined {
  return isAbout(request, of, subresource) ? (request.object as T | undefined) : undefined;
}

/** The stored object of a request that `written` has looked at. */
export function stored<T extends KubeObject>(request: AdmissionRequest): DeepReadonly<T> | undefined {
  return request.old as DeepReadonly<T> | undefined;
}

export const pods: GroupResource = { group: "", resource: "pods" };
export const namespaces: GroupResource = { group: "", resource: "namespaces" };
export const claims: GroupResource = { group: "", resource: "persistentvolumeclaims" };

/** The pod of a creation through the main endpoint. */
export function createdPod(request: AdmissionRequest): Pod | undefined {
  return request.operation === "CREATE" ? written<Pod>(request, pods) : undefined;
}

/** The pod of a creation or an update through the main endpoint. */
export function writtenPod(request: AdmissionRequest): Pod | undefined {
  return request.operation === "CREATE" || request.operation === "UPDATE" ? written<Pod>(request, pods) : undefined;
}
