import type { DeepReadonly, KubeObject, OwnerReference } from "../../api/machinery/object.ts";

/** Where an object is, and which one it is. */
export interface Identity {
  readonly apiVersion: string;
  readonly kind: string;
  /** "" where there is none. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

type Coordinates = Pick<DeepReadonly<OwnerReference>, "apiVersion" | "kind" | "name" | "uid">;

/** What a reference says of an owner, seen from a dependent: an owner with a namespace is in the dependent's. */
export function identityOf(reference: DeepReadonly<OwnerReference>, namespace: string): Identity {
  const { apiVersion, kind, name, uid } = reference;
  return { apiVersion, kind, namespace, name, uid };
}

/** Whether a reference means this very object; the namespace is another question. */
export function means(reference: Coordinates, { apiVersion, kind, name, uid }: Identity): boolean {
  return (
    reference.uid === uid && reference.name === name && reference.kind === kind && reference.apiVersion === apiVersion
  );
}

export function isSame(one: Identity, other: Identity): boolean {
  return one.namespace === other.namespace && means(one, other);
}

/** As upstream writes it in events. */
export function describe({ apiVersion, kind, namespace, name, uid }: Identity): string {
  return `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
}

/** Enough of an object for an event about it. */
export function objectOf({ apiVersion, kind, namespace, name, uid }: Identity): KubeObject {
  return { apiVersion, kind, metadata: { name, uid, ...(namespace === "" ? {} : { namespace }) } };
}
