import type { JSONSchemaProps, SelectableField } from "../generated/types/apiextensions-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, required, tooMany } from "../machinery/findings.ts";
import { getOwn } from "../machinery/members.ts";
import type { DeepReadonly } from "../machinery/object.ts";

type Schema = DeepReadonly<JSONSchemaProps>;

const most = 8;
const selectableTypes = new Set(["string", "boolean", "integer"]);

/** https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#field-selectors */
export function validateSelectableFields(
  fields: DeepReadonly<readonly SelectableField[]>,
  schema: Schema | undefined,
  path: string,
): FieldError[] {
  if (fields.length === 0) return [];
  if (schema === undefined) {
    const detail = path.startsWith("spec.versions[")
      ? "may only be set when `version.schema.openAPIV3Schema` is not included"
      : "may only be set when validations.schema is included";
    return [bad(path, "", detail)];
  }
  const seen = new Set<string>();
  const findings = fields.flatMap(({ jsonPath }, index) => judge(jsonPath, schema, `${path}[${index}].jsonPath`, seen));
  if (seen.size > most) findings.push(tooMany(path, seen.size, most));
  return findings;
}

function judge(jsonPath: string, schema: Schema, field: string, seen: Set<string>): FieldError[] {
  if (!jsonPath) return [required(field)];
  const names = namesOf(jsonPath);
  if (typeof names === "string") return [bad(field, jsonPath, `is an invalid path: ${names}`)];
  const found = below(schema, names);
  if (found === undefined) return [bad(field, jsonPath, "is an invalid path: does not refer to a valid field")];
  const findings: FieldError[] = [];
  if (names[0] === "metadata") findings.push(bad(field, jsonPath, "must not point to fields in metadata"));
  if (!selectableTypes.has(found.type ?? "")) {
    const types = "must point to a field of type string, boolean or integer.";
    findings.push(bad(field, jsonPath, `${types} Enum string fields and strings with formats are allowed.`));
  }
  const key = JSON.stringify(names);
  if (seen.has(key)) findings.push(duplicate(field, jsonPath));
  seen.add(key);
  return findings;
}

/** `.spec.color` → spec, color; a text says what is wrong. */
function namesOf(path: string): readonly string[] | string {
  if (path.includes("[")) return "array notation is not allowed";
  if (!path.startsWith(".")) return `expected [ or . but got: ${path.split(".", 1)[0] ?? ""}`;
  const names = path.slice(1).split(".");
  return names.at(-1) === "" ? "unexpected end of JSON path" : names;
}

function below(schema: Schema, names: readonly string[]): Schema | undefined {
  let current: Schema | undefined = schema;
  for (const name of names) {
    if (current === undefined) return undefined;
    const { properties, additionalProperties }: Schema = current;
    if (properties !== undefined) current = getOwn(properties, name);
    else current = typeof additionalProperties === "object" ? additionalProperties : undefined;
  }
  return current;
}
