/** How Go prints values of unknown type: what an apply that does not fit is told. https://pkg.go.dev/fmt */
import { goJson } from "./go-json.ts";
import { isMembers, type Members, type Value } from "./typed-value.ts";

/** `%v`: `map[a:1 b:[x y]]`. */
export function goPlain(value: Value | undefined): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return `[${value.map((item: Value) => goPlain(item)).join(" ")}]`;
  if (isMembers(value))
    return `map[${sortedNames(value)
      .map((name) => `${name}:${goPlain(value[name])}`)
      .join(" ")}]`;
  return typeof value === "string" ? value : goJson(value);
}

/** `%#v`: `map[string]interface {}{"a":1}`. */
export function goSyntax(value: Value | undefined): string {
  if (value === null || value === undefined) return "interface {}(nil)";
  if (Array.isArray(value)) return `[]interface {}{${value.map((item: Value) => goSyntax(item)).join(", ")}}`;
  if (isMembers(value))
    return `map[string]interface {}{${sortedNames(value)
      .map((name) => `${JSON.stringify(name)}:${goSyntax(value[name])}`)
      .join(", ")}}`;
  return typeof value === "string" ? JSON.stringify(value) : goJson(value);
}

/** `%T`. */
export function goTypeName(value: Value | undefined): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return "[]interface {}";
  if (isMembers(value)) return "map[string]interface {}";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "string";
  return Number.isInteger(Number(value)) ? "int64" : "float64";
}

function sortedNames(object: Members): string[] {
  return Object.keys(object)
    .filter((name) => object[name] !== undefined)
    .sort();
}
