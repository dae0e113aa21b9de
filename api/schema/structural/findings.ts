/** What validation of values has to say, in the words of the OpenAPI library that upstream uses. */
import type { FieldError } from "../../machinery/field-error.ts";
import { bad, required, tooLong, tooMany } from "../../machinery/findings.ts";
import { stringifyJson } from "../../machinery/json.ts";
import type { DeepReadonly, Json } from "../../machinery/object.ts";

type Value = DeepReadonly<Json>;

/** `spec.x` of the whole; the whole itself has no path. */
export function fieldOf(path: string): string {
  return path === "" ? "<nil>" : path;
}

export function childPath(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/** What `found` is: a type's name, or the value that does not have the format. */
export function wrongType(path: string, wanted: string, found: string): FieldError {
  const detail = `${path} in body must be of type ${wanted}: ${JSON.stringify(found)}`;
  return { type: "TypeInvalid", field: fieldOf(path), value: found, detail };
}

export function missing(path: string, name: string): FieldError {
  return required(childPath(path, name));
}

export function notAllowed(path: string, value: Value, allowed: readonly Value[]): FieldError {
  const shown = allowed.map((one) => JSON.stringify(typeof one === "string" ? one : stringifyJson(one)));
  return { type: "NotSupported", field: fieldOf(path), value, detail: `supported values: ${shown.join(", ")}` };
}

/** In the order in which they are listed. */
export function notOneOf(field: string, value: Value, allowed: readonly string[]): FieldError {
  return notAllowed(field, value, allowed);
}

/** `should …` */
export function should(path: string, value: Value, demand: string): FieldError {
  return bad(fieldOf(path), value, `${path} in body should ${demand}`);
}

export function tooLongText(path: string, most: number): FieldError {
  return tooLong(fieldOf(path), most);
}

export function tooManyParts(path: string, count: number, most: number): FieldError {
  return tooMany(fieldOf(path), count, most);
}

export function forbiddenProperty(path: string, name: string): FieldError {
  return bad(fieldOf(path), name, `${path}.${name} in body is a forbidden property`);
}

/** What combined schemas have to say names its place in the text only. */
export function combined(path: string, demand: string): FieldError {
  return bad("<nil>", "", `${JSON.stringify(path)} must ${demand}`);
}

/** A number that the type's range cannot hold. */
export function outOfRange(path: string, what: string, type: string, format: string): FieldError {
  const shown = format === "" ? `${type} (default format)` : `${type} with format ${format}`;
  return bad("<nil>", "", `${what} must be of type ${shown} in ${path}`);
}

/** As Go's `%v`: exponents begin below 1e-4, and have two digits. */
export function numberText(value: number | bigint): string {
  if (typeof value === "bigint" || value === 0 || Math.abs(value) >= 1e-4) return String(value);
  return value.toExponential().replace(/e-(\d)$/, "e-0$1");
}
