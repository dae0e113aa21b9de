/** What of the cluster's objects a node may know: those that its own pods need. */

/** What a pod, or a volume for it, refers to. */
export type Referred = "secret" | "configmap" | "pvc" | "resourceclaim" | "serviceaccount";
/** What belongs to one node as a whole. */
export type Owned = "pod" | "volumeattachment" | "resourceslice";
export type Vertex = Referred | Owned | "pv";

export interface PodLinks {
  readonly node: string;
  /** By kind and name, all of the pod's namespace. */
  readonly refersTo: readonly { readonly kind: Referred; readonly name: string }[];
}

export interface VolumeLinks {
  /** Who it is bound to. */
  readonly claim: ObjectName;
  readonly secrets: readonly ObjectName[];
}

export interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Kept by changes: each costs as much as the object has links, and a question costs one look-up, but for a secret of
 * persistent volumes, which may have many.
 *
 *     pod → node      secret, configmap, pvc, serviceaccount, resourceclaim → pods' nodes
 *     pv → pvc        secret → pv        volumeattachment, resourceslice → node
 */
export class NodeGraph {
  readonly #owned = new Map<string, string>();
  /** How many pods of each node refer to an object. */
  readonly #referring = new Map<string, Map<string, number>>();
  readonly #pods = new Map<string, { readonly node: string; readonly keys: readonly string[] }>();
  readonly #volumes = new Map<string, { readonly claim: string; readonly secrets: readonly string[] }>();
  readonly #volumesOfSecret = new Map<string, Set<string>>();

  /** Undefined links: it is gone, or on no node yet. */
  setPod({ namespace, name }: ObjectName, links: PodLinks | undefined): void {
    const pod = keyOf("pod", namespace, name);
    const before = this.#pods.get(pod);
    if (before !== undefined) for (const key of before.keys) this.#release(key, before.node);
    if (links === undefined) {
      this.#pods.delete(pod);
      this.#owned.delete(pod);
      return;
    }
    const { node, refersTo } = links;
    const keys = refersTo.map((one) => keyOf(one.kind, namespace, one.name));
    this.#pods.set(pod, { node, keys });
    this.#owned.set(pod, node);
    for (const key of keys) this.#hold(key, node);
  }

  /** Undefined links: it is gone, or bound to no claim. */
  setVolume(name: string, links: VolumeLinks | undefined): void {
    for (const secret of this.#volumes.get(name)?.secrets ?? []) {
      const volumes = this.#volumesOfSecret.get(secret);
      volumes?.delete(name);
      if (volumes?.size === 0) this.#volumesOfSecret.delete(secret);
    }
    this.#volumes.delete(name);
    if (links === undefined) return;
    const secrets = links.secrets.map((one) => keyOf("secret", one.namespace, one.name));
    this.#volumes.set(name, { claim: keyOf("pvc", links.claim.namespace, links.claim.name), secrets });
    for (const secret of secrets) {
      const volumes = this.#volumesOfSecret.get(secret);
      if (volumes === undefined) this.#volumesOfSecret.set(secret, new Set([name]));
      else volumes.add(name);
    }
  }

  /** Undefined node: it is gone, or belongs to none. */
  setOwned(kind: Exclude<Owned, "pod">, name: string, node: string | undefined): void {
    const key = keyOf(kind, "", name);
    if (node === undefined || node === "") this.#owned.delete(key);
    else this.#owned.set(key, node);
  }

  /** Whether a node's pods need the object, or it is the node's own. */
  relates(node: string, kind: Vertex, { namespace, name }: ObjectName): boolean {
    const key = keyOf(kind, namespace, name);
    switch (kind) {
      case "pod":
      case "volumeattachment":
      case "resourceslice":
        return this.#owned.get(key) === node;
      case "pv":
        return namespace === "" && this.#mounts(node, name);
      case "secret":
        return this.#refers(node, key) || this.#mountsOneOf(node, this.#volumesOfSecret.get(key));
      default:
        return this.#refers(node, key);
    }
  }

  #refers(node: string, key: string): boolean {
    return this.#referring.get(key)?.has(node) === true;
  }

  #mounts(node: string, volume: string): boolean {
    const links = this.#volumes.get(volume);
    return links !== undefined && this.#refers(node, links.claim);
  }

  #mountsOneOf(node: string, volumes: ReadonlySet<string> | undefined): boolean {
    for (const volume of volumes ?? []) if (this.#mounts(node, volume)) return true;
    return false;
  }

  #hold(key: string, node: string): void {
    let nodes = this.#referring.get(key);
    if (nodes === undefined) this.#referring.set(key, (nodes = new Map()));
    nodes.set(node, (nodes.get(node) ?? 0) + 1);
  }

  #release(key: string, node: string): void {
    const nodes = this.#referring.get(key);
    const count = nodes?.get(node) ?? 0;
    if (count > 1) nodes?.set(node, count - 1);
    else if (nodes?.delete(node) === true && nodes.size === 0) this.#referring.delete(key);
  }
}

/** Names have no slashes. */
function keyOf(kind: Vertex, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}
