import { manageUpdate, type ManagedWrite } from "../../api/machinery/managed-fields/manage-update.ts";
import { exceptFields, onlyFields, type FieldFilter } from "../../api/machinery/managed-fields/field-filter.ts";
import { deepClone } from "../../api/machinery/clone.ts";
import type { DeepReadonly, Json, KubeObject, ManagedFieldsEntry } from "../../api/machinery/object.ts";
import { formatTime } from "../../api/machinery/time.ts";
import { fromHub, toHub, type Kind, type KindVersion } from "../encoding/kind.ts";
import type { WriteRequest } from "./write-request.ts";

type Stored = DeepReadonly<KubeObject>;

/**
 * Settles who owns which field after a write that is no apply, before admission changes anything: what admission adds
 * belongs to nobody, as upstream has it. `object` and `old` are in the request's working version, `now` is in milliseconds.
 */
export async function ownFields(
  request: WriteRequest,
  object: KubeObject,
  old: Stored | undefined,
  now: number,
): Promise<void> {
  if (request.ownsFields === true) return;
  const { requested } = request;
  const answered = manageUpdate({
    ...managedWrite(request, now),
    old: fromHub(requested, old ?? request.kind.blank),
    object: fromHub(requested, object),
  });
  setManagedFields(object, answered instanceof Promise ? await answered : answered);
}

/** What update and apply have in common: who writes, how, and what is known of the kind. */
export function managedWrite(request: WriteRequest, now: number): ManagedWrite {
  const { kind, requested, manager, subresource } = request;
  return {
    manager,
    subresource,
    apiVersion: requested.apiVersion,
    time: formatTime(now),
    typeOf: (apiVersion) => kind.versions.get(apiVersion)?.merge,
    filter: filterOf(kind, subresource),
    convert: (value, apiVersion) => convert(request, value as Stored, apiVersion),
  };
}

/** The very array of the stored object stays, where it is that: so an update that changes nothing is seen to. */
export function setManagedFields(object: KubeObject, entries: DeepReadonly<ManagedFieldsEntry[]> | undefined): void {
  const metadata = (object.metadata ??= {});
  if (entries === undefined) delete metadata.managedFields;
  else metadata.managedFields = entries as ManagedFieldsEntry[];
}

async function convert(
  { kind, requested }: WriteRequest,
  object: Stored,
  apiVersion: string,
): Promise<DeepReadonly<Json> | undefined> {
  const to = kind.versions.get(apiVersion);
  if (to === undefined) return undefined;
  return (await inVersion(kind, requested, to, object)) as DeepReadonly<Json>;
}

async function inVersion(kind: Kind, from: KindVersion, to: KindVersion, object: Stored): Promise<Stored | undefined> {
  if (kind.conversion === undefined) return fromHub(to, toHub(kind, from, deepClone<KubeObject>(object)));
  const [converted] = await kind.conversion.convert([object], to);
  return converted;
}

const filters = new WeakMap<Kind, Map<string, FieldFilter | undefined>>();

/** What an endpoint cannot write nobody owns through it. */
function filterOf(kind: Kind, subresource: string): FieldFilter | undefined {
  let known = filters.get(kind);
  if (known === undefined) filters.set(kind, (known = new Map()));
  if (!known.has(subresource)) known.set(subresource, createFilter(kind, subresource));
  return known.get(subresource);
}

function createFilter({ row, conversion }: Kind, subresource: string): FieldFilter | undefined {
  if (conversion !== undefined && subresource === "status") return onlyFields(["status"]);
  const reset = row.reset?.[subresource === "" ? "main" : subresource];
  return reset === undefined ? undefined : exceptFields(reset);
}
