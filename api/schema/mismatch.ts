import { goKind } from "../machinery/json.ts";
import type { Json } from "../machinery/object.ts";
import type { StructType, ValueType } from "./schema.ts";

/** What is wrong with a value: Go's words for what was found and what was wanted, or a type's own parser's message. */
export type Complaint = { readonly found: string; readonly wanted: string } | { readonly said: string };

/** A value that its type cannot hold. Never leaves this folder: `conform` turns it into a BadRequest. */
export class MismatchError extends Error {
  override readonly name = "MismatchError";
  readonly complaint: Complaint;

  constructor(complaint: Complaint) {
    super("said" in complaint ? complaint.said : `${complaint.found} is no ${complaint.wanted}`);
    this.complaint = complaint;
  }
}

/** How Go prints a type: `[]v1.Container`. Aliases of strings are not known here and print as `string`. */
export function goType(value: ValueType): string {
  switch (value.type) {
    case "struct":
      return goStruct(value.of);
    case "list":
      return `[]${goType(value.of)}`;
    case "map":
      return value.of.type === "quantity" ? "v1.ResourceList" : `map[string]${goType(value.of)}`;
    case "boolean":
      return "bool";
    case "integer":
      return `${value.unsigned === true ? "u" : ""}int${value.bits}`;
    case "number":
      return "float64";
    case "bytes":
      return "[]uint8";
    default:
      return "string";
  }
}

/** `io.k8s.api.core.v1.Pod` → `v1.Pod`. */
function goStruct(type: StructType): string {
  return type.name.split(".").slice(-2).join(".");
}

export function goName(type: StructType): string {
  return type.name.slice(type.name.lastIndexOf(".") + 1);
}

export function mismatch(value: Json, wanted: ValueType): MismatchError {
  return new MismatchError({ found: goKind(value), wanted: goType(wanted) });
}

/** Structs in structs: far more than any real object has, far less than the call stack holds. */
export const maxDepth = 1000;

export function tooDeep(): MismatchError {
  return new MismatchError({ said: "exceeded max depth" });
}
