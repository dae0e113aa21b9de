import { X509Certificate } from "node:crypto";
import type { ConfigMap } from "../../api/generated/types/core-v1.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Transport } from "../../api/wire.ts";
import { realClock } from "../../base/clock.ts";
import { pemBlocks, toPem } from "../../certs/pem.ts";
import { call } from "../../client/call.ts";

type Data = Readonly<Record<string, string>>;

/** Other servers of the same store may write at the same time. */
const maxTries = 5;

/** Adds what this server says of whom to trust to what is there; `path` is undefined where there are no config maps. */
export async function keepTrust(transport: Transport, path: string | undefined, own: ConfigMap): Promise<void> {
  if (path === undefined) return;
  const url = `${path}/${own.metadata?.name ?? ""}`;
  for (let tries = 1; ; tries += 1) {
    const { metadata, data: before } = (await call(transport, { method: "GET", url })) as ConfigMap;
    // TLS goes by the machine's clock.
    const data = mergedTrust(before, own.data ?? {}, realClock.now());
    if (deepEqual(data, before)) return;
    try {
      const body = { metadata: { resourceVersion: metadata?.resourceVersion }, data };
      await call(transport, { method: "PATCH", url, contentType: "application/merge-patch+json", body });
      return;
    } catch (thrown) {
      if (!(thrown instanceof ApiError && thrown.reason === "Conflict") || tries === maxTries) throw thrown;
    }
  }
}

/** Of a certificate that has ended, clocks that go slow may still want to know. */
const graceMs = 5 * 60_000;

/**
 * What extension API servers are told of whom to trust, when several servers tell them: all of what is there and what this
 * one adds, each once, but for authorities that have ended. `now` is the machine's time, which TLS goes by.
 */
export function mergedTrust(there: DeepReadonly<ConfigMap>["data"], own: Data, now: number): Data {
  const before = there ?? {};
  const merged = Object.entries(own).map(([key, value]) => {
    const join = key.endsWith("-ca-file") ? joinedAuthorities : joinedNames;
    return [key, join(before[key] ?? "", value, now)] as const;
  });
  return { ...before, ...Object.fromEntries(merged) };
}

function joinedAuthorities(before: string, own: string, now: number): string {
  const certificates = [...certificatesIn(before), ...certificatesIn(own)];
  const valid = certificates.filter(({ validTo }) => Date.parse(validTo) > now - graceMs);
  const distinct = new Map(valid.map((certificate) => [certificate.fingerprint256, certificate]));
  return [...distinct.values()].map(({ raw }) => toPem("CERTIFICATE", raw)).join("");
}

function certificatesIn(pem: string): readonly X509Certificate[] {
  return pemBlocks(pem).flatMap(({ type, der }) => (type === "CERTIFICATE" ? (readable(der) ?? []) : []));
}

function readable(der: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined; // who wrote that has told nobody whom to trust
  }
}

/** Lists in JSON. */
function joinedNames(before: string, own: string): string {
  return JSON.stringify([...new Set([...namesIn(before), ...namesIn(own)])]);
}

function namesIn(json: string): readonly string[] {
  try {
    const names: unknown = JSON.parse(json);
    return Array.isArray(names) ? names.filter((name): name is string => typeof name === "string") : [];
  } catch {
    return []; // not a list, so no names
  }
}
