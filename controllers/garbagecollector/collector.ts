import type { DeepReadonly, ObjectMeta } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Outcome } from "../../client/reconciler.ts";
import type { ResourceType } from "../../client/resource-types.ts";
import type { KnownResources } from "../discovery/known-resources.ts";
import { foregroundFinalizer, type GraphNode, orphanFinalizer } from "./graph-node.ts";
import type { Identity } from "./identity.ts";
import type { KindMonitors } from "./kind-monitors.ts";
import type { LiveObjects } from "./live-objects.ts";
import type { ObjectGraph } from "./object-graph.ts";
import type { OwnerStates } from "./owner-states.ts";
import { plan, type Step } from "./plan.ts";

export interface CollectorDeps {
  readonly graph: ObjectGraph;
  readonly monitors: KindMonitors;
  readonly known: KnownResources;
  readonly live: LiveObjects;
  readonly ownerStates: OwnerStates;
  /** Adds to the queue of `collect`. */
  readonly collectLater: (uid: string) => void;
}

type Metadata = DeepReadonly<ObjectMeta>;

/** Milliseconds until what could not be known is asked for again; what becomes known meanwhile comes by itself. */
const unknownPeriod = 600_000;
const unseenPeriod = 30_000;
const elsewherePeriod = 1_000;
const incompletePeriod = 1_000;
/** Of a change that others get in the way of. */
const maxTries = 4;
/** Dependents that are changed at once. */
const atOnce = 50;

/** What the garbage collector does about single objects. All that it deletes or changes is as the server has it. */
export class Collector {
  readonly #deps: CollectorDeps;

  constructor(deps: CollectorDeps) {
    this.#deps = deps;
  }

  /** Deletes an object that nobody keeps; or lets one go that waited for its dependents; or finds out whether it exists. */
  async collect(uid: string): Promise<Outcome> {
    const node = this.#deps.graph.get(uid);
    if (node === undefined || (node.isBeingDeleted && !node.isDeletingDependents)) return undefined;
    const type = this.#typeOf(node);
    if (type === undefined) return { after: unknownPeriod };
    // A cluster-wide object says that it is its owner: there is no telling where it would be.
    if (type.scope === "Namespaced" && node.namespace === "") return undefined;
    if (node.isVirtual) {
      if (type.scope === "Cluster") node.move({ ...copyOf(node), namespace: "" });
      return this.#verify(type, node);
    }
    if (node.isDeletingDependents) return this.#finishForeground(type, node);
    return this.#onLatest(type, node, (latest) => this.#decide(type, node, latest));
  }

  /** Takes an owner's dependents away from it, and then lets it go. */
  async orphan(uid: string): Promise<Outcome> {
    const { graph } = this.#deps;
    const done = new Set<GraphNode>();
    for (;;) {
      const node = graph.get(uid);
      if (node === undefined || !node.isOrphaning) return undefined;
      if (!this.#isComplete()) return { after: incompletePeriod };
      const next = [...node.dependents].filter((dependent) => !done.has(dependent)).slice(0, atOnce);
      if (next.length === 0) return this.#removeFinalizer(node, orphanFinalizer);
      await Promise.all(next.map((dependent) => this.#release(dependent, [uid])));
      for (const dependent of next) done.add(dependent);
    }
  }

  #typeOf({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): ResourceType | undefined {
    return this.#deps.known.ofKind(apiVersion, kind);
  }

  /** Whoever lets an owner go for want of dependents has to know them all, or those that come later lose it. */
  #isComplete(): boolean {
    return this.#deps.known.isFresh && this.#deps.monitors.areComplete;
  }

  async #verify(type: ResourceType, node: GraphNode): Promise<Outcome> {
    const identity = copyOf(node);
    const found = await this.#deps.live.read(type, identity);
    if (found === "absent") return this.#gone(identity);
    // It exists: its informer will tell, unless it goes before the informer has seen it.
    return node.isVirtual ? { after: unseenPeriod } : undefined;
  }

