/** Objects in objects: what is demanded of the apiVersion, kind and metadata of each. */
import type { FieldError } from "../../machinery/field-error.ts";
import { bad, required } from "../../machinery/findings.ts";
import { getOwn, isObject } from "../../machinery/members.ts";
import { validateObjectMeta } from "../../machinery/meta-validation.ts";
import { dns1035Label } from "../../machinery/names.ts";
import type { DeepReadonly, Json, JsonObject, ObjectMeta } from "../../machinery/object.ts";
import { childPath } from "./findings.ts";
import { memberSchema, type Structural } from "./structural.ts";

type Value = DeepReadonly<Json>;

/** Of all objects that are embedded; the whole has rules of its own. */
export function validateEmbedded(value: Value, schema: Structural | undefined, path = ""): FieldError[] {
  if (schema === undefined || !schema.holds.embedded) return [];
  if (Array.isArray(value))
    return value.flatMap((item: Value, index) => validateEmbedded(item, schema.items, `${path}[${index}]`));
  if (!isObject(value)) return [];
  const members = Object.entries(value as JsonObject).flatMap(([key, item]) => {
    const here = schema.properties?.has(key) === true ? childPath(path, key) : `${path}[${key}]`;
    return validateEmbedded(item ?? null, memberSchema(schema, key), here);
  });
  return schema.embedded ? [...validateResource(value as JsonObject, path), ...members] : members;
}

function validateResource(object: JsonObject, path: string): FieldError[] {
  return [
    ...validateTypeMeta(object, "apiVersion", path, groupVersionProblems),
    ...validateTypeMeta(object, "kind", path, kindProblems),
    ...validateMetadata(getOwn(object, "metadata"), childPath(path, "metadata")),
  ];
}

function validateTypeMeta(
  object: JsonObject,
  name: "apiVersion" | "kind",
  path: string,
  problems: (text: string) => readonly string[],
): FieldError[] {
  const value = getOwn(object, name);
  const field = childPath(path, name);
  if (value === undefined) return [required(field)];
  if (value === "") return [bad(field, value, "must not be empty")];
  if (typeof value !== "string") return [bad(field, value, "must be a string")];
  return problems(value).map((problem) => bad(field, value, problem));
}

function groupVersionProblems(text: string): readonly string[] {
  return text.split("/").length > 2 ? [`unexpected GroupVersion string: ${text}`] : [];
}

function kindProblems(kind: string): readonly string[] {
  const problems = dns1035Label(kind.toLowerCase());
  return problems.length === 0 ? [] : [`may have mixed case, but should otherwise match: ${problems.join(",")}`];
}

function validateMetadata(value: Json | undefined, path: string): FieldError[] {
  if (!isObject(value)) return value === undefined ? [] : [bad(path, value, "must be an object")];
  // Decoding has made it one; names are nobody's duty inside of another object.
  const metadata = value as DeepReadonly<ObjectMeta>;
  const findings = validateObjectMeta(
    { ...metadata, name: metadata.name === undefined || metadata.name === "" ? "fakename" : metadata.name },
    { scope: (metadata.namespace ?? "") === "" ? "Cluster" : "Namespaced", nameRule: "pathSegment", isCustom: true },
  );
  return findings.map((finding) => ({ ...finding, field: path + finding.field.slice("metadata".length) }));
}
