import { capManagers } from "./cap-managers.ts";
import { unionOf } from "./field-set.ts";
import {
  decodeManagers,
  decodeSentManagers,
  encodeManagers,
  managerId,
  type Entries,
  type Manager,
  type Managers,
} from "./managers.ts";
import { withoutServerFields } from "./never-owned.ts";
import { reconcileManagers, takeFromOthers, type Schema } from "./ownership.ts";
import { finish, type Convert, type Steps } from "./steps.ts";
import { TypedError } from "./typed-error.ts";
import { metadataOf, withoutManagedFields, type ManagedObject } from "./managed-object.ts";

/** Who writes, how, and what is known of the kind. */
export interface ManagedWrite extends Schema {
  /** The field manager, or the part of the user agent that stands for it. */
  readonly manager: string;
  /** "" for the object itself. */
  readonly subresource: string;
  /** RFC 3339 with seconds, cluster time. */
  readonly time: string;
  /** Asked only where an entry speaks of another version than the request. */
  readonly convert: Convert;
}

export interface UpdateRequest extends ManagedWrite {
  /** In the version of the request; on create, the kind's object when nothing is set. */
  readonly old: ManagedObject;
  /** What will be stored, with the managedFields that the client sent. */
  readonly object: ManagedObject;
  /** Those as they came: decoding drops an empty list, which is a wish. Absent: the object's own. */
  readonly sent?: Entries | undefined;
}

/**
 * The managedFields after a create, update or patch: what it changed goes to the manager's entry. Those of `old` itself,
 * the same array, when nothing moves; undefined when there are none to keep, or they cannot be kept up.
 */
export function manageUpdate(request: UpdateRequest): Entries | undefined | Promise<Entries | undefined> {
  const before = metadataOf(request.old).managedFields ?? [];
  const managers = currentManagers(request);
  // An object that was stored without entries is not tracked until somebody applies it.
  if (managers.size === 0 && (metadataOf(request.old).uid ?? "") !== "") return undefined;
  try {
    const done = finish(update(request, managers), request.convert);
    return done instanceof Promise
      ? done.then((after) => encodeManagers(after, before), forgetIfUntypable)
      : encodeManagers(done, before);
  } catch (thrown) {
    return forgetIfUntypable(thrown);
  }
}

/** A stored object that its schema cannot tell the fields of: nobody owns any, rather than that nobody can write it. */
function forgetIfUntypable(thrown: unknown): undefined {
  if (thrown instanceof TypedError) return undefined;
  throw thrown;
}

/**
 * What the client sent counts, so that entries can be edited: none at all or broken ones mean that it knows nothing of
 * them; an empty list is the wish to start anew. Through a subresource nobody edits them.
 */
function currentManagers({
  old,
  object,
  subresource,
  sent = metadataOf(object).managedFields,
}: UpdateRequest): Managers {
  const stored = metadataOf(old).managedFields ?? [];
  if (subresource !== "" || sent === undefined || sent === null) return decodeOrNone(stored, stored);
  if (isReset(sent)) return new Map();
  const managers = decodeOrNone(sent, stored);
  return managers.size > 0 ? managers : decodeOrNone(stored, stored);
}

function isReset(sent: Entries): boolean {
  return sent.length === 0 || (sent.length === 1 && Object.values(sent[0] ?? {}).every((value) => !value));
}

function decodeOrNone(sent: Entries, stored: Entries): Managers {
  try {
    return sent === stored ? decodeManagers(stored) : decodeSentManagers(sent, stored);
  } catch (thrown) {
    if (thrown instanceof TypedError) return new Map();
    throw thrown;
  }
}

/** As one write by `request.manager`; its fields join those of its entry. */
export function* update(request: UpdateRequest, managers: Managers): Steps<Managers> {
  const { apiVersion, subresource } = request;
  const change = { old: withoutManagedFields(request.old), now: withoutManagedFields(request.object), self: "" };
  const contested = yield* takeFromOthers(change, reconcileManagers(managers, request), request);
  const { added, modified } = contested.comparison;
  const taken = withoutServerFields(unionOf(modified, added));
  if (taken.size === 0) return capManagers(contested.managers);
  const manager: Omit<Manager, "fields"> = {
    name: request.manager || "unknown",
    operation: "Update",
    apiVersion,
    subresource,
    time: request.time,
  };
  const id = managerId(manager);
  const before = contested.managers.get(id);
  // In this order, for what of the entry stays as it was is not written anew.
  const fields = before === undefined ? taken : unionOf(before.fields, taken);
  return capManagers(new Map([...contested.managers, [id, { ...manager, fields }]]));
}
