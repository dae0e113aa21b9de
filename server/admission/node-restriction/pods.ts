import type { Node, Pod } from "../../../api/generated/types/core-v1.ts";
import { isStaticPod } from "../../../api/core/pod-annotations-validation.ts";
import { semanticEqual } from "../../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { forbid } from "../forbid.ts";
import type { AdmissionRequest } from "../plugin.ts";
import { pods, stored, written } from "../written.ts";
import { apiObjectsOf } from "./api-objects.ts";
import type { Restriction, RestrictionDeps } from "./node-restriction.ts";
import { noSuch } from "./not-found.ts";

export const restrictPod: Restriction = (node, request, deps) => {
  switch (request.subresource) {
    case "":
      return restrictItself(node, request, deps);
    case "status":
      return restrictStatus(node, request);
    case "eviction":
      return restrictEviction(node, request, deps);
    default:
      throw forbid(
        request,
        `unexpected pod subresource ${JSON.stringify(request.subresource)}, only 'status' and 'eviction' are allowed`,
      );
  }
};

async function restrictItself(node: string, request: AdmissionRequest, deps: RestrictionDeps): Promise<void> {
  const itself = JSON.stringify(node);
  switch (request.operation) {
    case "CREATE":
      return restrictCreation(node, request, deps);
    case "DELETE":
      if ((await existing(request, deps)).spec?.nodeName !== node)
        throw forbid(request, `node ${itself} can only delete pods with spec.nodeName set to itself`);
      return;
    default:
      throw forbid(
        request,
        `unexpected operation "${request.operation}", node ${itself} can only create and delete mirror pods`,
      );
  }
}

/** Only the image of a pod that the node runs anyway, and that gives it nothing to read. */
async function restrictCreation(node: string, request: AdmissionRequest, deps: RestrictionDeps): Promise<void> {
  const pod = written<Pod>(request, pods);
  const itself = JSON.stringify(node);
  if (!isStaticPod(pod?.metadata?.annotations)) {
    const why = `pod does not have "kubernetes.io/config.mirror" annotation, node ${itself} can only create mirror pods`;
    throw forbid(request, why);
  }
  if (pod?.spec?.nodeName !== node)
    throw forbid(request, `node ${itself} can only create pods with spec.nodeName set to itself`);
  await restrictOwners(node, pod, request, deps);
  const found = apiObjectsOf(pod);
  if (found?.unknown !== undefined)
    throw forbid(request, `error checking mirror pod for API references: ${found.unknown}`);
  if (found !== undefined) throw forbid(request, `node ${itself} can not create pods that reference ${found.resource}`);
}

async function restrictOwners(
  node: string,
  { metadata }: Pod,
  request: AdmissionRequest,
  { reader }: RestrictionDeps,
): Promise<void> {
  const refused = (what: string): Error =>
    forbid(request, `node ${JSON.stringify(node)} can only create pods with ${what}`);
  const [owner, another] = metadata?.ownerReferences ?? [];
  if (another !== undefined) throw refused("a single owner reference set to itself");
  if (owner?.apiVersion !== "v1" || owner.kind !== "Node" || owner.name !== node)
    throw refused("an owner reference set to itself");
  if (owner.controller !== true) throw refused("a controller owner reference set to itself");
  if (owner.blockOwnerDeletion === true)
    throw forbid(request, `node ${JSON.stringify(node)} must not set blockOwnerDeletion on an owner reference`);
  const { metadata: own } = (await reader.find<Node>("nodes", "", node)) ?? {};
  if (own === undefined) throw noSuch("node", node);
  if (owner.uid !== own.uid)
    throw forbid(request, `node ${node} UID mismatch: expected ${owner.uid} got ${own.uid ?? ""}`);
}

function restrictStatus(node: string, request: AdmissionRequest): void {
  if (request.operation !== "UPDATE") throw forbid(request, `unexpected operation "${request.operation}"`);
  const before = stored<Pod>(request);
  const after = written<Pod>(request, pods, "status");
  const itself = JSON.stringify(node);
  if (before?.spec?.nodeName !== node)
    throw forbid(request, `node ${itself} can only update pod status for pods with spec.nodeName set to itself`);
  if (!semanticEqual(before.metadata?.labels, after?.metadata?.labels))
    throw forbid(request, `node ${itself} cannot update labels through pod status`);
  if (!semanticEqual(before.status?.resourceClaimStatuses, after?.status?.resourceClaimStatuses))
    throw forbid(request, `node ${itself} cannot update resource claim statues`);
  if (!semanticEqual(before.status?.extendedResourceClaimStatus, after?.status?.extendedResourceClaimStatus))
    throw forbid(request, `node ${itself} cannot update extended resource claim status`);
}

async function restrictEviction(node: string, request: AdmissionRequest, deps: RestrictionDeps): Promise<void> {
  if (request.operation !== "CREATE") throw forbid(request, `unexpected operation ${request.operation}`);
  if ((await existing(request, deps)).spec?.nodeName !== node)
    throw forbid(request, `node ${node} can only evict pods with spec.nodeName set to itself`);
}

async function existing(
  { namespace, name }: AdmissionRequest,
  { reader }: RestrictionDeps,
): Promise<DeepReadonly<Pod>> {
  const pod = await reader.find<Pod>("pods", namespace, name);
  if (pod === undefined) throw noSuch("pod", name);
  return pod;
}
