import type { MergeType } from "../../schema/merge-type.ts";
import { isObject } from "../members.ts";
import { leafNode, type FieldNode, type FieldSet } from "./field-set.ts";
import { typeAt } from "./named-fields.ts";
import type { PathElement } from "./path-element.ts";
import { itemType } from "./typed-value.ts";

/**
 * The set as it reads under a schema that may have changed since it was written: whoever owned something in a map or
 * list that is atomic now owns it as a whole. (The other way round nothing has to change.)
 */
export function reconcileFields(set: FieldSet, type: MergeType): FieldSet {
  let made: Map<PathElement, FieldNode> | undefined;
  for (const [element, node] of set) {
    const inner = typeBelow(element, type);
    // Upstream leaves values without a schema alone, and so scalars.
    if (inner === undefined || inner.type === "untyped" || isScalar(inner)) continue;
    const { below } = node;
    if (below === undefined) continue;
    const reconciled = inner.type === "atomic" ? leafNode : reconcileBranch(node, below, inner);
    if (reconciled !== node) (made ??= new Map(set)).set(element, reconciled);
  }
  return made ?? set;
}

/**
 * Whether nothing has to change in a stored set. Every write asks this of every entry, so it looks at fieldsV1 as it
 * stands, which a set is not yet made of.
 */
export function isReconciled(fields: unknown, type: MergeType): boolean {
  if (!isObject(fields)) return false;
  for (const element in fields) {
    const inner = typeBelow(element, type);
    if (inner === undefined || inner.type === "untyped" || isScalar(inner)) continue;
    const below = fields[element];
    if (inner.type === "atomic" ? !isLeaf(below) : !isReconciled(below, inner)) return false;
  }
  return true;
}

function isLeaf(fields: unknown): boolean {
  if (isObject(fields)) for (const element in fields) if (element !== ".") return false;
  return true;
}

function typeBelow(element: PathElement, type: MergeType): MergeType | undefined {
  return type.type === "set" || type.type === "keyedList" ? itemType(type) : typeAt(element, type);
}

function reconcileBranch(node: FieldNode, below: FieldSet, type: MergeType): FieldNode {
  const reconciled = reconcileFields(below, type);
  return reconciled === below ? node : { owned: node.owned, below: reconciled };
}

function isScalar(type: MergeType): boolean {
  return type.type === "atomic" && type.shape !== undefined && "scalar" in type.shape;
}
