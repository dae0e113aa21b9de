import type { Path, PathElement } from "./path-element.ts";
import { sortPathElements } from "./path-element.ts";

/**
 * Fields of an object, as a tree of path elements. Owning a field says nothing of the fields below it, nor of those
 * above. No branch is without an owned field. Sets are never changed once they are built; what an operation leaves as it
 * was it answers itself, so identity tells that nothing happened.
 */
export type FieldSet = ReadonlyMap<PathElement, FieldNode>;

export interface FieldNode {
  readonly owned: boolean;
  readonly below: FieldSet | undefined;
}

export const noFields: FieldSet = new Map();
/** A field with nothing below it: nearly all. */
export const leafNode: FieldNode = { owned: true, below: undefined };

export function fieldNode(owned: boolean, below: FieldSet | undefined): FieldNode {
  if (below === undefined || below.size === 0) return owned ? leafNode : { owned, below: undefined };
  return { owned, below };
}

export function hasPath(set: FieldSet, path: Path): boolean {
  let node: FieldNode | undefined;
  let below: FieldSet | undefined = set;
  for (const element of path) {
    node = below?.get(element);
    below = node?.below;
  }
  return node?.owned === true;
}

/** A set while it is being built, with the nodes in it: none of it is in use elsewhere. */
export type GrowingSet = Map<PathElement, FieldNode>;

/** The path to the whole object adds nothing: nobody owns that. */
export function insertNode(set: GrowingSet, path: Path, node: FieldNode): void {
  const last = path.at(-1);
  if (last === undefined) return;
  let level = set;
  for (const element of path.slice(0, -1)) {
    const found = level.get(element);
    const below: GrowingSet = found?.below instanceof Map ? found.below : new Map();
    if (found?.below !== below) level.set(element, { owned: found?.owned === true, below });
    level = below;
  }
  const found = level.get(last);
  level.set(last, found === undefined ? node : joinNodes(found, node));
}

export function fieldSetOf(...paths: readonly Path[]): FieldSet {
  const set: GrowingSet = new Map();
  for (const path of paths) insertNode(set, path, leafNode);
  return set;
}

export function equalSets(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [element, node] of a) {
    const other = b.get(element);
    if (other === undefined || node.owned !== other.owned) return false;
    if (!equalSets(node.below ?? noFields, other.below ?? noFields)) return false;
  }
  return true;
}

export function unionOf(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || b.size === 0) return a;
  if (a.size === 0) return b;
  let made: Map<PathElement, FieldNode> | undefined;
  for (const [element, node] of b) {
    const mine = a.get(element);
    const joined = mine === undefined ? node : joinNodes(mine, node);
    if (joined !== mine) (made ??= new Map(a)).set(element, joined);
  }
  return made ?? a;
}

function joinNodes(a: FieldNode, b: FieldNode): FieldNode {
  const owned = a.owned || b.owned;
  const below = a.below === undefined ? b.below : b.below === undefined ? a.below : unionOf(a.below, b.below);
  return owned === a.owned && below === a.below ? a : fieldNode(owned, below);
}

export function intersectionOf(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  const made = new Map<PathElement, FieldNode>();
  const [few, many] = a.size <= b.size ? [a, b] : [b, a];
  for (const [element, node] of few) {
    const other = many.get(element);
    if (other === undefined) continue;
    const below =
      node.below === undefined || other.below === undefined ? noFields : intersectionOf(node.below, other.below);
    if ((node.owned && other.owned) || below.size > 0) made.set(element, fieldNode(node.owned && other.owned, below));
  }
  return made;
}

/** Fields of `a` that are not in `b`; a field of `b` takes nothing that is below it. */
export function differenceOf(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, (node, other) => {
    const below =
      node.below === undefined || other.below === undefined ? node.below : differenceOf(node.below, other.below);
    const owned = node.owned && !other.owned;
    return owned === node.owned && below === node.below ? node : fieldNode(owned, below);
  });
}

/** As `differenceOf`, but a field of `b` takes all that is below it. */
export function recursiveDifferenceOf(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, (node, other) => {
    if (other.owned) return nothing;
    if (node.below === undefined || other.below === undefined) return node;
    const below = recursiveDifferenceOf(node.below, other.below);
    return below === node.below ? node : fieldNode(node.owned, below);
  });
}

const nothing: FieldNode = { owned: false, below: undefined };

function subtract(a: FieldSet, b: FieldSet, left: (node: FieldNode, other: FieldNode) => FieldNode): FieldSet {
  if (a.size === 0 || b.size === 0) return a;
  let made: Map<PathElement, FieldNode> | undefined;
  for (const element of (a.size <= b.size ? a : b).keys()) {
    const node = a.get(element);
    const other = b.get(element);
    if (node === undefined || other === undefined) continue;
    const remains = left(node, other);
    if (remains === node) continue;
    made ??= new Map(a);
    if (remains.owned || remains.below !== undefined) made.set(element, remains);
    else made.delete(element);
  }
  return made ?? a;
}

/** What of `set` is at or below one of the other's fields. The way there counts too, where somebody owns it. */
export function within(set: FieldSet, fields: FieldSet): FieldSet {
  const made = new Map<PathElement, FieldNode>();
  for (const [element, { owned, below }] of fields) {
    const node = set.get(element);
    if (node === undefined) continue;
    const inner = owned ? node.below : within(node.below ?? noFields, below ?? noFields);
    const kept = fieldNode(node.owned, inner);
    if (kept.owned || kept.below !== undefined) made.set(element, kept);
  }
  return made;
}

/** The fields that have none of the set below them. */
export function leavesOf(set: FieldSet): FieldSet {
  const made = new Map<PathElement, FieldNode>();
  for (const [element, { below }] of set)
    made.set(element, below === undefined ? leafNode : { owned: false, below: leavesOf(below) });
  return made;
}

/** Every field of the set; those of one level before those below them. */
export function pathsOf(set: FieldSet): Path[] {
  const paths: Path[] = [];
  collectPaths(set, [], paths);
  return paths;
}

function collectPaths(set: FieldSet, prefix: Path, paths: Path[]): void {
  const elements = sortPathElements([...set.keys()]);
  for (const element of elements) if (set.get(element)?.owned === true) paths.push([...prefix, element]);
  for (const element of elements) {
    const below = set.get(element)?.below;
    if (below !== undefined) collectPaths(below, [...prefix, element], paths);
  }
}
