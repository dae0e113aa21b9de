import type { IPAddress, ServiceCIDR } from "../../api/generated/types/networking-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { formatTime, timeMillis } from "../../api/machinery/time.ts";
import type { Informer } from "../../client/informer.ts";
import type { Outcome } from "../../client/reconciler.ts";
import { keyOf } from "../../client/lister.ts";
import { ipAddresses as addressType, serviceCidrs as cidrType } from "../../client/resource-types.ts";
import type { Controller, ControllerDeps } from "../controller.ts";
import { coversAddress, mayGo, overlaps, serviceAddress } from "./coverage.ts";

const name = "service-cidr-controller";
const finalizer = "networking.k8s.io/service-cidr-finalizer";

const ready = { type: "Ready", status: "True", reason: "", message: "Kubernetes Service CIDR is ready" };
const terminating = {
  type: "Ready",
  status: "False",
  reason: "Terminating",
  message: "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR",
};

/**
 * Keeps ranges of service addresses for as long as Services have addresses of them.
 * https://kubernetes.io/docs/tasks/network/extend-service-ip-ranges/#delete-a-servicecidr
 */
export const serviceCidrController: Controller = {
  name,
  serviceAccount: "service-cidrs-controller",
  start(deps) {
    const cidrs = deps.informers.of(cidrType);
    const addresses = deps.informers.of(addressType);
    const reconciler = deps.reconciler({ reconcile: (key) => reconcile(key, { cidrs, addresses, deps }) });
    const wake = (cidr: DeepReadonly<ServiceCIDR>): void => reconciler.add(keyOf(cidr));
    cidrs.on({
      added(cidr) {
        wake(cidr);
        for (const other of cidrs.list()) if (overlaps(cidr, other)) wake(other);
      },
      updated: wake,
      deleted: wake,
    });
    const wakeAround = (address: DeepReadonly<IPAddress>): void => {
      const ip = serviceAddress(address);
      if (ip === undefined) return;
      // A range that is to stay does not care.
      for (const cidr of cidrs.list()) if (isGoing(cidr) && coversAddress(cidr, ip)) wake(cidr);
    };
    addresses.on({ added: wakeAround, deleted: wakeAround });
  },
};

interface Parts {
  readonly cidrs: Informer<ServiceCIDR>;
  readonly addresses: Informer<IPAddress>;
  readonly deps: Pick<ControllerDeps, "client" | "clock" | "events" | "config">;
}

type Condition = typeof ready;

async function reconcile(key: string, parts: Parts): Promise<Outcome> {
  const { cidrs, addresses, deps } = parts;
  const cidr = cidrs.get(key);
  if (cidr === undefined) return undefined;
  if (isGoing(cidr)) {
    if (!mayGo(cidr, [...cidrs.list()], addresses.list())) return setCondition(cidr, terminating, deps);
    const since = timeMillis(cidr.metadata?.deletionTimestamp) ?? 0;
    const left = since + deps.config.serviceRangeSettlingMs - deps.clock.now();
    if (left > 0) return { after: left };
    return setFinalizers(cidr, { "$deleteFromPrimitiveList/finalizers": [finalizer] }, deps);
  }
  if (!hasFinalizer(cidr)) await setFinalizers(cidr, { finalizers: [finalizer] }, deps);
  try {
    return await setCondition(cidr, ready, deps);
  } catch (thrown) {
    const message = "The ServiceCIDR Status can not be set to Ready=True";
    deps.events.event(cidr, { type: "Warning", reason: "KubernetesServiceCIDRError", message });
    throw thrown;
  }
}

function isGoing({ metadata }: DeepReadonly<ServiceCIDR>): boolean {
  return metadata?.deletionTimestamp !== undefined;
}

function hasFinalizer({ metadata }: DeepReadonly<ServiceCIDR>): boolean {
  return metadata?.finalizers?.includes(finalizer) === true;
}

async function setCondition(
  cidr: DeepReadonly<ServiceCIDR>,
  wanted: Condition,
  { client, clock }: Parts["deps"],
): Promise<undefined> {
  const current = cidr.status?.conditions?.find(({ type }) => type === wanted.type);
  const isThere =
    current?.status === wanted.status && current.reason === wanted.reason && current.message === wanted.message;
  if (isThere) return;
  const conditions = [{ ...wanted, lastTransitionTime: formatTime(clock.now()) }];
  const applied = { apiVersion: cidrType.apiVersion, kind: cidrType.kind, status: { conditions } };
  const options = { type: "apply", subresource: "status", fieldManager: name, force: true } as const;
  await client.patch(cidrType, { name: cidr.metadata?.name ?? "" }, applied, options);
}

async function setFinalizers(
  cidr: DeepReadonly<ServiceCIDR>,
  change: object,
  { client }: Parts["deps"],
): Promise<undefined> {
  if (isGoing(cidr) && !hasFinalizer(cidr)) return;
  const { name: named = "", uid } = cidr.metadata ?? {};
  try {
    await client.patch(cidrType, { name: named }, { metadata: { uid, ...change } }, { type: "strategic" });
  } catch (thrown) {
    if (!(thrown instanceof ApiError) || thrown.reason !== "NotFound") throw thrown;
  }
}
