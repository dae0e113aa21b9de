import type { Node } from "../../../api/generated/types/core-v1.ts";
import { semanticEqual } from "../../../api/machinery/equal.ts";
import type { Labels } from "../../../api/machinery/labels.ts";
import { getOwn } from "../../../api/machinery/members.ts";
import { forbid } from "../forbid.ts";
import type { AdmissionRequest } from "../plugin.ts";
import { stored } from "../written.ts";
import type { Restriction } from "./node-restriction.ts";

export const restrictNode: Restriction = (node, request) => {
  const { name, operation } = request;
  const itself = JSON.stringify(node);
  if (name !== node) throw forbid(request, `node ${itself} is not allowed to modify node ${JSON.stringify(name)}`);
  // Through any of its endpoints, a node is what is written.
  const written = request.object as Node | undefined;
  if (operation === "CREATE") restrictRegistration(itself, written, request);
  if (operation === "UPDATE") restrictUpdate(itself, written, request);
};

/** What could steer pods of more power to it, or give it more to read. */
function restrictRegistration(itself: string, created: Node | undefined, request: AdmissionRequest): void {
  if (created?.spec?.configSource !== undefined)
    throw forbid(request, `node ${itself} is not allowed to create pods with a non-nil configSource`);
  const labels = forbiddenLabels(created?.metadata?.labels ?? {}, {});
  if (labels.length > 0)
    throw forbid(request, `node ${itself} is not allowed to set the following labels: ${labels.join(", ")}`);
}

function restrictUpdate(itself: string, updated: Node | undefined, request: AdmissionRequest): void {
  const before = stored<Node>(request);
  const source = updated?.spec?.configSource;
  if (source !== undefined && !semanticEqual(source, before?.spec?.configSource))
    throw forbid(request, `node ${itself} is not allowed to update configSource to a new non-nil configSource`);
  if (!semanticEqual(updated?.spec?.taints, before?.spec?.taints))
    throw forbid(request, `node ${itself} is not allowed to modify taints`);
  if (!semanticEqual(updated?.metadata?.ownerReferences, before?.metadata?.ownerReferences))
    throw forbid(request, `node ${itself} is not allowed to modify ownerReferences`);
  const labels = forbiddenLabels(updated?.metadata?.labels ?? {}, before?.metadata?.labels ?? {});
  if (labels.length > 0) throw forbid(request, `is not allowed to modify labels: ${labels.join(", ")}`);
}

/** Of Kubernetes's own, nodes set these. */
const nodesOwn: ReadonlySet<string> = new Set([
  "kubernetes.io/hostname",
  "topology.kubernetes.io/zone",
  "topology.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region",
  "beta.kubernetes.io/instance-type",
  "node.kubernetes.io/instance-type",
  "kubernetes.io/os",
  "kubernetes.io/arch",
  "beta.kubernetes.io/os",
  "beta.kubernetes.io/arch",
]);

/** Those that differ and are not the node's to decide on, sorted. */
function forbiddenLabels(now: Labels, before: Labels): readonly string[] {
  const keys = new Set([...Object.keys(now), ...Object.keys(before)]);
  return [...keys].filter((key) => getOwn(now, key) !== getOwn(before, key) && isForbidden(key)).toSorted();
}

function isForbidden(key: string): boolean {
  const slash = key.indexOf("/");
  const domain = slash < 0 ? "" : key.slice(0, slash);
  const isWithin = (parent: string): boolean => domain === parent || domain.endsWith(`.${parent}`);
  if (isWithin("node-restriction.kubernetes.io")) return true;
  if (!isWithin("kubernetes.io") && !isWithin("k8s.io")) return false;
  return !nodesOwn.has(key) && !isWithin("kubelet.kubernetes.io") && !isWithin("node.kubernetes.io");
}
