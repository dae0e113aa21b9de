import { createHash } from "node:crypto";
import type { LeaseList } from "../api/generated/types/coordination-v1.ts";
import { labelValue } from "../api/machinery/names.ts";
import { ApiError } from "../api/machinery/status.ts";
import { formatMicroTime, timeMillis } from "../api/machinery/time.ts";
import type { Transport } from "../api/wire.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import { repeat } from "../base/repeat.ts";
import { call } from "../client/call.ts";

const identityLabel = "apiserver.kubernetes.io/identity";
const identity = "kube-apiserver";
const url = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";

/** As kube-apiserver has them. */
const durationSeconds = 3600;
const collectMs = 3_600_000;

export interface IdentityLeaseOptions {
  readonly transport: Transport;
  readonly hostname: string;
  /** `host:port` by which other servers would reach this one. */
  readonly address: string;
  /** Milliseconds. */
  readonly renewMs: number;
  /** Cluster time. */
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/**
 * By a Lease in kube-system others know which API servers there are. Resolves when it is there; what is returned stops
 * its renewal and takes it away.
 * https://kubernetes.io/docs/concepts/architecture/leases/#api-server-identity
 */
export async function keepIdentityLease(options: IdentityLeaseOptions): Promise<() => Promise<void>> {
  const { clock, log } = options;
  const holder = `${leaseName(options.hostname)}_${options.random.uuid()}`;
  const failed = (error: unknown): void => log.error("the lease of this API server could not be renewed", { error });
  await renew(options, holder);
  await collectExpired(options);
  const stops = [
    repeat(options.renewMs, () => renew(options, holder), { clock, failed }),
    repeat(collectMs, () => collectExpired(options), { clock, failed }),
  ];
  return async () => {
    for (const stop of stops) await stop();
    await remove(options.transport, leaseName(options.hostname));
  };
}

/** One name for each host: upstream's hash of its name and the component's. */
export function leaseName(hostname: string): string {
  const hash = createHash("sha256");
  for (const part of [hostname, identity].map((text) => Buffer.from(text))) {
    hash.update(Uint8Array.of(part.length >> 8, part.length & 0xff)).update(part);
  }
  return `apiserver-${base32(hash.digest().subarray(0, 16))}`;
}

/** Lower case, unpadded. https://www.rfc-editor.org/rfc/rfc4648#section-6 */
function base32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => "abcdefghijklmnopqrstuvwxyz234567"[Number.parseInt(group.padEnd(5, "0"), 2)]).join("");
}

async function renew({ transport, hostname, address, clock }: IdentityLeaseOptions, holder: string): Promise<void> {
  const name = leaseName(hostname);
  // Not every host is called what a label may hold.
  const label = labelValue(hostname).length === 0 ? { "kubernetes.io/hostname": hostname } : {};
  const metadata = {
    labels: { [identityLabel]: identity, ...label },
    annotations: { "kubernetes.io/peer-advertise-address": address },
  };
  const renewTime = formatMicroTime(clock.now());
  try {
    const contentType = "application/merge-patch+json";
    await call(transport, {
      method: "PATCH",
      url: `${url}/${name}`,
      contentType,
      body: { metadata, spec: { renewTime } },
    });
  } catch (thrown) {
    if (!isReason(thrown, "NotFound")) throw thrown;
    const spec = { holderIdentity: holder, leaseDurationSeconds: durationSeconds, renewTime };
    const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name, ...metadata }, spec };
    await call(transport, { method: "POST", url, body });
  }
}

/** Servers that ended without a word: an hour after their last one. */
async function collectExpired({ transport, clock }: IdentityLeaseOptions): Promise<void> {
  const selector = encodeURIComponent(`${identityLabel}=${identity}`);
  const { items } = await call<LeaseList>(transport, { method: "GET", url: `${url}?labelSelector=${selector}` });
  for (const { metadata, spec } of items) {
    const renewed = timeMillis(spec?.renewTime);
    const seconds = spec?.leaseDurationSeconds;
    const isValid = renewed !== undefined && seconds !== undefined && renewed + seconds * 1000 >= clock.now();
    if (!isValid) await remove(transport, metadata?.name ?? "", metadata?.resourceVersion);
  }
}

/** With a resourceVersion: unless it has been renewed since. */
async function remove(transport: Transport, name: string, resourceVersion?: string): Promise<void> {
  const options = { apiVersion: "v1", kind: "DeleteOptions" };
  const body = resourceVersion === undefined ? options : { ...options, preconditions: { resourceVersion } };
  try {
    await call(transport, { method: "DELETE", url: `${url}/${name}`, body });
  } catch (thrown) {
    if (!isReason(thrown, "NotFound") && !isReason(thrown, "Conflict")) throw thrown;
  }
}

function isReason(thrown: unknown, reason: ApiError["reason"]): boolean {
  return thrown instanceof ApiError && thrown.reason === reason;
}
