import type { MergeType } from "../../schema/merge-type.ts";
import { differenceOf, intersectionOf, unionOf, type FieldSet } from "./field-set.ts";
import { fieldsOf } from "./fields-of.ts";
import type { Manager, Managers } from "./managers.ts";
import { withNamedFields } from "./named-fields.ts";
import { convertTo, type Schema } from "./ownership.ts";
import { removeFields } from "./remove-fields.ts";
import type { Steps } from "./steps.ts";
import type { Value } from "./typed-value.ts";

/** An object and the version that it is in. */
interface Versioned {
  readonly object: Value;
  readonly apiVersion: string;
  readonly type: MergeType;
}

/**
 * The merged object without what the manager applied last time, does not apply any more, and nobody else owns.
 * `managers` has its new set already.
 */
export function* prune(merged: Value, managers: Managers, last: Manager | undefined, schema: Schema): Steps<Value> {
  if (last === undefined || last.fields.size === 0) return merged;
  const type = schema.typeOf(schema.apiVersion);
  if (type === undefined) return merged;
  const there = yield* inVersion({ object: merged, apiVersion: schema.apiVersion, type }, last.apiVersion, schema);
  if (there === undefined) return merged;
  const lastFields = withNamedFields(last.fields, there.type);
  const bare = { ...there, object: removeFields(there.object, lastFields, there.type) };
  const owned = yield* addBackOwned(there, bare, managers, schema);
  const known = yield* inVersion(owned, last.apiVersion, schema);
  const pruned = known === undefined ? there : removeOnly(there, known, lastFields);
  return (yield* inVersion(pruned, schema.apiVersion, schema))?.object ?? merged;
}

/** Puts back what somebody owns, in whatever version; first in the pruned one, so that the object can be converted. */
function* addBackOwned(merged: Versioned, bare: Versioned, managers: Managers, schema: Schema): Steps<Versioned> {
  const ownedAt = new Map<string, FieldSet>();
  for (const { apiVersion, fields } of managers.values()) {
    const known = ownedAt.get(apiVersion);
    ownedAt.set(apiVersion, known === undefined ? fields : unionOf(known, fields));
  }
  const others = [...ownedAt.keys()].filter((version) => version !== bare.apiVersion);
  let pruned = bare;
  for (const version of ownedAt.has(bare.apiVersion) ? [bare.apiVersion, ...others] : others) {
    const whole = yield* inVersion(merged, version, schema);
    const part = whole === undefined ? undefined : yield* inVersion(pruned, version, schema);
    const owned = ownedAt.get(version);
    if (whole === undefined || part === undefined || owned === undefined) continue;
    const kept = unionOf(namedFieldsOf(part), withNamedFields(owned, whole.type));
    pruned = { ...whole, object: removeFields(whole.object, differenceOf(namedFieldsOf(whole), kept), whole.type) };
  }
  return pruned;
}

/** Only what the manager itself had applied goes: not what is below it, unowned or a controller's. */
function removeOnly(merged: Versioned, pruned: Versioned, last: FieldSet): Versioned {
  const gone = differenceOf(namedFieldsOf(merged), namedFieldsOf(pruned));
  return { ...merged, object: removeFields(merged.object, intersectionOf(gone, last), merged.type) };
}

function namedFieldsOf({ object, type }: Versioned): FieldSet {
  return withNamedFields(fieldsOf(object, type), type);
}

/** Undefined: the version is gone. */
function* inVersion(from: Versioned, apiVersion: string, schema: Schema): Steps<Versioned | undefined> {
  if (from.apiVersion === apiVersion) return from;
  const type = schema.typeOf(apiVersion);
  const object = yield* convertTo(from.object, apiVersion, schema);
  return type === undefined || object === undefined ? undefined : { object, apiVersion, type };
}
