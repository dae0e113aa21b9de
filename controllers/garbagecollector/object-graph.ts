import { deepEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly, ObjectMeta, OwnerReference } from "../../api/machinery/object.ts";
import type { AbsentOwners } from "./absent-owners.ts";
import { GraphNode } from "./graph-node.ts";
import { type Identity, identityOf, isSame, means } from "./identity.ts";
import { alternativeIdentity } from "./alternative-identity.ts";

type References = readonly DeepReadonly<OwnerReference>[];

/** What changes in the graph ask for; each is told a uid, as often as there is a reason. */
export interface GraphWork {
  /** It may have to be deleted, or to let go of owners, or is not known to exist. */
  collect(uid: string): void;
  /** It waits for its dependents to let go of it. */
  orphan(uid: string): void;
  /** It has an owner in another namespace. */
  tellInvalidNamespace(dependent: GraphNode, reference: DeepReadonly<OwnerReference>): void;
}

/**
 * Who owns whom, over all kinds, by uid. It follows what the informers tell and decides nothing: whatever may have to be
 * done is handed to `GraphWork`, and is decided upon by what the server says then.
 *
 *     pod ──owner──▶ replicaset ──owner──▶ deployment   the deployment goes: the replicaset is collected, then the pod
 *     pod ──owner──▶ (virtual)                          nobody has seen the owner: it is asked for
 */
export class ObjectGraph {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #work: GraphWork;
  readonly #absent: AbsentOwners;

  constructor(work: GraphWork, absent: AbsentOwners) {
    this.#work = work;
    this.#absent = absent;
  }

