import { matches, type Labels, type Selector } from "../../../api/machinery/labels.ts";
import type { DeepReadonly, KubeObject } from "../../../api/machinery/object.ts";
import { notFound } from "../../../api/machinery/status.ts";
import type { ObjectReader } from "../object-reader.ts";
import type { AdmissionRequest } from "../plugin.ts";

const namespaces = { group: "", resource: "namespaces" };

function isNamespaceObject({ kind }: AdmissionRequest): boolean {
  return kind.row.group === "" && kind.row.plural === "namespaces";
}

/** As upstream tells it: a Namespace is in itself. */
export function namespaceOf(request: AdmissionRequest): string {
  return isNamespaceObject(request) ? request.name || (request.object?.metadata?.name ?? "") : request.namespace;
}

/**
 * Whether the request's namespace is selected; for a Namespace, what is written counts. Cluster-scoped objects always are.
 * Throws NotFound for a namespace that is gone.
 */
export async function namespaceSelected(
  selector: Selector,
  request: AdmissionRequest,
  reader: ObjectReader,
): Promise<boolean> {
  if (isEverything(selector)) return true;
  const isWritten = isNamespaceObject(request) && request.subresource === "" && request.object !== undefined;
  if (isWritten) return matches(selector, request.object?.metadata?.labels);
  const name = namespaceOf(request);
  if (name === "") return true;
  const namespace = await reader.find("namespaces", "", name);
  if (namespace === undefined) throw notFound(namespaces, name);
  return matches(selector, namespace.metadata?.labels as Labels | undefined);
}

/** Either the new or the old object is selected. */
export function objectSelected(selector: Selector, { object, old }: AdmissionRequest): boolean {
  return isEverything(selector) || carries(selector, object) || carries(selector, old);
}

function carries(selector: Selector, object: DeepReadonly<KubeObject> | undefined): boolean {
  return object?.metadata !== undefined && matches(selector, object.metadata.labels);
}

function isEverything({ requirements, selects }: Selector): boolean {
  return selects === "matching" && requirements.length === 0;
}
