import type { MergeType } from "../../schema/merge-type.ts";
import { fieldNode, type FieldNode, type FieldSet } from "./field-set.ts";
import type { PathElement } from "./path-element.ts";
import { isDeclared, itemType, memberType } from "./typed-value.ts";

/**
 * The set and every field above it that the schema names. Such a field is never owned by itself, but it goes with the
 * last field in it.
 */
export function withNamedFields(set: FieldSet, type: MergeType | undefined): FieldSet {
  const named = new Map<PathElement, FieldNode>();
  for (const [element, { owned, below }] of set)
    named.set(
      element,
      fieldNode(
        owned || (below !== undefined && isNamed(element, type)),
        below === undefined ? undefined : withNamedFields(below, typeAt(element, type)),
      ),
    );
  return named;
}

function isNamed(element: PathElement, type: MergeType | undefined): boolean {
  return type?.type === "map" && element.startsWith("f:") && isDeclared(type, element.slice(2));
}

/** The type of what stands at an element; undefined where the type has no such place. */
export function typeAt(element: PathElement, type: MergeType | undefined): MergeType | undefined {
  if (type === undefined) return undefined;
  if (element.startsWith("f:"))
    return type.type === "map" || type.type === "untyped" ? memberType(type, element.slice(2)) : undefined;
  if (!element.startsWith("k:")) return undefined;
  return type.type === "keyedList" ? itemType(type) : undefined;
}
