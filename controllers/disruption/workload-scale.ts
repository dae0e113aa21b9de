import type { Deployment, ReplicaSet, StatefulSet } from "../../api/generated/types/apps-v1.ts";
import type { ReplicationController } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly, KubeObject, OwnerReference } from "../../api/machinery/object.ts";
import { controllerOf } from "../../api/machinery/owners.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Informer } from "../../client/informer.ts";
import type { Informers } from "../../client/informers.ts";
import { keyFor } from "../../client/lister.ts";
import { deployments, replicaSets, replicationControllers, statefulSets } from "../../client/resource-types.ts";
import type { ScaleClient } from "../scale/scale-client.ts";
import { groupOf, type ServedKinds } from "../scale/served-kinds.ts";

/** What a controller of pods is to have. */
export interface WorkloadScale {
  readonly uid: string;
  readonly replicas: number;
}

type Reference = DeepReadonly<OwnerReference>;
type FindScale = (reference: Reference, namespace: string | undefined) => Promise<WorkloadScale | undefined>;

interface Server {
  readonly servedKinds: ServedKinds;
  readonly scales: ScaleClient;
}

interface Sized extends KubeObject {
  spec?: { replicas?: number };
}

/**
 * Finds the size of a pod's controller: of the Deployment where a ReplicaSet is one's, from the caches; of any other kind
 * by its scale subresource. Undefined where the controller is gone; throws where it has no scale.
 */
export function createFindScale(informers: Informers, server: Server): FindScale {
  const workloads: Workloads = {
    deployments: informers.of(deployments),
    replicaSets: informers.of(replicaSets),
    statefulSets: informers.of(statefulSets),
    replicationControllers: informers.of(replicationControllers),
  };
  return async (reference, namespace) =>
    cachedScale(reference, namespace, workloads) ?? servedScale(reference, namespace, server);
}

interface Workloads {
  readonly deployments: Informer<Deployment>;
  readonly replicaSets: Informer<ReplicaSet>;
  readonly statefulSets: Informer<StatefulSet>;
  readonly replicationControllers: Informer<ReplicationController>;
}

function cachedScale(
  reference: Reference,
  namespace: string | undefined,
  workloads: Workloads,
): WorkloadScale | undefined {
  const find = <T extends Sized>(informer: Informer<T>, { name, uid }: Reference): DeepReadonly<T> | undefined => {
    const found = informer.get(keyFor(namespace, name));
    return found?.metadata?.uid === uid ? found : undefined;
  };
  switch (`${groupOf(reference.apiVersion)}/${reference.kind}`) {
    case "/ReplicationController":
      return scaleOf(find(workloads.replicationControllers, reference));
    case "apps/StatefulSet":
      return scaleOf(find(workloads.statefulSets, reference));
    case "apps/ReplicaSet": {
      const set = find(workloads.replicaSets, reference);
      const owner = set === undefined ? undefined : controllerOf(set);
      if (owner?.kind !== "Deployment") return scaleOf(set);
      return groupOf(owner.apiVersion) === "apps" ? scaleOf(find(workloads.deployments, owner)) : undefined;
    }
    default:
      return undefined;
  }
}

function scaleOf(object: DeepReadonly<Sized> | undefined): WorkloadScale | undefined {
  return object === undefined ? undefined : { uid: object.metadata?.uid ?? "", replicas: object.spec?.replicas ?? 1 };
}

async function servedScale(
  { apiVersion, kind, name, uid }: Reference,
  namespace: string | undefined,
  { servedKinds, scales }: Server,
): Promise<WorkloadScale | undefined> {
  const [resource] = await servedKinds(groupOf(apiVersion), kind);
  if (resource === undefined) throw new Error(`no matches for kind "${kind}" in version "${apiVersion}"`);
  try {
    const scale = await scales.get(resource.type, { namespace, name });
    return scale.metadata?.uid === uid ? { uid, replicas: scale.spec?.replicas ?? 0 } : undefined;
  } catch (thrown) {
    if (!(thrown instanceof ApiError) || thrown.reason !== "NotFound") throw thrown;
    if (resource.subresources.includes("scale")) return undefined;
    const { type, group } = resource;
    throw new Error(
      `${group === "" ? type.plural : `${type.plural}.${group}`} does not implement the scale subresource`,
    );
  }
}
