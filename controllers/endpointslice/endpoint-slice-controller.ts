import type { Node, Service } from "../../api/generated/types/core-v1.ts";
import type { EndpointSlice } from "../../api/generated/types/discovery-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Informer } from "../../client/informer.ts";
import type { IndexLookup } from "../../client/lister.ts";
import {
  endpointSlices as sliceType,
  nodes as nodeType,
  pods as podType,
  services as serviceType,
} from "../../client/resource-types.ts";
import type { Controller, ControllerDeps } from "../controller.ts";
import { hasSelector, type PodsOf, watchServicePods } from "../endpoints/service-pods.ts";
import { TriggerTimes, withTriggerTime } from "../endpoints/trigger-times.ts";
import { watchSelf } from "../owned.ts";
import { nearnessOf, withoutHints, withOwnPlace } from "./hints.ts";
import { type Observed, planSlices, podsWithoutNode, type SliceChanges } from "./plan.ts";
import { familiesOf, managerName, type Slice } from "./service-slice.ts";
import { watchSlices } from "./watch-slices.ts";
import { writeSlices } from "./write-slices.ts";
import { ZoneHintsState } from "./zone-hints-state.ts";

/** Slower than others: a service may be much to write. */
const backoff = { first: 1000, most: 1_000_000 };

/**
 * Tells in EndpointSlices how the pods of a service are reached.
 * https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/
 */
export const endpointSliceController: Controller = {
  name: "endpointslice-controller",
  component: "endpoint-slice-controller",
  start(deps) {
    const services = deps.informers.of(serviceType);
    const nodes = deps.informers.of(nodeType);
    const reconciler = deps.reconciler({ reconcile: (key) => reconcile(key, parts), backoff });
    const add = (key: string): void => reconciler.add(key);
    const addAfter = (key: string, after: number): void => reconciler.addAfter(key, after);
    const topology = deps.reconciler({
      name: "endpointslice-controller topology",
      reconcile: () => Promise.resolve(parts.zoneHints.overloaded().forEach(add)),
    });
    const parts: Parts = {
      services,
      nodes,
      podsOf: watchServicePods(services, deps.informers.of(podType), addAfter),
      slicesOf: watchSlices(deps.informers.of(sliceType), managerName, addAfter),
      triggers: new TriggerTimes(),
      zoneHints: new ZoneHintsState(nodes, () => topology.add("nodes")),
      deps,
    };
    watchSelf(services, add);
  },
};

interface Parts {
  readonly services: Informer<Service>;
  readonly nodes: Informer<Node>;
  readonly podsOf: PodsOf;
  readonly slicesOf: IndexLookup<EndpointSlice>;
  readonly triggers: TriggerTimes;
  readonly zoneHints: ZoneHintsState;
  readonly deps: Pick<ControllerDeps, "client" | "events">;
}

async function reconcile(key: string, parts: Parts): Promise<void> {
  const { services, triggers, zoneHints, deps } = parts;
  const service = services.get(key);
  if (service === undefined) {
    // Its slices are the garbage collector's.
    triggers.forget(key);
    zoneHints.forget(key);
    return;
  }
  // Slices of services without a selector are made by others.
  if (service.spec?.type === "ExternalName" || !hasSelector(service)) return;
  try {
    await sync(key, service, parts);
  } catch (thrown) {
    const { namespace = "", name = "" } = service.metadata ?? {};
    deps.events.event(service, {
      type: "Warning",
      reason: "FailedToUpdateEndpointSlices",
      message: `Error updating Endpoint Slices for Service ${namespace}/${name}: ${messageOf(thrown)}`,
    });
    throw thrown;
  }
}

async function sync(key: string, service: DeepReadonly<Service>, parts: Parts): Promise<void> {
  const { nodes, podsOf, slicesOf, triggers, deps } = parts;
  const pods = podsOf(service);
  const nodeOf = (name: string): DeepReadonly<Node> | undefined => nodes.get(name);
  const existing = slicesOf(key).filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
  const time = triggers.next(key, service, pods);
  const families = familiesOf(service);
  for (const family of families) {
    const own = existing.filter(({ addressType }) => addressType === family);
    const changes = withNearness(key, { service, pods, nodeOf, family, existing: own }, parts);
    await write(changes, service, { time, deps });
  }
  const others = existing.filter(({ addressType }) => !families.some((family) => family === addressType));
  await write({ create: [], update: [], delete: others }, service, { time, deps });
  const [lost] = podsWithoutNode({ service, pods, nodeOf });
  if (lost === undefined) return;
  const { namespace = "", name = "" } = service.metadata ?? {};
  throw new Error(`skipping Pod ${lost.pod} for Service ${namespace}/${name}: Node ${lost.node} Not Found`);
}

function withNearness(key: string, observed: Observed, { zoneHints, deps }: Parts): SliceChanges {
  const { service, family } = observed;
  const changes = planSlices(observed);
  const nearness = nearnessOf(service);
  if (nearness === "shares") {
    const told = zoneHints.apply(key, family, changes);
    if (told.event !== undefined) deps.events.event(service, told.event);
    return told.changes;
  }
  const event = zoneHints.drop(key, family);
  if (event !== undefined) deps.events.event(service, event);
  return nearness === "none" ? withoutHints(changes) : withOwnPlace(changes, nearness);
}

async function write(
  changes: Pick<SliceChanges, "create" | "update" | "delete">,
  { metadata }: DeepReadonly<Service>,
  { time, deps }: { readonly time: string | undefined; readonly deps: Parts["deps"] },
): Promise<void> {
  const timed = (slice: Slice): Slice => {
    const annotations = withTriggerTime(slice.metadata?.annotations, time);
    return { ...slice, metadata: { ...slice.metadata, annotations } };
  };
  await writeSlices(
    { create: changes.create.map(timed), update: changes.update.map(timed), delete: changes.delete },
    { client: deps.client, mayCreate: metadata?.deletionTimestamp === undefined },
  );
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
