import type { FieldError } from "../../machinery/field-error.ts";
import type { DeepReadonly, Json } from "../../machinery/object.ts";
import { wrongType } from "./findings.ts";
import { isKnownFormat } from "./formats.ts";
import type { Structural } from "./structural.ts";

/** 1: the value has the type, or there was none to have. */
export function checkType(value: DeepReadonly<Json>, schema: Structural, path: string, findings: FieldError[]): number {
  const { type, intOrString } = schema;
  const wanted = intOrString ? "integer,string" : type;
  const format = knownFormat(schema);
  if (wanted === "" && format === "") return 0;
  const found = jsonType(value);
  if (found === "null") {
    if (wanted === "") return 1;
    if (schema.nullable) return 1;
    findings.push(wrongType(path, wanted, found));
    return 0;
  }
  if (intOrString ? found === "integer" || found === "string" : isOfType(found, type)) return 1;
  const isNamedByFormat = found !== "string" && found !== "array" && format !== "";
  // Upstream leaves these to the format, which asks nothing of lists.
  if (!isNamedByFormat && format !== "" && !wanted.includes("integer") && type !== "number") return 1;
  findings.push(isNamedByFormat ? wrongType(path, format, numberFormat(found)) : wrongType(path, wanted, found));
  return 0;
}

function knownFormat({ type, values }: Structural): string {
  const format = values?.format ?? "";
  return format !== "" && isKnownFormat(type, format) ? format : "";
}

function isOfType(found: string, type: string): boolean {
  return found === type || (found === "integer" && type === "number");
}

/** JSON's types, with whole numbers apart. */
function jsonType(value: DeepReadonly<Json>): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  switch (typeof value) {
    case "bigint":
      return "integer";
    case "number":
      return Number.isInteger(value) ? "integer" : "number";
    default:
      return typeof value;
  }
}

/** Where a format was wanted, upstream names the format that was found. */
function numberFormat(found: string): string {
  return found === "integer" ? "int64" : found === "number" ? "float64" : "";
}
