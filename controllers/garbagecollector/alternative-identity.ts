import type { GraphNode } from "./graph-node.ts";
import { type Identity, identityOf, isSame } from "./identity.ts";

/**
 * Where else an owner may be, by what its dependents say of it, now that it is known not to be at one place. They are
 * tried round and round in one order: the next after the absent one, or the first. Undefined when nobody says anything else.
 */
export function alternativeIdentity(dependents: readonly GraphNode[], absent: Identity): Identity | undefined {
  const isClusterWide = absent.namespace === "";
  const all: Identity[] = [];
  for (const { owners, namespace } of dependents) {
    for (const reference of owners) {
      if (reference.uid !== absent.uid) continue;
      const isOfThisKind = reference.apiVersion === absent.apiVersion && reference.kind === absent.kind;
      const identity = identityOf(reference, isClusterWide && isOfThisKind ? "" : namespace);
      if (!isSame(identity, absent)) all.push(identity);
    }
  }
  const sorted = all.toSorted(compare);
  return sorted.find((one) => compare(absent, one) < 0) ?? sorted[0];
}

const fields = ["kind", "apiVersion", "namespace", "name"] as const;

function compare(one: Identity, other: Identity): number {
  for (const field of fields) if (one[field] !== other[field]) return one[field] < other[field] ? -1 : 1;
  return 0;
}
