import type { Endpoints, Service } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Client } from "../../client/client.ts";
import type { Informer } from "../../client/informer.ts";
import { keyOf, splitKey } from "../../client/lister.ts";
import { endpoints as endpointsType, pods as podType, services as serviceType } from "../../client/resource-types.ts";
import type { Controller, ControllerDeps } from "../controller.ts";
import { watchSelf } from "../owned.ts";
import { isNamespaceGoing } from "../pods/pod-control.ts";
import { planEndpoints } from "./plan.ts";
import { hasSelector, type PodsOf, watchServicePods } from "./service-pods.ts";
import { TriggerTimes } from "./trigger-times.ts";

/** Of client-go's old leader election, which used Endpoints that have no service. */
export const leaderAnnotation = "control-plane.alpha.kubernetes.io/leader";

/**
 * Keeps the Endpoints of services with a selector: the older view of what EndpointSlices tell.
 * https://kubernetes.io/docs/concepts/services-networking/service/#endpoints
 */
export const endpointsController: Controller = {
  name: "endpoints-controller",
  serviceAccount: "endpoint-controller",
  component: "endpoint-controller",
  start(deps) {
    const services = deps.informers.of(serviceType);
    const endpoints = deps.informers.of(endpointsType);
    const triggers = new TriggerTimes();
    const reconciler = deps.reconciler({ reconcile: (key) => reconcile(key, parts) });
    const add = (key: string): void => reconciler.add(key);
    const addAfter = (key: string, after: number): void => reconciler.addAfter(key, after);
    const podsOf = watchServicePods(services, deps.informers.of(podType), addAfter);
    const parts: Parts = { services, endpoints, podsOf, triggers, deps };
    watchSelf(services, add);
    endpoints.on({
      // Their service may have gone while nobody watched; later on, its deletion tells.
      added(object) {
        if (!endpoints.hasSynced && object.metadata?.annotations?.[leaderAnnotation] === undefined) add(keyOf(object));
      },
      deleted: (object) => add(keyOf(object)),
    });
  },
};

interface Parts {
  readonly services: Informer<Service>;
  readonly endpoints: Informer<Endpoints>;
  readonly podsOf: PodsOf;
  readonly triggers: TriggerTimes;
  readonly deps: Pick<ControllerDeps, "client" | "events">;
}

async function reconcile(key: string, { services, endpoints, podsOf, triggers, deps }: Parts): Promise<void> {
  const service = services.get(key);
  const current = endpoints.get(key);
  if (service === undefined) {
    triggers.forget(key);
    if (current !== undefined) await removeLeftover(key, deps.client);
    return;
  }
  // What others write for services without a selector is theirs.
  if (service.spec?.type === "ExternalName" || !hasSelector(service)) return;
  const pods = podsOf(service);
  const wanted = planEndpoints({ service, pods, current, triggerTime: triggers.next(key, service, pods) });
  if (wanted !== undefined) await write(wanted, service, { ...deps, isNew: current === undefined });
}

async function write(
  wanted: DeepReadonly<Endpoints>,
  service: DeepReadonly<Service>,
  { client, events, isNew }: Pick<ControllerDeps, "client" | "events"> & { readonly isNew: boolean },
): Promise<void> {
  try {
    await (isNew ? client.create(endpointsType, wanted) : client.update(endpointsType, wanted));
  } catch (thrown) {
    if (isNew && isNamespaceGoing(thrown)) return;
    const { namespace = "", name = "" } = service.metadata ?? {};
    const what = isNew ? "create endpoint for service" : "update endpoint";
    events.event(
      { ...wanted, apiVersion: endpointsType.apiVersion, kind: endpointsType.kind },
      {
        type: "Warning",
        reason: isNew ? "FailedToCreateEndpoint" : "FailedToUpdateEndpoint",
        message: `Failed to ${what} ${namespace}/${name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      },
    );
    throw thrown;
  }
}

/** The server is asked whether the service is gone: one cache may be ahead of the other. */
async function removeLeftover(key: string, client: Client): Promise<void> {
  const name = splitKey(key);
  try {
    await client.get(serviceType, name);
  } catch (thrown) {
    if (!isNotFound(thrown)) throw thrown;
    await client.delete(endpointsType, name).catch((failure: unknown) => {
      if (!isNotFound(failure)) throw failure;
    });
  }
}

function isNotFound(thrown: unknown): boolean {
  return thrown instanceof ApiError && thrown.reason === "NotFound";
}
