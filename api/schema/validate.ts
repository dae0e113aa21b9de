/** What a type itself demands of an object that `conform` has passed: required fields and enums, in upstream's words. */
import type { FieldError } from "../machinery/field-error.ts";
import { required, unsupported } from "../machinery/findings.ts";
import { stringifyJson } from "../machinery/json.ts";
import { isObject } from "../machinery/members.ts";
import type { DeepReadonly, Json, JsonObject } from "../machinery/object.ts";
import { looseEnums, notDemanded, requiredDetails } from "./required-fields.ts";
import type { Field, StructType, ValueType } from "./schema.ts";

type Value = DeepReadonly<Json>;
type Members = DeepReadonly<JsonObject>;

/** Metadata has rules of its own (`validateObjectMeta`), and status is the business of those who write it. */
const objectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/** What one walk over an object takes with it. */
interface Walk {
  readonly findings: FieldError[];
  /** The fields of a type that something can be wrong with, in themselves or in what they hold. */
  readonly fieldsOf: (type: StructType) => readonly Field[];
}

/** The result remembers of each type that it has seen which of its fields are worth a look: a third of a pod's. */
export function createStructureValidator(): (object: Members, type: StructType) => FieldError[] {
  const known = new Map<StructType, readonly Field[]>();
  const fieldsOf = (type: StructType): readonly Field[] => {
    let fields = known.get(type);
    if (fields === undefined) {
      fields = [...type.fields.values()].filter((field) => isDemanding(field, new Set()));
      known.set(type, fields);
    }
    return fields;
  };
  return (object, type) => {
    const walk: Walk = { findings: [], fieldsOf };
    const isKind = type.fields.has("metadata");
    for (const field of fieldsOf(type)) {
      if (isKind && field.name === "status") continue;
      validateField(object, field, type, "", walk);
    }
    return walk.findings;
  };
}

/** `seen` are the types that are being looked at already: they may hold themselves. */
function isDemanding({ required: isRequired, enum: allowed, value }: Field, seen: Set<StructType>): boolean {
  if (isRequired || allowed !== undefined) return true;
  let inner = value;
  while (inner.type === "list" || inner.type === "map") inner = inner.of;
  if ((inner.type !== "struct" && inner.type !== "schemaOr") || seen.has(inner.of)) return false;
  seen.add(inner.of);
  return [...inner.of.fields.values()].some((field) => isDemanding(field, seen));
}

/**
 * Joins what the type and what the kind's own rules find: where both find the same sort of thing about a field the
 * kind's own words stay, since they say more. What is said twice is said once.
 */
export function joinFindings(structural: readonly FieldError[], own: readonly FieldError[]): FieldError[] {
  const superseded = new Set(own.map(placeOf));
  const joined = new Map<string, FieldError>();
  for (const finding of [...structural.filter((one) => !superseded.has(placeOf(one))), ...own]) {
    const said = `${placeOf(finding)} ${finding.detail}`;
    if (!joined.has(said)) joined.set(said, finding);
  }
  return [...joined.values()];
}

function placeOf({ type, field, value }: FieldError): string {
  return `${type} ${field} ${type === "Required" ? "" : stringifyJson(value ?? null)}`;
}

function validateStruct(object: Members, type: StructType, path: string, walk: Walk): void {
  if (type.name === objectMeta) return;
  const prefix = `${path}.`;
  for (const field of walk.fieldsOf(type)) validateField(object, field, type, prefix, walk);
}

function validateField(object: Members, field: Field, type: StructType, prefix: string, walk: Walk): void {
  const { findings } = walk;
  const value = object[field.name];
  if (value === undefined || value === null || isEmptyText(value, field)) {
    if (field.required) demand(field, type, prefix + field.name, findings);
    return;
  }
  if (field.required && field.value.type !== "struct" && isBare(value))
    demand(field, type, prefix + field.name, findings);
  if (field.enum !== undefined) validateEnum(value, field.enum, { field, type, path: prefix + field.name }, findings);
  else if (typeof value === "object") validateValue(value, field.value, prefix + field.name, walk);
}

function isEmptyText(value: Value, { value: { type }, pointer }: Field): boolean {
  return type === "string" && value === "" && !pointer;
}

function isBare(value: Value): boolean {
  return Array.isArray(value)
    ? value.length === 0
    : typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** A struct that is no pointer is always there; numbers are judged by their range. */
function demand(field: Field, type: StructType, path: string, findings: FieldError[]): void {
  const isTold =
    field.pointer || field.value.type === "string" || field.value.type === "list" || field.value.type === "map";
  const place = shortName(type, field);
  if (isTold && !notDemanded.has(place)) findings.push(required(path, requiredDetails.get(place)));
}

function validateValue(value: Value, type: ValueType, path: string, walk: Walk): void {
  switch (type.type) {
    case "struct":
      if (isObject(value)) validateStruct(value, type.of, path, walk);
      return;
    case "list":
      if (!Array.isArray(value) || !holdsStructs(type.of)) return;
      value.forEach((item, index) => validateValue(item, type.of, `${path}[${index}]`, walk));
      return;
    case "map":
      if (!isObject(value) || !holdsStructs(type.of)) return;
      for (const [key, item] of Object.entries(value)) validateValue(item ?? null, type.of, `${path}[${key}]`, walk);
      return;
    case "schemaOr":
      if (isObject(value)) validateStruct(value, type.of, path, walk);
      else if (type.other === "array")
        validateValue(value, { type: "list", of: { type: "struct", of: type.of } }, path, walk);
      return;
    default:
      return;
  }
}

function holdsStructs(type: ValueType): boolean {
  return type.type === "struct" || type.type === "list" || type.type === "map";
}

function validateEnum(
  value: Value,
  allowed: readonly string[],
  { field, type, path }: { readonly field: Field; readonly type: StructType; readonly path: string },
  findings: FieldError[],
): void {
  const found = findings.length;
  if (!Array.isArray(value)) checkOne(value, allowed, path, findings);
  else for (const [index, item] of value.entries()) checkOne(item, allowed, itemPath(field, path, index), findings);
  // Looked up last, for hardly any value is wrong.
  if (findings.length > found && looseEnums.has(shortName(type, field))) findings.length = found;
}

/** Upstream names the list, not the item, for access modes. */
function itemPath(field: Field, path: string, index: number): string {
  return field.name === "accessModes" ? path : `${path}[${index}]`;
}

function checkOne(value: Value, allowed: readonly string[], path: string, findings: FieldError[]): void {
  if (typeof value !== "string" || value === "" || allowed.includes(value)) return;
  findings.push(
    unsupported(
      path,
      value,
      allowed.filter((one) => one !== ""),
    ),
  );
}

/** `io.k8s.api.core.v1.PodSpec` and `containers` → `core.v1.PodSpec.containers`. */
function shortName(type: StructType, field: Field): string {
  return `${type.name.split(".").slice(-3).join(".")}.${field.name}`;
}
