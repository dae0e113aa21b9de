import { controllerOf, controllerReference } from "../api/machinery/owners.ts";
import { type Selector, matches } from "../api/machinery/labels.ts";
import type { DeepReadonly, KubeObject } from "../api/machinery/object.ts";
import { ApiError } from "../api/machinery/status.ts";
import type { Client } from "../client/client.ts";
import type { ResourceType } from "../client/resource-types.ts";

export interface Claim<Owner extends KubeObject, T extends KubeObject> {
  readonly ownerType: ResourceType<Owner>;
  readonly owner: DeepReadonly<Owner>;
  readonly type: ResourceType<T>;
  readonly selector: Selector;
  /** Further conditions on orphans and those that are kept. */
  readonly isOurs?: (object: DeepReadonly<T>) => boolean;
  /** Finalizers that an adopted object gets. */
  readonly finalizers?: readonly string[];
}

/**
 * Those of the candidates that an owner manages: its own that match still, and orphans that match, which it adopts;
 * its own that match no longer are released. Candidates that belong to others are left alone.
 * https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#how-a-replicaset-works
 */
export async function claim<Owner extends KubeObject, T extends KubeObject>(
  what: Claim<Owner, T>,
  candidates: Iterable<DeepReadonly<T>>,
  client: Client,
): Promise<DeepReadonly<T>[]> {
  const claimed: DeepReadonly<T>[] = [];
  let mayAdopt: boolean | undefined;
  for (const object of candidates) {
    const owner = controllerOf(object);
    const fits = matches(what.selector, object.metadata?.labels ?? {}) && (what.isOurs?.(object) ?? true);
    if (owner !== undefined) {
      if (owner.uid !== what.owner.metadata?.uid) continue;
      if (fits) claimed.push(object);
      // An owner on its way out leaves its objects to the garbage collector.
      else if (what.owner.metadata?.deletionTimestamp === undefined) await release(what, object, client);
      continue;
    }
    const isFree = fits && object.metadata?.deletionTimestamp === undefined;
    if (!isFree || what.owner.metadata?.deletionTimestamp !== undefined) continue;
    mayAdopt ??= await isStillThere(what, client);
    if (!mayAdopt) continue;
    const adopted = await adopt(what, object, client);
    if (adopted !== undefined) claimed.push(adopted);
  }
  return claimed;
}

/** Asked of the server, not of the cache: one that was deleted must adopt nothing more. */
async function isStillThere<Owner extends KubeObject, T extends KubeObject>(
  { ownerType, owner }: Claim<Owner, T>,
  client: Client,
): Promise<boolean> {
  const { namespace, name = "", uid } = owner.metadata ?? {};
  const fresh = await client.get(ownerType, { namespace, name });
  return fresh.metadata?.uid === uid && fresh.metadata?.deletionTimestamp === undefined;
}

/** Undefined when it went, or went to another, meanwhile. */
async function adopt<Owner extends KubeObject, T extends KubeObject>(
  { ownerType, owner, type, finalizers = [] }: Claim<Owner, T>,
  object: DeepReadonly<T>,
  client: Client,
): Promise<DeepReadonly<T> | undefined> {
  const { namespace, name = "", uid, ownerReferences = [], finalizers: own = [] } = object.metadata ?? {};
  const metadata = {
    uid,
    ownerReferences: [...ownerReferences, controllerReference(owner, ownerType)],
    ...(finalizers.length === 0 ? {} : { finalizers: [...new Set([...own, ...finalizers])] }),
  };
  return unlessGone(client.patch(type, { namespace, name }, { metadata }, { type: "strategic" }));
}

async function release<Owner extends KubeObject, T extends KubeObject>(
  { owner, type, finalizers = [] }: Claim<Owner, T>,
  object: DeepReadonly<T>,
  client: Client,
): Promise<void> {
  const { namespace, name = "", uid } = object.metadata ?? {};
  const metadata = {
    uid,
    ownerReferences: [{ $patch: "delete", uid: owner.metadata?.uid }],
    ...(finalizers.length === 0 ? {} : { "$deleteFromPrimitiveList/finalizers": finalizers }),
  };
  await unlessGone(client.patch(type, { namespace, name }, { metadata }, { type: "strategic" }));
}

/** 404: it is gone. 422: its name is another object's by now (the uid differs), or it found an owner first. */
async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (thrown) {
    if (thrown instanceof ApiError && (thrown.code === 404 || thrown.code === 422)) return undefined;
    throw thrown;
  }
}
