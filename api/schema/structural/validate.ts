/**
 * Values against a schema. On an update, what did not change since is forgiven: definitions may become stricter while
 * objects live on.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-ratcheting
 */
import { deepEqual } from "../../machinery/equal.ts";
import type { FieldError } from "../../machinery/field-error.ts";
import { getOwn, isObject } from "../../machinery/members.ts";
import type { DeepReadonly, Json, JsonObject } from "../../machinery/object.ts";
import type { RegularExpressions } from "../../machinery/regular-expression.ts";
import { childPath, combined, forbiddenProperty, missing, notAllowed, tooManyParts, should } from "./findings.ts";
import { checkNumber, checkText } from "./scalar-rules.ts";
import { memberSchema, type SizeRules, type Structural, type ValueRules } from "./structural.ts";
import { checkType } from "./type-rules.ts";
import { keyOf } from "./unique-lists.ts";

export type Value = DeepReadonly<Json>;
type Members = DeepReadonly<JsonObject>;

/** No old value stands for this one. JSON has no undefined. */
type Old = Value | undefined;

export interface Validation {
  readonly patterns: RegularExpressions;
}

export interface Walk extends Validation {
  readonly findings: FieldError[];
}

/** A value where it stands, and what stood there before. */
interface Place {
  readonly value: Value;
  readonly path: string;
  readonly old: Old;
}

/** An object may be wrong in more places than anyone reads. */
const mostFindings = 1_000;

/** All findings. With an old value, without those about what is as it was. */
export function validateValue(value: Value, schema: Structural, using: Validation, old?: Value): FieldError[] {
  const walk: Walk = { ...using, findings: [] };
  visit({ value, path: "", old }, schema, walk);
  return distinct(walk.findings);
}

function distinct(findings: readonly FieldError[]): FieldError[] {
  const seen = new Set<string>();
  return findings.filter(({ type, field, detail }) => {
    const text = `${type} ${field} ${detail}`;
    return !seen.has(text) && seen.add(text);
  });
}

/**
 * Answers how many checks the value passed, and those of its parts: of alternatives that all fail, the one that got
 * furthest is explained.
 */
function visit(place: Place, schema: Structural, walk: Walk): number {
  const before = walk.findings.length;
  if (before >= mostFindings) return 0;
  const passed = check(place, schema, walk);
  if (walk.findings.length > before && place.old !== undefined && deepEqual(place.value, place.old))
    walk.findings.length = before;
  return passed;
}

function check(place: Place, schema: Structural, walk: Walk): number {
  const { value, path } = place;
  let passed = checkType(value, schema, path, walk.findings);
  if (schema.values !== undefined || schema.type === "integer") passed += checkRules(value, schema, path, walk);
  if (Array.isArray(value)) passed += checkList(value, place, schema, walk);
  else if (isObject(value)) passed += checkObject(value as Members, place, schema, walk);
  return passed + 2;
}

function checkRules(value: Value, schema: Structural, path: string, walk: Walk): number {
  const { values = {} } = schema;
  const { enum: allowed } = values;
  let passed = value === null ? 0 : checkCombined(value, values, path, walk);
  if (typeof value === "string") passed += checkText(value, schema, path, walk);
  else if (typeof value === "number" || typeof value === "bigint") checkNumber(value, schema, path, walk.findings);
  if (allowed !== undefined && !allowed.some((one) => isSame(value, one)))
    walk.findings.push(notAllowed(path, value, allowed));
  return passed;
}

/** Null is none of the values, even where it is listed. */
function isSame(value: Value, allowed: Value): boolean {
  return value !== null && deepEqual(value, allowed);
}

function checkList(value: readonly Value[], { path, old }: Place, schema: Structural, walk: Walk): number {
  const { items, values } = schema;
  let passed = 1;
  if (items !== undefined) {
    const oldItem = correlate(schema, old);
    for (const [index, item] of value.entries())
      passed += visit({ value: item, path: `${path}[${index}]`, old: oldItem(item) }, items, walk);
  }
  const { least = 0, most = Infinity } = values?.list ?? {};
  if (value.length < least) walk.findings.push(should(path, value.length, `have at least ${least} items`));
  if (value.length > most) walk.findings.push(tooManyParts(path, value.length, most));
  return passed;
}

/** Items of list maps have an old self: the item that had their key. */
export function correlate(schema: Structural, old: Old): (item: Value) => Old {
  if (schema.list?.type !== "map" || !Array.isArray(old)) return () => undefined;
  let byKey: Map<string, Value> | undefined;
  const keyText = (item: Value): string => JSON.stringify(Object.entries(keyOf(item, schema)).map(String));
  return (item) => {
    byKey ??= new Map(old.map((oldItem: Value) => [keyText(oldItem), oldItem]));
    return byKey.get(keyText(item));
  };
}

