/** Objects of which each node has its own. */
import type { ResourceSlice } from "../../../api/generated/types/resource-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { forbid } from "../forbid.ts";
import type { AdmissionRequest } from "../plugin.ts";
import { stored } from "../written.ts";
import type { Restriction } from "./node-restriction.ts";

const leaseNamespace = "kube-node-lease";

export const restrictLease: Restriction = (node, request) => {
  if (request.namespace !== leaseNamespace)
    throw forbid(request, `can only access leases in the "${leaseNamespace}" system namespace`);
  if (nameOf(request) !== node)
    throw forbid(request, "can only access node lease with the same name as the requesting node");
};

export const restrictCsiNode: Restriction = (node, request) => {
  if (nameOf(request) !== node)
    throw forbid(request, "can only access CSINode with the same name as the requesting node");
};

export const restrictResourceSlice: Restriction = (node, request) => {
  const { operation } = request;
  if (operation === "CREATE" && nodeOf(request.object as ResourceSlice | undefined) !== node)
    throw forbid(request, "can only create ResourceSlice with the same NodeName as the requesting node");
  if (operation === "DELETE" && nodeOf(stored<ResourceSlice>(request)) !== node)
    throw forbid(request, "can only delete ResourceSlice with the same NodeName as the requesting node");
};

function nodeOf(slice: DeepReadonly<ResourceSlice> | undefined): string | undefined {
  return slice?.spec.nodeName;
}

function nameOf({ operation, name, object }: AdmissionRequest): string | undefined {
  return operation === "CREATE" ? object?.metadata?.name : name;
}
