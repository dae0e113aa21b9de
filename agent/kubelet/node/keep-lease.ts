import type { Lease } from "../../../api/generated/types/coordination-v1.ts";
import type { Node } from "../../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import { formatMicroTime } from "../../../api/machinery/time.ts";
import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/log.ts";
import type { Random } from "../../../base/random.ts";
import type { Client } from "../../../client/client.ts";
import { leases } from "../../../client/resource-types.ts";
import { createUnlessThere } from "./register-node.ts";

const usualSeconds = 40;
/** Of the interval: many nodes that start at once must not renew at once ever after. */
const jitter = 0.04;
const retryMs = { first: 200, most: 7_000 };

/** As often as a kubelet does. */
export const usualRenewMs = 10_000;

export interface LeaseDeps {
  /** Milliseconds between two renewals. */
  readonly renewMs: number;
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** Says again and again that the node lives. Returns what ends it. https://kubernetes.io/docs/concepts/architecture/leases/#node-heart-beats */
export async function keepLease(
  node: DeepReadonly<Node>,
  { renewMs, client, clock, random, log }: LeaseDeps,
): Promise<() => void> {
  const { name = "", uid = "" } = node.metadata ?? {};
  const leaseDurationSeconds = Math.max(usualSeconds, Math.ceil((renewMs * 2) / 1000));
  const namespace = "kube-node-lease";
  let lease: DeepReadonly<Lease> | undefined;
  let isStopped = false;
  let cancel = (): void => {};
  const fresh = async (): Promise<DeepReadonly<Lease>> => {
    const ownerReferences = [{ apiVersion: "v1", kind: "Node", name, uid }];
    const renewTime = formatMicroTime(clock.now());
    const spec = { holderIdentity: name, leaseDurationSeconds, renewTime };
    const made = await createUnlessThere(client, leases, { metadata: { namespace, name, ownerReferences }, spec });
    return made ?? client.get(leases, { namespace, name });
  };
  const renew = async (): Promise<void> => {
    const isNew = lease === undefined;
    const held: DeepReadonly<Lease> = lease ?? (await fresh());
    lease = held;
    const renewTime = formatMicroTime(clock.now());
    if (isNew && held.spec?.renewTime === renewTime) return;
    lease = await client.update(leases, {
      ...held,
      spec: { ...held.spec, holderIdentity: name, leaseDurationSeconds, renewTime },
    });
  };
  const later = (ms: number, failures: number): void => {
    if (isStopped) return;
    cancel = clock.after(ms, () => void attempt(failures));
  };
  const attempt = async (failures: number): Promise<void> => {
    try {
      await renew();
      later(renewMs + random.integer(Math.ceil(renewMs * jitter)), 0);
    } catch (thrown) {
      if (isStopped) return;
      // Somebody else has changed or deleted it: it is read anew.
      lease = undefined;
      const isEveryday = thrown instanceof ApiError && (thrown.code === 409 || thrown.code === 404);
      if (!isEveryday) log.warn("a node lease could not be renewed", { node: name, error: String(thrown) });
      later(Math.min(retryMs.first * 2 ** failures, retryMs.most), failures + 1);
    }
  };
  await renew();
  later(random.integer(renewMs), 0);
  return () => {
    isStopped = true;
    cancel();
  };
}
