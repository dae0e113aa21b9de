import type { Endpoints, Service } from "../../api/generated/types/core-v1.ts";
import type { EndpointSlice } from "../../api/generated/types/discovery-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Informer } from "../../client/informer.ts";
import { type IndexLookup, keyOf } from "../../client/lister.ts";
import { endpoints as endpointsType, endpointSlices, services as serviceType } from "../../client/resource-types.ts";
import type { Controller, ControllerDeps } from "../controller.ts";
import { leaderAnnotation } from "../endpoints/endpoints-controller.ts";
import { hasSelector } from "../endpoints/service-pods.ts";
import { watchSlices } from "../endpointslice/watch-slices.ts";
import { writeSlices } from "../endpointslice/write-slices.ts";
import { maxMirrored, mirrorName, planMirror } from "./plan.ts";

const backoff = { first: 1000, most: 100_000 };

/**
 * Shows Endpoints that somebody wrote for a service without a selector as EndpointSlices.
 * https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#endpointslice-mirroring
 */
export const endpointSliceMirroringController: Controller = {
  name: "endpointslice-mirroring-controller",
  serviceAccount: "endpointslicemirroring-controller",
  component: "endpoint-slice-mirroring-controller",
  start(deps) {
    const services = deps.informers.of(serviceType);
    const endpoints = deps.informers.of(endpointsType);
    const reconciler = deps.reconciler({ reconcile: (key) => reconcile(key, parts), backoff });
    const slicesOf = watchSlices(deps.informers.of(endpointSlices), mirrorName, (key, after) =>
      reconciler.addAfter(key, after),
    );
    const parts: Parts = { services, endpoints, slicesOf, deps };
    const wakeService = (service: DeepReadonly<Service>): void => {
      if (!hasSelector(service)) reconciler.add(keyOf(service));
    };
    services.on({
      added: wakeService,
      updated(service, old) {
        if (hasSelector(service) !== hasSelector(old)) reconciler.add(keyOf(service));
      },
      deleted: wakeService,
    });
    const wake = (object: DeepReadonly<Endpoints>): void => {
      if (isMirrored(object)) reconciler.add(keyOf(object));
    };
    endpoints.on({
      added: wake,
      updated(object, old) {
        if (isMirrored(object) || isMirrored(old)) reconciler.add(keyOf(object));
      },
      deleted: wake,
    });
  },
};

interface Parts {
  readonly services: Informer<Service>;
  readonly endpoints: Informer<Endpoints>;
  readonly slicesOf: IndexLookup<EndpointSlice>;
  readonly deps: Pick<ControllerDeps, "client" | "events">;
}

async function reconcile(key: string, { services, endpoints, slicesOf, deps }: Parts): Promise<void> {
  const source = endpoints.get(key);
  const service = services.get(key);
  const existing = slicesOf(key);
  if (source === undefined || service === undefined || !isMirrored(source) || hasSelector(service)) {
    await writeSlices({ create: [], update: [], delete: existing }, { client: deps.client, mayCreate: false });
    return;
  }
  const plan = planMirror(source, existing);
  const tell = (reason: string, message: string): void =>
    deps.events.event(source, { type: "Warning", reason, message });
  if (plan.invalid > 0)
    tell("InvalidIPAddress", `Skipped ${plan.invalid} invalid IP addresses when mirroring to EndpointSlices`);
  if (plan.skipped > plan.invalid)
    tell(
      "TooManyAddressesToMirror",
      `A max of ${maxMirrored} addresses can be mirrored to EndpointSlices per Endpoints subset. ${plan.skipped} addresses were skipped`,
    );
  await writeSlices(plan, { client: deps.client, mayCreate: source.metadata?.deletionTimestamp === undefined });
}

function isMirrored({ metadata }: DeepReadonly<Endpoints>): boolean {
  const { labels, annotations } = metadata ?? {};
  return (
    labels?.["endpointslice.kubernetes.io/skip-mirror"] !== "true" && annotations?.[leaderAnnotation] === undefined
  );
}
