import type { MergeType } from "../../schema/merge-type.ts";
import { checkTyped } from "./check-typed.ts";
import { compare, type Comparison } from "./compare.ts";
import type { FieldFilter } from "./field-filter.ts";
import { differenceOf, intersectionOf, noFields, unionOf, type FieldSet } from "./field-set.ts";
import { withFields, type Manager, type ManagerId, type Managers } from "./managers.ts";
import { isReconciled, reconcileFields } from "./reconcile-fields.ts";
import type { Steps } from "./steps.ts";
import type { Value } from "./typed-value.ts";

/** What is known of the kind that is written. */
export interface Schema {
  /** The version of the request. */
  readonly apiVersion: string;
  /** Undefined: the version is gone, and so are the entries that speak of it. */
  readonly typeOf: (apiVersion: string) => MergeType | undefined;
  readonly filter: FieldFilter | undefined;
}

/** Who loses what when one object becomes another. */
export interface Change {
  readonly old: Value;
  readonly now: Value;
  /** The manager that writes. */
  readonly self: ManagerId;
}

/** What others own of that which a change writes. */
export interface Contested {
  readonly managers: Managers;
  readonly comparison: Comparison;
  readonly conflicts: ReadonlyMap<ManagerId, FieldSet>;
}

/** Entries under the schema of today; those of versions that are gone are dropped. */
export function reconcileManagers(managers: Managers, { typeOf }: Schema): Managers {
  const reconciled = new Map<ManagerId, Manager>();
  for (const [id, manager] of managers) {
    const type = typeOf(manager.apiVersion);
    if (type === undefined) continue;
    const isFine = manager.entry !== undefined && isReconciled(manager.entry.fieldsV1 ?? {}, type);
    reconciled.set(id, isFine ? manager : withFields(manager, reconcileFields(manager.fields, type)));
  }
  return reconciled;
}

/**
 * All managers but the one that writes lose what was changed or removed; what was changed or added is a conflict with
 * those who own it. Each set is compared in the version that it speaks of.
 */
export function* takeFromOthers(change: Change, managers: Managers, schema: Schema): Steps<Contested> {
  const comparison = filtered(compareAs(change, schema.apiVersion, schema), schema.filter);
  const comparisons = new Map<string, Comparison | undefined>([[schema.apiVersion, comparison]]);
  const left = new Map<ManagerId, Manager>();
  const conflicts = new Map<ManagerId, FieldSet>();
  for (const [id, manager] of managers) {
    if (id === change.self) {
      if (manager.fields.size > 0) left.set(id, manager);
      continue;
    }
    if (!comparisons.has(manager.apiVersion))
      comparisons.set(manager.apiVersion, yield* compareIn(manager.apiVersion, change, schema));
    const found = comparisons.get(manager.apiVersion);
    if (found === undefined) continue;
    const contested = intersectionOf(manager.fields, unionOf(found.modified, found.added));
    if (contested.size > 0) conflicts.set(id, contested);
    const fields = differenceOf(differenceOf(manager.fields, contested), found.removed);
    if (fields.size > 0) left.set(id, withFields(manager, fields));
  }
  return { managers: left, comparison, conflicts };
}

function* compareIn(apiVersion: string, { old, now, self }: Change, schema: Schema): Steps<Comparison | undefined> {
  const oldThere = yield* convertTo(old, apiVersion, schema);
  const nowThere = yield* convertTo(now, apiVersion, schema);
  if (oldThere === undefined || nowThere === undefined) return undefined;
  return filtered(compareAs({ old: oldThere, now: nowThere, self }, apiVersion, schema), schema.filter);
}

/** Undefined: the version is gone. Throws TypedError where the other version cannot tell the items of a list apart. */
export function* convertTo(object: Value, apiVersion: string, { typeOf }: Schema): Steps<Value | undefined> {
  const type = typeOf(apiVersion);
  const converted = type === undefined ? undefined : yield { object, apiVersion };
  if (type !== undefined && converted !== undefined) checkTyped(converted, type, { allowDuplicates: false });
  return converted;
}

function compareAs({ old, now }: Change, apiVersion: string, { typeOf }: Schema): Comparison {
  const type = typeOf(apiVersion);
  return type === undefined ? { added: noFields, modified: noFields, removed: noFields } : compare(old, now, type);
}

function filtered({ added, modified, removed }: Comparison, filter: FieldFilter | undefined): Comparison {
  if (filter === undefined) return { added, modified, removed };
  return { added: filter(added), modified: filter(modified), removed: filter(removed) };
}
