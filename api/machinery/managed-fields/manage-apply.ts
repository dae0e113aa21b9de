import type { MergeType } from "../../schema/merge-type.ts";
import { deepEqual } from "../equal.ts";
import type { JsonObject } from "../object.ts";
import { ApiError } from "../status.ts";
import { checkTyped } from "./check-typed.ts";
import { conflictError, conflictsOf, conflictsOutside } from "./conflicts.ts";
import type { FieldSet } from "./field-set.ts";
import { fieldsOf } from "./fields-of.ts";
import { fieldsLastApplied, kubectl, withLastApplied } from "./last-applied.ts";
import { metadataOf, withoutManagedFields, type ManagedObject } from "./managed-object.ts";
import { update, type ManagedWrite } from "./manage-update.ts";
import {
  decodeManagers,
  encodeManagers,
  managerId,
  withFields,
  withTime,
  type Entries,
  type Manager,
  type ManagerId,
  type Managers,
} from "./managers.ts";
import { mergeObjects } from "./merge-objects.ts";
import { withoutServerFields } from "./never-owned.ts";
import { reconcileManagers, takeFromOthers, type Contested } from "./ownership.ts";
import { prune } from "./prune.ts";
import { finish, type Steps } from "./steps.ts";
import { TypedError } from "./typed-error.ts";
import { isMembers, type Members, type Value } from "./typed-value.ts";

export interface ApplyRequest extends ManagedWrite {
  readonly kind: string;
  /** In the version of the request; the blank object when there is none yet. */
  readonly live: ManagedObject;
  /** The kind's object when nothing is set. */
  readonly blank: ManagedObject;
  /** As the client sent it: parsed, and nothing else. */
  readonly applied: Value;
  /** Take what others own. */
  readonly force: boolean;
}

export interface Applied {
  /** Not defaulted, and without managedFields; undefined when the live object stays as it is. */
  readonly object: JsonObject | undefined;
  /** Those of the live object itself, the same array, when they stay as they are too. */
  readonly managedFields: Entries | undefined;
}

/**
 * Server-side apply: the live object with what was applied, without what the manager applied before and nobody else
 * owns. Throws ApiError: 409 for conflicts, 400 and 500, as upstream, for what cannot be applied.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/
 */
export function manageApply(request: ApplyRequest): Applied | Promise<Applied> {
  try {
    const done = finish(apply(request), request.convert);
    return done instanceof Promise ? done.catch(refuse) : done;
  } catch (thrown) {
    return refuse(thrown);
  }
}

/** Upstream's errors of this sort have no reason: the client sees a bare 500 with the message. */
function refuse(thrown: unknown): never {
  throw thrown instanceof TypedError ? new ApiError("", thrown.message, { cause: thrown }) : thrown;
}

function* apply(request: ApplyRequest): Steps<Applied> {
  const { applied, apiVersion, filter } = request;
  const known = within("failed to decode managed fields", () =>
    decodeManagers(metadataOf(request.live).managedFields ?? []),
  );
  const type = checkRequest(request);
  const live = withoutManagedFields(request.live);
  const managers = reconcileManagers(known.size > 0 ? known : yield* beforeFirstApply(request), request);
  const id = managerId(selfOf(request));
  const last = managers.get(id);
  const fields = fieldsOf(applied, type);
  const self = { ...selfOf(request), time: last?.time, fields: filter === undefined ? fields : filter(fields) };
  const claimed = new Map(managers).set(id, self);
  const now = yield* prune(mergeObjects(live, applied, type), claimed, last, request);
  const contested = yield* takeFromOthers({ old: live, now, self: id }, claimed, request);
  if (!request.force) refuseConflicts(request, contested, claimed, type);
  const object = deepEqual(live, now) ? undefined : toObject(now);
  const time = object === undefined ? last?.time : request.time;
  const kept = withSelf(contested.managers, id, last?.apiVersion === apiVersion ? last : undefined, { ...self, time });
  return {
    object: (request.manager === kubectl ? withLastApplied(object ?? live, applied) : undefined) ?? object,
    managedFields: encodeManagers(kept, metadataOf(request.live).managedFields),
  };
}

function selfOf({ manager, apiVersion, subresource }: ApplyRequest): Omit<Manager, "fields" | "time"> {
  return { name: manager || "unknown", operation: "Apply", apiVersion, subresource };
}

/** The applier's entry; `last` stands for it where it says the same. */
function withSelf(managers: Managers, id: ManagerId, last: Manager | undefined, self: Manager): Managers {
  const fields: FieldSet = withoutServerFields(self.fields);
  const kept = new Map(managers);
  if (fields.size === 0) kept.delete(id);
  else kept.set(id, last === undefined ? { ...self, fields } : withTime(withFields(last, fields), self.time));
  return kept;
}

/** Nobody was tracked so far: what is there is the work of nobody in particular. */
function beforeFirstApply(request: ApplyRequest): Steps<Managers> {
  const { blank, live } = request;
  return update({ ...request, manager: "before-first-apply", old: blank, object: live }, new Map());
}

/** kubectl may take what its own client-side apply has set. */
function refuseConflicts(request: ApplyRequest, { conflicts }: Contested, managers: Managers, type: MergeType): void {
  let found = conflictsOf(conflicts, managers);
  if (found.length > 0 && request.manager === kubectl)
    found = conflictsOutside(found, fieldsLastApplied(withoutManagedFields(request.live), request.apiVersion, type));
  if (found.length > 0) throw conflictError(found);
}

function checkRequest({ applied, apiVersion, kind, live, typeOf }: ApplyRequest): MergeType {
  const sent: Members = isMembers(applied) ? applied : {};
  const sentType = groupVersionKind(textOf(sent["apiVersion"]), textOf(sent["kind"]));
  if (sentType !== groupVersionKind(apiVersion, kind))
    throw new ApiError("BadRequest", `invalid object type: ${sentType}`);
  const metadata = isMembers(sent["metadata"]) ? sent["metadata"] : {};
  if (Array.isArray(metadata["managedFields"])) throw new ApiError("BadRequest", "metadata.managedFields must be nil");
  const type = typeOf(apiVersion);
  if (type === undefined) throw new ApiError("", `no corresponding type for ${sentType}`);
  const whose = (of: Members): string => `${textOf(of["namespace"])}/${textOf(of["name"])}; ${sentType}`;
  within(`failed to create typed patch object (${whose(metadata)})`, () =>
    checkTyped(applied, type, { allowDuplicates: false }),
  );
  within(`failed to create typed live object (${whose(toMembers(live.metadata))})`, () =>
    checkTyped(withoutManagedFields(live), type, { allowDuplicates: true }),
  );
  return type;
}

/** As Go prints one: `apps/v1, Kind=Deployment`, `/v1, Kind=Pod`. */
function groupVersionKind(apiVersion: string, kind: string): string {
  return `${apiVersion.includes("/") ? apiVersion : `/${apiVersion}`}, Kind=${kind}`;
}

function textOf(value: Value | undefined): string {
  return typeof value === "string" ? value : "";
}

function toMembers(metadata: ManagedObject["metadata"]): Members {
  return { namespace: metadata?.namespace, name: metadata?.name };
}

function toObject(value: Value): JsonObject {
  if (!isMembers(value)) throw new TypedError("failed to convert value to unstructured");
  // Merging and pruning have made it new.
  return value as JsonObject;
}

function within<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof TypedError) throw new TypedError(`${what}: ${thrown.message}`);
    throw thrown;
  }
}
