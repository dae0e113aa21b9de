import type { Json } from "../machinery/object.ts";
import { CelError } from "./cel.ts";
import { objectTypeName } from "./library/mutations.ts";
import { ListValue } from "./values/list.ts";
import { MapValue } from "./values/map.ts";
import { BuiltObject } from "./values/object.ts";
import { plainJson } from "./values/plain.ts";
import type { Value } from "./values/value.ts";

export { applyConfigurationType, jsonPatchesType } from "./library/mutations.ts";

/** One operation of RFC 6902, as an expression has made it. */
export interface CelPatch {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: Json;
}

/** What an `Object{…}` says. Throws CelError where a part is named otherwise than its place: `Object.spec` in `spec`. */
export function applyConfigurationOf(result: unknown): Json {
  if (!(result instanceof BuiltObject)) throw new CelError("unexpected evaluation result type");
  const problems = misnamed(result, [objectTypeName]);
  if (problems.length > 0) throw new CelError(problems.join("\n"));
  return plainJson(result);
}

function misnamed(value: Value, path: readonly string[]): readonly string[] {
  if (value instanceof ListValue) return [...value].flatMap((item) => misnamed(item, path));
  if (value instanceof MapValue) return [...value.keys()].flatMap((key) => misnamed(value.get(key) ?? null, path));
  if (!(value instanceof BuiltObject)) return [];
  const expected = path.join(".");
  const inside = [...value.values].flatMap(([name, field]) => misnamed(field, [...path, name]));
  if (value.typeName === expected) return inside;
  const words = "which matches field name path from root Object type";
  return [`unexpected type name "${value.typeName}", expected "${expected}", ${words}`, ...inside];
}

/** What a list of `JSONPatch{…}` says. Throws CelError. */
export function jsonPatchesOf(result: unknown): readonly CelPatch[] {
  if (!(result instanceof ListValue)) throw new CelError("unexpected evaluation result type");
  return [...result].map((item) => {
    if (!(item instanceof BuiltObject)) throw new CelError("unexpected evaluation result type");
    const value = item.get("value");
    const from = text(item, "from");
    return {
      op: text(item, "op"),
      path: text(item, "path"),
      ...(from === "" ? {} : { from }),
      ...(value === undefined ? {} : { value: plainJson(value) }),
    };
  });
}

function text(patch: BuiltObject, field: string): string {
  const value = patch.get(field) ?? "";
  if (typeof value === "string") return value;
  throw new CelError(`unexpected type for JSONPatchType '${field}' field`);
}
