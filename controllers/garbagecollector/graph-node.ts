import type { DeepReadonly, ObjectMeta, OwnerReference } from "../../api/machinery/object.ts";
import type { Identity } from "./identity.ts";

export const orphanFinalizer = "orphan";
export const foregroundFinalizer = "foregroundDeletion";

type References = readonly DeepReadonly<OwnerReference>[];

const noReferences: References = [];
const noNodes: ReadonlySet<GraphNode> = new Set();

/** One object, or one that others refer to and that nobody has seen yet. There may be a hundred thousand of these. */
export class GraphNode implements Identity {
  apiVersion: string;
  kind: string;
  namespace: string;
  name: string;
  readonly uid: string;
  owners: References = noReferences;
  /** Known only by references to it. */
  isVirtual: boolean;
  isBeingDeleted = false;
  /** It is being deleted, and goes when those that block it have gone. */
  isDeletingDependents = false;
  /** It is being deleted, and goes when its dependents no longer refer to it. */
  isOrphaning = false;
  #dependents: Set<GraphNode> | undefined;

  constructor({ apiVersion, kind, namespace, name, uid }: Identity, isVirtual: boolean) {
    this.apiVersion = apiVersion;
    this.kind = kind;
    this.namespace = namespace;
    this.name = name;
    this.uid = uid;
    this.isVirtual = isVirtual;
  }

  get dependents(): ReadonlySet<GraphNode> {
    return this.#dependents ?? noNodes;
  }

  addDependent(node: GraphNode): void {
    (this.#dependents ??= new Set()).add(node);
  }

  removeDependent(node: GraphNode): void {
    this.#dependents?.delete(node);
    if (this.#dependents?.size === 0) this.#dependents = undefined;
  }

  move({ apiVersion, kind, namespace, name }: Identity): void {
    this.apiVersion = apiVersion;
    this.kind = kind;
    this.namespace = namespace;
    this.name = name;
  }

  readState({ deletionTimestamp, finalizers = [] }: DeepReadonly<ObjectMeta>): void {
    this.isBeingDeleted = deletionTimestamp !== undefined;
    this.isDeletingDependents = this.isBeingDeleted && finalizers.includes(foregroundFinalizer);
    this.isOrphaning = this.isBeingDeleted && finalizers.includes(orphanFinalizer);
  }

  /** Those that it has to wait for before it may go, when it is deleted in the foreground. Who owns itself does not wait for itself. */
  blockingDependents(): GraphNode[] {
    return [...this.dependents].filter(
      (dependent) =>
        dependent !== this &&
        dependent.owners.some(({ uid, blockOwnerDeletion }) => uid === this.uid && blockOwnerDeletion === true),
    );
  }
}
