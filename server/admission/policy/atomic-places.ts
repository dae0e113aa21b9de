import { itemType, membersIn } from "../../../api/machinery/managed-fields/typed-value.ts";
import { isObject } from "../../../api/machinery/members.ts";
import type { DeepReadonly, Json } from "../../../api/machinery/object.ts";
import type { AtomicShape, MergeType } from "../../../api/schema/merge-type.ts";

type Value = DeepReadonly<Json>;

/**
 * Lists, maps and structs in an apply configuration that could only be replaced as a whole: who means to change a part
 * of one would remove the rest. Places as `.spec.containers[0].args`.
 */
export function atomicPlaces(value: Value | undefined, type: MergeType, path = ""): readonly string[] {
  if (!isObject(value) && !Array.isArray(value)) return [];
  switch (type.type) {
    case "atomic":
      return [path, ...inside(value, type.shape, path)];
    case "untyped":
      return Array.isArray(value) ? [path] : [];
    case "map":
      return inMembers(value, type, path);
    default:
      return inItems(value, itemType(type), path);
  }
}

function inside(value: Value, shape: AtomicShape | undefined, path: string): readonly string[] {
  if (shape === undefined || "scalar" in shape) return [];
  return "members" in shape ? inMembers(value, shape.members, path) : inItems(value, shape.items, path);
}

function inMembers(value: Value, type: Extract<MergeType, { type: "map" }>, path: string): readonly string[] {
  if (!isObject(value)) return [];
  return Object.entries(membersIn(value)).flatMap(([name, member]) => {
    const inner = type.declares?.(name) === false ? undefined : type.member(name);
    return inner === undefined ? [] : atomicPlaces(member, inner, `${path}.${name}`);
  });
}

function inItems(value: Value, type: MergeType, path: string): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: Value, index) => atomicPlaces(item, type, `${path}[${index}]`));
}