  #gone(identity: Identity): Outcome {
    return this.#deps.graph.confirmAbsent(identity) ? { after: elsewherePeriod } : undefined;
  }

  async #finishForeground(type: ResourceType, node: GraphNode): Promise<Outcome> {
    const blocking = node.blockingDependents();
    for (const { uid, isBeingDeleted } of blocking) if (!isBeingDeleted) this.#deps.collectLater(uid);
    if (blocking.length > 0) return undefined;
    if (!this.#isComplete()) return { after: incompletePeriod };
    return this.#removeFinalizer(node, foregroundFinalizer, type);
  }

  async #decide(type: ResourceType, node: GraphNode, latest: Metadata): Promise<Outcome> {
    const references = latest.ownerReferences ?? [];
    const states = await this.#deps.ownerStates(references, node);
    const dependents = {
      any: node.dependents.size > 0,
      anyDeletingDependents: [...node.dependents].some(({ isDeletingDependents }) => isDeletingDependents),
    };
    return this.#act(
      plan(latest, (reference) => states.get(reference) ?? "unknown", dependents),
      type,
      node,
      latest,
    );
  }

  async #act(step: Step, type: ResourceType, node: GraphNode, latest: Metadata): Promise<Outcome> {
    const { live } = this.#deps;
    const identity = copyOf(node);
    switch (step.do) {
      case "nothing":
        return undefined;
      case "wait":
        return { after: unknownPeriod };
      case "release": {
        const ownerReferences = (latest.ownerReferences ?? []).filter(({ uid }) => !step.uids.includes(uid));
        const outcome = await live.patch(type, identity, latest, { ownerReferences });
        return outcome === "absent" ? this.#gone(identity) : undefined;
      }
      case "delete": {
        if (step.unblock) {
          await this.#unblock(type, node, latest);
          latest = await this.#live(type, identity);
        }
        const outcome = await live.delete(type, identity, latest, step.policy);
        return outcome === "absent" ? this.#gone(identity) : undefined;
      }
    }
  }

  async #unblock(type: ResourceType, node: GraphNode, latest: Metadata): Promise<void> {
    const references = latest.ownerReferences ?? [];
    if (!references.some(({ blockOwnerDeletion }) => blockOwnerDeletion === true)) return;
    const ownerReferences = references.map((reference) => ({ ...reference, blockOwnerDeletion: false }));
    await this.#deps.live.patch(type, node, latest, { ownerReferences });
  }

  async #live(type: ResourceType, identity: Identity): Promise<Metadata> {
    const latest = await this.#deps.live.read(type, identity);
    return latest === "absent" ? { uid: identity.uid } : latest;
  }

  /**
   * Decides by what the informer saw last, and by what the server says when that turns out to be old: every write has
   * the revision that it was decided by as its condition.
   */
  async #onLatest(
    type: ResourceType,
    node: GraphNode,
    decide: (latest: Metadata) => Promise<Outcome>,
  ): Promise<Outcome> {
    let latest = this.#deps.monitors.read(type, node);
    for (let tries = 1; ; tries += 1) {
      const identity = copyOf(node);
      const found = latest ?? (await this.#deps.live.read(type, identity));
      if (found === "absent") return this.#gone(identity);
      try {
        return await decide(found);
      } catch (thrown) {
        const isConflict = thrown instanceof ApiError && thrown.code === 409;
        if (!isConflict || tries === maxTries) throw thrown;
        latest = undefined;
      }
    }
  }

  async #release(dependent: GraphNode, uids: readonly string[]): Promise<void> {
    const type = this.#typeOf(dependent);
    if (type === undefined) throw new Error(`nobody knows the kind ${dependent.apiVersion}/${dependent.kind}`);
    await this.#onLatest(type, dependent, async (latest) => {
      const references = latest.ownerReferences ?? [];
      const ownerReferences = references.filter(({ uid }) => !uids.includes(uid));
      if (ownerReferences.length < references.length)
        await this.#deps.live.patch(type, dependent, latest, { ownerReferences });
    });
  }

  async #removeFinalizer(node: GraphNode, finalizer: string, type = this.#typeOf(node)): Promise<Outcome> {
    if (type === undefined) return { after: unknownPeriod };
    return this.#onLatest(type, node, async (latest) => {
      const finalizers = latest.finalizers ?? [];
      if (!finalizers.includes(finalizer)) return;
      await this.#deps.live.patch(type, node, latest, { finalizers: finalizers.filter((one) => one !== finalizer) });
    });
  }
}

/** Nodes change while the server is asked. */
function copyOf({ apiVersion, kind, namespace, name, uid }: Identity): Identity {
  return { apiVersion, kind, namespace, name, uid };
}
