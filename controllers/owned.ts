import { controllerOf } from "../api/machinery/owners.ts";
import type { DeepReadonly, KubeObject } from "../api/machinery/object.ts";
import type { Informer } from "../client/informer.ts";
import { keyFor, keyOf } from "../client/lister.ts";
import type { ResourceType } from "../client/resource-types.ts";

export interface OwnedWatch<Owner extends KubeObject, T extends KubeObject> {
  readonly ownerType: ResourceType<Owner>;
  readonly owners: Informer<Owner>;
  readonly owned: Informer<T>;
  /** Whether an owner would adopt such an object. Absent: it adopts nothing. */
  readonly selects?: (owner: DeepReadonly<Owner>, object: DeepReadonly<T>) => boolean;
  /** Is told the owner's key. */
  readonly add: (key: string) => void;
}

/** Wakes owners when what they own changes, and those that could adopt it when it has no owner. */
export function watchOwned<Owner extends KubeObject, T extends KubeObject>(watch: OwnedWatch<Owner, T>): void {
  const { ownerType, owners, owned, selects, add } = watch;
  const ownerKey = (object: DeepReadonly<T>): string | undefined => {
    const reference = controllerOf(object);
    if (reference?.kind !== ownerType.kind || reference.apiVersion !== ownerType.apiVersion) return undefined;
    const key = keyFor(ownerType.scope === "Namespaced" ? object.metadata?.namespace : undefined, reference.name);
    return owners.get(key)?.metadata?.uid === reference.uid ? key : undefined;
  };
  const wake = (object: DeepReadonly<T>): void => {
    const key = ownerKey(object);
    if (key !== undefined) add(key);
    else if (selects !== undefined && controllerOf(object) === undefined)
      for (const owner of owners.list(object.metadata?.namespace)) if (selects(owner, object)) add(keyOf(owner));
  };
  owned.on({
    added: wake,
    updated(object, old) {
      if (controllerOf(old)?.uid !== controllerOf(object)?.uid) {
        const before = ownerKey(old);
        if (before !== undefined) add(before);
      }
      wake(object);
    },
    deleted(object) {
      const key = ownerKey(object);
      if (key !== undefined) add(key);
    },
  });
}

/** Wakes an object when it changes itself. */
export function watchSelf<T extends KubeObject>(informer: Informer<T>, add: (key: string) => void): void {
  const wake = (object: DeepReadonly<T>): void => add(keyOf(object));
  informer.on({ added: wake, updated: wake, deleted: wake });
}

/** Finds what an owner has, and what nobody has that it could adopt. */
export interface OwnedLookup<T extends KubeObject> {
  of(owner: DeepReadonly<KubeObject>): readonly DeepReadonly<T>[];
  /** What nobody owns in the owner's namespace. */
  orphans(owner: DeepReadonly<KubeObject>): readonly DeepReadonly<T>[];
  /** Both: the candidates of `claim`. */
  candidates(owner: DeepReadonly<KubeObject>): readonly DeepReadonly<T>[];
}

export function ownedLookup<T extends KubeObject>(informer: Informer<T>): OwnedLookup<T> {
  // A uid has no colon.
  const lookup = informer.index((object) => [
    controllerOf(object)?.uid ?? `orphan:${object.metadata?.namespace ?? ""}`,
  ]);
  const of: OwnedLookup<T>["of"] = ({ metadata }) => lookup(metadata?.uid ?? "");
  const orphans: OwnedLookup<T>["of"] = ({ metadata }) => lookup(`orphan:${metadata?.namespace ?? ""}`);
  return { of, orphans, candidates: (owner) => [...of(owner), ...orphans(owner)] };
}