  get size(): number {
    return this.#nodes.size;
  }

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid);
  }

  /** An informer has an object, for the first time or anew. */
  observe(
    { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
    metadata: DeepReadonly<ObjectMeta>,
  ): void {
    const { uid, name = "", namespace = "" } = metadata;
    if (typeof uid !== "string" || uid === "") return;
    const identity = { apiVersion, kind, namespace, name, uid };
    let node = this.#nodes.get(uid);
    if (node === undefined) this.#nodes.set(uid, (node = new GraphNode(identity, false)));
    else if (node.isVirtual) this.#appear(node, identity);
    const { isDeletingDependents, isOrphaning } = node;
    node.readState(metadata);
    this.#setOwners(node, referencesOf(metadata));
    if (node.isOrphaning && !isOrphaning) this.#work.orphan(uid);
    else if (node.isDeletingDependents && !isDeletingDependents) {
      for (const dependent of node.dependents) this.#work.collect(dependent.uid);
      this.#work.collect(uid);
    }
  }

  /** An informer has lost an object. */
  remove(uid: string): void {
    const node = this.#nodes.get(uid);
    if (node !== undefined) this.#remove(node);
  }

  /** An object is no longer watched, which says nothing of whether it exists. */
  forget(uid: string): void {
    const node = this.#nodes.get(uid);
    if (node === undefined) return;
    this.#detach(node, node.owners);
    node.owners = [];
    if (node.dependents.size === 0) this.#nodes.delete(uid);
    node.isVirtual = true;
    node.readState({});
  }

  /** Has all that nobody has seen asked for once more: kinds have come. */
  askForVirtual(): void {
    for (const node of this.#nodes.values()) if (node.isVirtual) this.#work.collect(node.uid);
  }

  /** The server says that nothing is where an object was thought to be. True when it may be elsewhere: ask again, later. */
  confirmAbsent(identity: Identity): boolean {
    const node = this.#nodes.get(identity.uid);
    if (node === undefined) return false;
    const { matching, others } = partition(node.dependents, identity);
    if (node.isVirtual ? others.length === 0 : isSame(node, identity)) {
      this.#remove(node);
      return false;
    }
    // Those that mean another place by the same uid may be right.
    if (matching.length > 0) this.#absent.add(identity);
    for (const dependent of matching) this.#work.collect(dependent.uid);
    if (!node.isVirtual || !isSame(node, identity)) return false;
    const next = alternativeIdentity(others, identity);
    if (next !== undefined) node.move(next);
    return next !== undefined;
  }

  /** Until now it was only referred to, maybe wrongly. */
  #appear(node: GraphNode, identity: Identity): void {
    const wasElsewhere = !isSame(node, identity);
    node.isVirtual = false;
    if (!wasElsewhere) return;
    node.move(identity);
    for (const dependent of partition(node.dependents, identity).others) {
      if (identity.namespace !== "" && dependent.namespace !== identity.namespace) this.#tell(dependent, identity.uid);
      this.#work.collect(dependent.uid);
    }
  }

  #tell(dependent: GraphNode, ownerUid: string): void {
    const reference = dependent.owners.find(({ uid }) => uid === ownerUid);
    if (reference !== undefined) this.#work.tellInvalidNamespace(dependent, reference);
  }

  #setOwners(node: GraphNode, references: References): void {
    const before = node.owners;
    node.owners = references;
    const isSame =
      before.length === references.length && references.every((one, index) => deepEqual(one, before[index]));
    if (isSame) return;
    const added = references.filter(({ uid }) => !before.some((old) => old.uid === uid));
    const removed = before.filter(({ uid }) => !references.some((one) => one.uid === uid));
    // A dependent that no longer blocks may have been the last.
    const changed = references.filter((one) => before.some((old) => old.uid === one.uid && !deepEqual(old, one)));
    this.#detach(node, removed);
    for (const { uid } of [...removed, ...changed])
      if (this.#nodes.get(uid)?.isDeletingDependents === true) this.#work.collect(uid);
    this.#attach(node, added);
  }

  #attach(node: GraphNode, references: References): void {
    let isSuspect = false;
    for (const reference of references) {
      let owner = this.#nodes.get(reference.uid);
      if (owner === undefined) {
        owner = new GraphNode(identityOf(reference, node.namespace), true);
        this.#nodes.set(owner.uid, owner);
        this.#work.collect(owner.uid);
      } else if (this.#isDoubtful(owner, reference, node)) isSuspect = true;
      owner.addDependent(node);
      if (owner.isOrphaning) this.#work.orphan(owner.uid);
      if (owner.isDeletingDependents) isSuspect = true;
    }
    if (isSuspect) this.#work.collect(node.uid);
  }

  #isDoubtful(owner: GraphNode, reference: DeepReadonly<OwnerReference>, dependent: GraphNode): boolean {
    if (owner.namespace !== "" && owner.namespace !== dependent.namespace) {
      if (!owner.isVirtual) this.#work.tellInvalidNamespace(dependent, reference);
      return true;
    }
    if (!means(reference, owner)) return true;
    // A cluster-wide dependent came first: its owner may be of a kind that is in namespaces.
    return owner.isVirtual && owner.namespace !== dependent.namespace;
  }

  #detach(node: GraphNode, references: References): void {
    for (const { uid } of references) {
      const owner = this.#nodes.get(uid);
      owner?.removeDependent(node);
      // Nobody has seen it, and nobody asks for it any more.
      if (owner?.isVirtual === true && owner.dependents.size === 0) this.#nodes.delete(uid);
    }
  }

  #remove(node: GraphNode): void {
    this.#nodes.delete(node.uid);
    this.#detach(node, node.owners);
    if (node.dependents.size > 0) {
      const { apiVersion, kind, namespace, name, uid } = node;
      this.#absent.add({ apiVersion, kind, namespace, name, uid });
    }
    for (const dependent of node.dependents) this.#work.collect(dependent.uid);
    for (const { uid } of node.owners) if (this.#nodes.get(uid)?.isDeletingDependents === true) this.#work.collect(uid);
  }
}

/** Without those that servers elsewhere may tell, and that refer to nothing. */
function referencesOf({ ownerReferences }: DeepReadonly<ObjectMeta>): References {
  const references = ownerReferences ?? [];
  const isWhole = ({ uid }: DeepReadonly<OwnerReference>): boolean => typeof uid === "string" && uid !== "";
  return references.every(isWhole) ? references : references.filter(isWhole);
}

/** Dependents that refer to an owner by just this identity, and those that do by another; one may do both. */
function partition(
  dependents: Iterable<GraphNode>,
  owner: Identity,
): { readonly matching: readonly GraphNode[]; readonly others: readonly GraphNode[] } {
  const matching: GraphNode[] = [];
  const others: GraphNode[] = [];
  for (const dependent of dependents) {
    const references = dependent.owners.filter(({ uid }) => uid === owner.uid);
    const isElsewhere = owner.namespace !== "" && owner.namespace !== dependent.namespace;
    if (!isElsewhere && references.some((reference) => means(reference, owner))) matching.push(dependent);
    if (isElsewhere || references.some((reference) => !means(reference, owner))) others.push(dependent);
  }
  return { matching, others };
}
