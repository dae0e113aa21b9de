import type { AtomicShape, MergeType } from "../../schema/merge-type.ts";
import { goPlain, goSyntax, goTypeName } from "./go-format.ts";
import { describePathElement, fieldElement, itemElement, type PathElement } from "./path-element.ts";
import { TypedError, type TypedFinding } from "./typed-error.ts";
import { isMembers, itemType, memberType, type ListType, type MapType, type Value } from "./typed-value.ts";

interface Check {
  readonly findings: TypedFinding[];
  /** An object that is stored already may have items that are there more than once; an applied one may not. */
  readonly allowDuplicates: boolean;
}

/** Throws TypedError with all that does not fit: unknown fields, values of another kind, items given twice. */
export function checkTyped(object: Value, type: MergeType, options: { readonly allowDuplicates: boolean }): void {
  const check: Check = { findings: [], ...options };
  visit(check, object, type, "");
  if (check.findings.length > 0) throw new TypedError(check.findings);
}

function visit(check: Check, value: Value, type: MergeType, path: string): void {
  if (value === null) return;
  switch (type.type) {
    case "atomic":
      if (type.shape !== undefined) visitAtomic(check, value, type.shape, path);
      return;
    case "map":
      return visitMap(check, value, type, path);
    case "untyped":
      return;
    default:
      return visitList(check, value, type, path);
  }
}

function visitAtomic(check: Check, value: Value, shape: AtomicShape, path: string): void {
  if ("members" in shape) return visitMap(check, value, shape.members, path);
  if ("scalar" in shape) {
    const message = scalarComplaint(value, shape.scalar);
    if (message !== undefined) check.findings.push({ path, message });
    return;
  }
  if (!Array.isArray(value)) return complainOfKind(check, value, "list", path);
  value.forEach((item: Value, index) => visit(check, item, shape.items, `${path}[${index}]`));
}

function scalarComplaint(value: Value, wanted: Extract<AtomicShape, { scalar: string }>["scalar"]): string | undefined {
  const isNumber = typeof value === "number" || typeof value === "bigint";
  switch (wanted) {
    case "numeric":
      return isNumber ? undefined : `expected numeric (int or float), got ${goTypeName(value)}`;
    case "string":
      return typeof value === "string"
        ? undefined
        : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`;
    case "boolean":
      return typeof value === "boolean" ? undefined : `expected boolean, got &{${goPlain(value)}}`;
    case "any":
      return typeof value === "object" ? `expected any scalar, got &{${goPlain(value)}}` : undefined;
  }
}

function complainOfKind({ findings }: Check, value: Value, wanted: "list" | "map", path: string): void {
  findings.push({ path, message: `expected ${wanted}, got &{${goPlain(value)}}` });
}

function visitMap(check: Check, value: Value, type: MapType, path: string): void {
  if (!isMembers(value)) return complainOfKind(check, value, "map", path);
  for (const name in value) {
    const member = value[name];
    if (member === undefined) continue;
    const inner = memberType(type, name);
    const place = path + describePathElement(fieldElement(name));
    if (inner !== undefined) visit(check, member, inner, place);
    else {
      // Upstream looks no further in this map.
      check.findings.push({ path: place, message: "field not declared in schema" });
      return;
    }
  }
}

function visitList(check: Check, value: Value, type: ListType, path: string): void {
  if (!Array.isArray(value)) return complainOfKind(check, value, "list", path);
  const seen = new Set<PathElement>();
  for (const [index, item] of value.entries()) {
    const element = elementAt(check, item, index, type, path);
    if (element === undefined) return;
    if (seen.has(element) && !check.allowDuplicates)
      check.findings.push({ path, message: `duplicate entries for key ${describePathElement(element)}` });
    seen.add(element);
    visit(check, item, itemType(type), path + describePathElement(element));
  }
}

/** Undefined, with a finding, where an item cannot be told from the others: then the rest cannot either. */
function elementAt(check: Check, item: Value, index: number, type: ListType, path: string): PathElement | undefined {
  try {
    return itemElement(item, type);
  } catch (thrown) {
    if (!(thrown instanceof TypedError)) throw thrown;
    check.findings.push({ path, message: `element ${index}: ${thrown.message}` });
    return undefined;
  }
}
