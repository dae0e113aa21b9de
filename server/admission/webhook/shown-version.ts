import type { DeepReadonly, KubeObject } from "../../../api/machinery/object.ts";
import { fromHub, toHub, type KindVersion } from "../../encoding/kind.ts";
import type { AdmissionRequest } from "../plugin.ts";
import type { GroupVersionResource } from "./rules.ts";

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export function resourceIn({ kind }: AdmissionRequest, { served }: KindVersion): GroupVersionResource {
  return { group: served.group, version: served.version, resource: kind.row.plural };
}

/** What the object of a request is, were the request made in `version`: a subresource may have a kind of its own. */
export function kindIn(request: AdmissionRequest, { served }: KindVersion): GroupVersionKind {
  const { row } = request.kind;
  const shown = request.object ?? request.old;
  if (shown !== undefined && !isOwnKind(request, shown)) return kindOf(shown);
  const subresource =
    shown === undefined ? row.subresources.find(({ name }) => name === request.subresource) : undefined;
  if (subresource !== undefined && subresource.kind !== row.kind) {
    const { group, version, kind } = subresource;
    return { group, version, kind };
  }
  return { group: served.group, version: served.version, kind: row.kind };
}

function kindOf({ apiVersion = "", kind = "" }: DeepReadonly<KubeObject>): GroupVersionKind {
  const slash = apiVersion.indexOf("/");
  return { group: slash < 0 ? "" : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind };
}

/** Bindings, evictions, scales and options of connections have one version only. */
export function isOwnKind({ kind }: AdmissionRequest, object: DeepReadonly<KubeObject>): boolean {
  return object.kind === undefined || object.kind === kind.row.kind;
}

/** An object of the request in the version that a webhook wants to see. Throws ApiError when a conversion webhook does. */
export async function shownIn(
  version: KindVersion,
  object: DeepReadonly<KubeObject>,
  request: AdmissionRequest,
): Promise<DeepReadonly<KubeObject>> {
  const { kind } = request;
  if (!isOwnKind(request, object) || version.apiVersion === request.version.apiVersion) return object;
  if (kind.conversion === undefined) return fromHub(version, object);
  const [converted] = await kind.conversion.convert([object], version);
  return converted ?? object;
}

/** The way back: what a webhook left, as the request has it. */
export async function takenFrom(
  version: KindVersion,
  object: KubeObject,
  request: AdmissionRequest,
): Promise<KubeObject> {
  const { kind } = request;
  if (!isOwnKind(request, object) || version.apiVersion === request.version.apiVersion) return object;
  if (kind.conversion === undefined) return toHub(kind, version, object);
  const [converted] = await kind.conversion.convert([object], request.version);
  return converted ?? object;
}
