import type { FieldError } from "../../../api/machinery/field-error.ts";
import { goPlain, goTypeName } from "../../../api/machinery/managed-fields/go-format.ts";
import type { DeepReadonly, Json, JsonObject, KubeObject } from "../../../api/machinery/object.ts";
import { at, type ScalePaths } from "../../../api/resource.ts";

const mostReplicas = 2 ** 31 - 1;

/** The members that the scale is made of hold what a scale can say, whatever the schema allows. */
export function validateScale(
  object: DeepReadonly<KubeObject>,
  { specReplicas, statusReplicas, selector }: ScalePaths,
  { subresource }: { readonly subresource: string },
): readonly FieldError[] {
  return [
    ...(subresource === "status" ? [] : replicasFindings(object, specReplicas)),
    ...replicasFindings(object, statusReplicas),
    ...(selector === undefined ? [] : selectorFindings(object, selector)),
  ];
}

function replicasFindings(object: DeepReadonly<KubeObject>, path: string): readonly FieldError[] {
  const value = valueAt(object, path);
  if (value === undefined) return [];
  if (typeof value !== "bigint" && (typeof value !== "number" || !Number.isInteger(value)))
    return [finding(path, 0, mismatch(path, value, "int64"))];
  if (value < 0) return [finding(path, value, "should be a non-negative integer")];
  if (value > mostReplicas) return [finding(path, value, `should be less than or equal to ${mostReplicas}`)];
  return [];
}

function selectorFindings(object: DeepReadonly<KubeObject>, path: string): readonly FieldError[] {
  const value = valueAt(object, path);
  return value === undefined || typeof value === "string" ? [] : [finding(path, "", mismatch(path, value, "string"))];
}

function valueAt(object: DeepReadonly<KubeObject>, path: string): Json | undefined {
  return at(object as DeepReadonly<JsonObject>, path.replace(/^\./, "")) as Json | undefined;
}

/** The field is named as the definition writes it, with its leading dot. */
function finding(field: string, value: unknown, detail: string): FieldError {
  return { type: "Invalid", field, value, detail };
}

function mismatch(path: string, value: Json, expected: string): string {
  return `${path} accessor error: ${goPlain(value)} is of the type ${goTypeName(value)}, expected ${expected}`;
}
