import type { Deployment, ReplicaSet } from "../../api/generated/types/apps-v1.ts";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import { isPodTerminal } from "../../api/core/pod-state.ts";
import { isEmptySelector } from "../../api/machinery/label-selector.ts";
import { matches, nothing, type Selector } from "../../api/machinery/labels.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { controllerOf } from "../../api/machinery/owners.ts";
import type { Informer } from "../../client/informer.ts";
import { keyFor } from "../../client/lister.ts";
import type { Outcome } from "../../client/reconciler.ts";
import { deployments as deploymentType, pods as podType, replicaSets as setType } from "../../client/resource-types.ts";
import { claim } from "../adoption.ts";
import type { Controller, ControllerDeps } from "../controller.ts";
import { type OwnedLookup, ownedLookup, watchOwned, watchSelf } from "../owned.ts";
import { selectorReader } from "../workload-selector.ts";
import { perform } from "./perform.ts";
import { plan } from "./plan.ts";
import type { SeenSet } from "./replica-sets.ts";
import { report } from "./report.ts";
import { rollbackOf } from "./rollback.ts";

/** Rolls pod templates out through ReplicaSets. https://kubernetes.io/docs/concepts/workloads/controllers/deployment/ */
export const deploymentController: Controller = {
  name: "deployment-controller",
  start(deps) {
    const deployments = deps.informers.of(deploymentType);
    const sets = deps.informers.of(setType);
    const pods = deps.informers.of(podType);
    const selectorOf = selectorReader();
    const parts: Parts = { deployments, selectorOf, sets: ownedLookup(sets), pods: ownedLookup(pods), deps };
    const reconciler = deps.reconciler({ reconcile: (key) => reconcile(key, parts) });
    const add = (key: string): void => reconciler.add(key);
    watchSelf(deployments, add);
    const selects = (deployment: DeepReadonly<Deployment>, set: SeenSet): boolean =>
      matches(selectorOf(deployment) ?? nothing, set.metadata?.labels ?? {});
    watchOwned({ ownerType: deploymentType, owners: deployments, owned: sets, selects, add });
    pods.on({ deleted: (pod) => wakeRecreation(pod, { deployments, sets, add }) });
  },
};

interface Parts {
  readonly deployments: Informer<Deployment>;
  readonly selectorOf: (deployment: DeepReadonly<Deployment>) => Selector | undefined;
  readonly sets: OwnedLookup<ReplicaSet>;
  readonly pods: OwnedLookup<Pod>;
  readonly deps: Pick<ControllerDeps, "client" | "events" | "clock">;
}

/** Recreate waits for the last of the old pods to go. */
function wakeRecreation(
  pod: DeepReadonly<Pod>,
  {
    deployments,
    sets,
    add,
  }: { deployments: Informer<Deployment>; sets: Informer<ReplicaSet>; add: (key: string) => void },
): void {
  const namespace = pod.metadata?.namespace;
  const owner = controllerOf(pod);
  if (owner?.kind !== setType.kind) return;
  const set = sets.get(keyFor(namespace, owner.name));
  const key = keyFor(namespace, (set === undefined ? undefined : controllerOf(set))?.name ?? "");
  if (deployments.get(key)?.spec?.strategy?.type === "Recreate") add(key);
}

async function reconcile(key: string, parts: Parts): Promise<Outcome> {
  const { deployments, selectorOf, sets, pods, deps } = parts;
  const deployment = deployments.get(key);
  if (deployment === undefined) return;
  const { spec, metadata } = deployment;
  if (isEmptySelector(spec?.selector)) return refuse(deployment, deps);
  const selector = selectorOf(deployment);
  // One that does not select what it makes would make ReplicaSets for ever.
  if (selector === undefined || !matches(selector, spec?.template.metadata?.labels ?? {})) return;
  const what = { ownerType: deploymentType, owner: deployment, type: setType, selector };
  const claimed = await claim(what, sets.candidates(deployment), deps.client);
  const isGoing = metadata?.deletionTimestamp !== undefined;
  const rollback = isGoing || spec?.paused === true ? undefined : rollbackOf(deployment, claimed);
  if (rollback !== undefined) {
    await deps.client.update(deploymentType, rollback.deployment);
    deps.events.event(deployment, rollback.event);
    return;
  }
  const haveRunningPods = (those: readonly SeenSet[]): boolean =>
    those.some((set) => pods.of(set).some((pod) => !isPodTerminal(pod)));
  const { steps, isRollout } = plan({ deployment, sets: claimed, haveRunningPods });
  const performed = await perform(steps, { deployment, sets: claimed }, deps);
  return report(deployment, { performed, isRollout }, deps);
}

/** A Deployment that would take all pods of its namespace for its own. */
async function refuse(deployment: DeepReadonly<Deployment>, { client, events }: Parts["deps"]): Promise<void> {
  const message = "This deployment is selecting all pods. A non-empty selector is required.";
  events.event(deployment, { type: "Warning", reason: "SelectingAll", message });
  const generation = deployment.metadata?.generation ?? 0;
  if ((deployment.status?.observedGeneration ?? 0) >= generation) return;
  const status = { ...deployment.status, observedGeneration: generation };
  await client.update(deploymentType, { ...deployment, status }, "status");
}
