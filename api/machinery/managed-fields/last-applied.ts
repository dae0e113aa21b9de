/**
 * The annotation of client-side `kubectl apply`. When kubectl moves to server-side apply, what it had applied so far
 * is no conflict, and the annotation is kept up for those who still read it.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#upgrading-from-client-side-apply-to-server-side-apply
 */
import type { MergeType } from "../../schema/merge-type.ts";
import { deepClone } from "../clone.ts";
import { parseJson } from "../json.ts";
import { getOwn, isObject } from "../members.ts";
import type { Json, JsonObject } from "../object.ts";
import { ApiError } from "../status.ts";
import { checkTyped } from "./check-typed.ts";
import { compare } from "./compare.ts";
import { differenceOf, noFields, type FieldSet } from "./field-set.ts";
import { fieldsOf } from "./fields-of.ts";
import { goJson } from "./go-json.ts";
import { TypedError } from "./typed-error.ts";
import { isMembers, type Members, type Value } from "./typed-value.ts";

const annotation = "kubectl.kubernetes.io/last-applied-configuration";
/** Of all annotations of an object, keys and values. */
const mostAnnotationBytes = 256 * 1024;

/** The only manager whose annotation is the server's business. */
export const kubectl = "kubectl";

/** What the last client-side apply set and nobody has changed since; nothing where the annotation tells nothing. */
export function fieldsLastApplied(live: Value, apiVersion: string, type: MergeType): FieldSet {
  const text = lastAppliedText(live);
  const applied = text === undefined ? undefined : parseLastApplied(text);
  if (applied === undefined || applied["apiVersion"] !== apiVersion) return noFields;
  try {
    checkTyped(live, type, { allowDuplicates: false });
    checkTyped(applied, type, { allowDuplicates: false });
    const { added, modified, removed } = compare(applied, live, type);
    return [modified, added, removed].reduce(differenceOf, fieldsOf(applied, type));
  } catch (thrown) {
    if (thrown instanceof TypedError) return noFields;
    throw thrown;
  }
}

/** The object with the annotation brought up to what was applied now; undefined where it has none, or says so already. */
export function withLastApplied(object: Value, applied: Value): JsonObject | undefined {
  const before = lastAppliedText(object);
  if (before === undefined || !isMembers(object)) return undefined;
  const text = `${goJson(withoutAnnotation(applied))}\n`;
  if (text === before) return undefined;
  const copy = deepClone<JsonObject>(object);
  const annotations = annotationsOf(copy);
  if (annotations === undefined) return undefined;
  annotations[annotation] = text;
  if (annotationBytes(annotations) > mostAnnotationBytes) delete annotations[annotation];
  return copy;
}

function lastAppliedText(object: Value): string | undefined {
  const text = getOwn(annotationsOf(object) ?? {}, annotation);
  return typeof text === "string" && text !== "" ? text : undefined;
}

function annotationsOf(object: Value): Record<string, Json> | undefined {
  const metadata = isMembers(object) ? getOwn(object, "metadata") : undefined;
  const annotations = isMembers(metadata) ? getOwn(metadata, "annotations") : undefined;
  return isObject(annotations) ? (annotations as Record<string, Json>) : undefined;
}

function withoutAnnotation(applied: Value): Value {
  const copy = deepClone<Json>(applied);
  const annotations = annotationsOf(copy);
  if (annotations !== undefined) delete annotations[annotation];
  return copy;
}

function annotationBytes(annotations: Readonly<Record<string, Json>>): number {
  return Object.entries(annotations).reduce(
    (bytes, [key, value]) =>
      bytes + Buffer.byteLength(key) + (typeof value === "string" ? Buffer.byteLength(value) : 0),
    0,
  );
}

function parseLastApplied(text: string): Members | undefined {
  try {
    const { value } = parseJson(Buffer.from(text), { duplicates: true });
    return isMembers(value) ? value : undefined;
  } catch (thrown) {
    if (thrown instanceof ApiError) return undefined;
    throw thrown;
  }
}
