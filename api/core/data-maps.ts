import type { ConfigMap, Secret } from "../generated/types/core-v1.ts";
import { semanticEqual } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { forbidden } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";

/** Bytes that the data of one ConfigMap or Secret may have. */
export const longestData = 1_048_576;

export function sizeOfBase64(text: string): number {
  return Buffer.byteLength(text, "base64");
}

type DataMap = DeepReadonly<ConfigMap & Secret>;

/** `immutable: true` is for ever, and holds for the data too (KEP-1412). */
export function frozenData(map: DataMap, old: DataMap, fields: readonly ("data" | "binaryData")[]): FieldError[] {
  if (old.immutable !== true) return [];
  const why = "field is immutable when `immutable` is set";
  return [
    ...(map.immutable === true ? [] : [forbidden("immutable", why)]),
    ...fields.filter((field) => !semanticEqual(map[field], old[field])).map((field) => forbidden(field, why)),
  ];
}
