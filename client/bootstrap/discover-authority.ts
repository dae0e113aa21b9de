import { clusterInfo } from "../../api/core/cluster-info.ts";
import type { ConfigMap } from "../../api/generated/types/core-v1.ts";
import { getOwn, isObject } from "../../api/machinery/members.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { parseYaml } from "../../api/machinery/yaml.ts";
import type { Clock } from "../../base/clock.ts";
import { createClient } from "../client.ts";
import { ConnectionError } from "../connection-error.ts";
import { createHttpsTransport } from "../https/https-transport.ts";
import { pause } from "../pause.ts";
import { configMaps } from "../resource-types.ts";
import { isSignedBy } from "./detached-signature.ts";
import { JoinError } from "./join-error.ts";
import type { JoinToken } from "./join-token.ts";
import { pinnedCertificates } from "./public-key-pin.ts";

export interface DiscoverOptions {
  /** https://host:port */
  readonly server: string;
  readonly joinToken: JoinToken;
  /** Real time. */
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** So long it is waited until the server is there and has signed for the token; half a minute when absent. */
  readonly patienceMs?: number;
}

const retryMs = 1000;

/**
 * The certificate of the authority that the join token pins, in PEM: who is at the other end is not known yet, so nothing
 * is told to it, and nothing believed but what has the pinned key and is signed by the token. Throws JoinError, or
 * ConnectionError where the server could not be asked.
 * https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-join/#token-based-discovery-with-ca-pinning
 */
export async function discoverAuthority(options: DiscoverOptions): Promise<string> {
  const { server, joinToken, clock, signal, patienceMs = 30_000 } = options;
  await using https = createHttpsTransport({ server, insecure: true, timers: clock });
  const client = createClient({ transport: https.transport, userAgent: "wherry", signal });
  const until = clock.now() + patienceMs;
  for (;;) {
    let problem: Error;
    try {
      const found = authorityIn(await client.get(configMaps, clusterInfo), joinToken);
      if (found !== undefined) return found;
      problem = new JoinError(unsigned);
    } catch (thrown) {
      problem = explained(thrown);
      if (problem instanceof JoinError) throw problem;
    }
    if (clock.now() >= until) throw problem;
    await pause(retryMs, { clock, signal });
    signal.throwIfAborted();
  }
}

const unsigned =
  "the server does not know the join token: it has ended, was deleted, or is another cluster's; make a new one with `wherry token create`";

/** What can only be waited for is returned as it is. */
function explained(thrown: unknown): Error {
  if (thrown instanceof ConnectionError) return thrown;
  if (!(thrown instanceof ApiError)) throw thrown;
  // While it starts, there is nothing to read yet.
  if (thrown.reason === "NotFound" || thrown.code >= 500 || thrown.code === 429) return thrown;
  return new JoinError(`the server does not tell whom to trust: ${thrown.message}`, { cause: thrown });
}

/** Undefined while the token has signed nothing. */
function authorityIn({ data = {} }: DeepReadonly<ConfigMap>, { token, pin }: JoinToken): string | undefined {
  const kubeconfig = getOwn(data, clusterInfo.kubeconfigKey) ?? "";
  const signature = getOwn(data, clusterInfo.signatureKey(token.id));
  if (signature === undefined) return undefined;
  if (!isSignedBy(token, kubeconfig, signature))
    throw new JoinError(
      "what the server tells is not signed by the join token: its secret is wrong, or somebody is in between",
    );
  const pinned = pinnedCertificates(authorityOf(kubeconfig), pin);
  if (pinned === "")
    throw new JoinError(
      "the server's authority is not the one that the join token pins: this is another cluster, or somebody is in between",
    );
  return pinned;
}

/** Of the one cluster in it; "" where there is none. */
function authorityOf(kubeconfig: string): string {
  const { value } = parseYaml(Buffer.from(kubeconfig));
  const clusters = isObject(value) ? value["clusters"] : undefined;
  const first: unknown = Array.isArray(clusters) ? clusters[0] : undefined;
  const cluster = isObject(first) ? first["cluster"] : undefined;
  const data = isObject(cluster) ? cluster["certificate-authority-data"] : undefined;
  return typeof data === "string" ? Buffer.from(data, "base64").toString("latin1") : "";
}