function checkObject(value: Members, place: Place, schema: Structural, walk: Walk): number {
  const { object } = schema.values ?? {};
  if (object !== undefined) checkSize(value, object, place.path, walk.findings);
  const passed =
    schema.properties === undefined && schema.additional === undefined ? 0 : checkMembers(value, place, schema, walk);
  for (const name of object?.required ?? [])
    if (getOwn(value, name) === undefined) walk.findings.push(missing(place.path, name));
  return passed;
}

function checkSize(
  value: Members,
  { least = 0, most = Infinity }: SizeRules,
  path: string,
  findings: FieldError[],
): void {
  const size = Object.keys(value).length;
  if (size < least) findings.push(should(path, size, `have at least ${least} properties`));
  if (size > most) findings.push(tooManyParts(path, size, most));
}

function checkMembers(value: Members, { path, old }: Place, schema: Structural, walk: Walk): number {
  let passed = 0;
  const oldMembers = isObject(old) ? (old as Members) : undefined;
  for (const [name, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const member = memberSchema(schema, name);
    const place = { value: item, path: childPath(path, name), old: oldMember(oldMembers, name, path) };
    if (member !== undefined) passed += visit(place, member, walk);
    else if (schema.additional === false) walk.findings.push(forbiddenProperty(path, name));
  }
  return passed;
}

/** Two versions' apiVersions are compared as one: it is nobody's merit that they are equal. */
function oldMember(old: Members | undefined, name: string, path: string): Old {
  if (old === undefined || (path === "" && (name === "apiVersion" || name === "kind"))) return undefined;
  return getOwn(old, name);
}

/** Alternatives are judged as if there were no old value. */
function checkCombined(value: Value, values: ValueRules, path: string, walk: Walk): number {
  let passed = 1;
  if (values.anyOf !== undefined) passed += checkAnyOf(value, values.anyOf, path, walk);
  if (values.oneOf !== undefined) passed += checkOneOf(value, values.oneOf, path, walk);
  if (values.allOf !== undefined) passed += checkAllOf(value, values.allOf, path, walk);
  if (values.not !== undefined && attempt(value, values.not, path, walk).findings.length === 0)
    walk.findings.push(combined(path, "not validate the schema (not)"));
  return passed;
}

interface Attempt {
  readonly findings: readonly FieldError[];
  readonly passed: number;
}

function attempt(value: Value, schema: Structural, path: string, walk: Walk): Attempt {
  const own: Walk = { patterns: walk.patterns, findings: [] };
  const passed = visit({ value, path, old: undefined }, schema, own);
  return { findings: own.findings, passed };
}

function furthest(attempts: readonly Attempt[]): Attempt | undefined {
  return attempts.reduce<Attempt | undefined>(
    (best, one) => (best === undefined || one.passed > best.passed ? one : best),
    undefined,
  );
}

function checkAnyOf(value: Value, schemas: readonly Structural[], path: string, walk: Walk): number {
  const failed: Attempt[] = [];
  for (const schema of schemas) {
    const one = attempt(value, schema, path, walk);
    if (one.findings.length === 0) return one.passed;
    failed.push(one);
  }
  walk.findings.push(combined(path, "validate at least one schema (anyOf)"));
  return explain(furthest(failed), walk);
}

function checkOneOf(value: Value, schemas: readonly Structural[], path: string, walk: Walk): number {
  const attempts = schemas.map((schema) => attempt(value, schema, path, walk));
  const valid = attempts.filter(({ findings }) => findings.length === 0);
  if (valid.length === 1) return valid[0]?.passed ?? 0;
  const found = valid.length === 0 ? "Found none valid" : `Found ${valid.length} valid alternatives`;
  walk.findings.push(combined(path, `validate one and only one schema (oneOf). ${found}`));
  return valid.length === 0 ? explain(furthest(attempts), walk) : 0;
}

function checkAllOf(value: Value, schemas: readonly Structural[], path: string, walk: Walk): number {
  const attempts = schemas.map((schema) => attempt(value, schema, path, walk));
  const passed = attempts.reduce((sum, one) => sum + explain(one, walk), 0);
  const valid = attempts.filter(({ findings }) => findings.length === 0).length;
  if (valid < schemas.length)
    walk.findings.push(combined(path, `validate all the schemas (allOf)${valid === 0 ? ". None validated" : ""}`));
  return passed;
}

function explain(one: Attempt | undefined, walk: Walk): number {
  for (const finding of one?.findings ?? []) walk.findings.push(finding);
  return one?.passed ?? 0;
}
