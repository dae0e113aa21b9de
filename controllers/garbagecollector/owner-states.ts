import type { DeepReadonly, ObjectMeta, OwnerReference } from "../../api/machinery/object.ts";
import type { KnownResources } from "../discovery/known-resources.ts";
import type { AbsentOwners } from "./absent-owners.ts";
import { foregroundFinalizer, type GraphNode } from "./graph-node.ts";
import { type Identity, identityOf, means } from "./identity.ts";
import type { LiveObjects } from "./live-objects.ts";
import type { ObjectGraph } from "./object-graph.ts";
import type { OwnerState } from "./plan.ts";

export interface OwnerStatesDeps {
  readonly graph: ObjectGraph;
  readonly known: KnownResources;
  readonly live: LiveObjects;
  readonly absent: AbsentOwners;
}

/** What the owners of an object are now. */
export type OwnerStates = (
  references: readonly DeepReadonly<OwnerReference>[],
  dependent: GraphNode,
) => Promise<ReadonlyMap<DeepReadonly<OwnerReference>, OwnerState>>;

export function createOwnerStates(deps: OwnerStatesDeps): OwnerStates {
  return async (references, dependent) => {
    const states = new Map<DeepReadonly<OwnerReference>, OwnerState>();
    for (const reference of references) states.set(reference, await stateOf(reference, dependent, deps));
    return states;
  };
}

/** That an owner keeps its dependents is believed of the graph: if it goes, the graph tells. All else the server has to say. */
async function stateOf(
  reference: DeepReadonly<OwnerReference>,
  dependent: GraphNode,
  { graph, known, live, absent }: OwnerStatesDeps,
): Promise<OwnerState> {
  const [clusterWide, inside] = [identityOf(reference, ""), identityOf(reference, dependent.namespace)];
  if (absent.has(clusterWide) || absent.has(inside)) return "absent";
  const type = known.ofKind(reference.apiVersion, reference.kind);
  if (type === undefined) return "unknown";
  if (type.scope === "Namespaced" && dependent.namespace === "") return "impossible";
  const identity = type.scope === "Namespaced" ? inside : clusterWide;
  if (isKeeping(graph.get(reference.uid), identity)) return "solid";
  const found = await live.read(type, identity);
  if (found !== "absent") return isWaiting(found) ? "waiting" : "solid";
  absent.add(identity);
  return "absent";
}

/** Seen at just this place, and not on its way out with all that it owns. */
function isKeeping(owner: GraphNode | undefined, identity: Identity): boolean {
  if (owner === undefined || owner.isVirtual || owner.isDeletingDependents) return false;
  return owner.namespace === identity.namespace && means(identity, owner);
}

function isWaiting({ deletionTimestamp, finalizers = [] }: DeepReadonly<ObjectMeta>): boolean {
  return deletionTimestamp !== undefined && finalizers.includes(foregroundFinalizer);
}
