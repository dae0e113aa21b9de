import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  listOf,
  mapOf,
  nullType,
  opaque,
  optionalOf,
  stringType,
  timestampType,
  uintType,
  type Type,
} from "../types/type.ts";
import { Uint, type Value } from "../values/value.ts";

interface NamedType {
  readonly type: Type;
  /** As `type(x)` shows it. */
  readonly typeName: string;
}

function row(name: string, type: Type, typeName = name): readonly [string, NamedType] {
  return [name, { type, typeName }];
}

export const timestampName = "google.protobuf.Timestamp";
export const durationName = "google.protobuf.Duration";

/** Types that expressions may name. */
export const namedTypes: ReadonlyMap<string, NamedType> = new Map([
  row("bool", boolType),
  row("bytes", bytesType),
  row("double", doubleType),
  row("dyn", dynType),
  row("int", intType),
  row("list", listOf(dynType)),
  row("map", mapOf(dynType, dynType)),
  row("null_type", nullType),
  row("optional_type", optionalOf(dynType)),
  row("string", stringType),
  row("type", { type: "type", of: dynType }),
  row("uint", uintType),
  ...["kubernetes.NamedFormat", "kubernetes.Quantity", "kubernetes.Semver", "kubernetes.URL", "net.CIDR", "net.IP"].map(
    (name) => row(name, opaque(name)),
  ),
  row(durationName, durationType),
  row(timestampName, timestampType),
]);

export function literalType(value: Value): Type {
  if (value === null) return nullType;
  if (typeof value === "boolean") return boolType;
  if (typeof value === "bigint") return intType;
  if (typeof value === "number") return doubleType;
  if (typeof value === "string") return stringType;
  return value instanceof Uint ? uintType : bytesType;
}
