import { createHttpsTransport } from "../https/https-transport.ts";
import type { ClientCertificate } from "../https/options.ts";
import { discoverAuthority } from "./discover-authority.ts";
import type { JoinToken } from "./join-token.ts";
import { type NodeCertificateOptions, requestClientCertificate } from "./node-certificates.ts";

export interface JoinOptions extends Omit<NodeCertificateOptions, "transport"> {
  /** https://host:port */
  readonly server: string;
  readonly joinToken: JoinToken;
}

/** What a node reaches the API server with from now on. The token is needed no more. */
export interface NodeCredentials {
  /** PEM: who may be at the other end. */
  readonly caPem: string;
  readonly client: ClientCertificate;
}

/**
 * From a join token to a node's own credentials, as kubelets bootstrap theirs. Throws JoinError, the ApiError that the
 * server answered with, or ConnectionError.
 * https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/
 */
export async function join({ server, joinToken, ...options }: JoinOptions): Promise<NodeCredentials> {
  const { clock, signal } = options;
  const caPem = await discoverAuthority({ server, joinToken, clock, signal });
  const { id, secret } = joinToken.token;
  await using https = createHttpsTransport({
    server,
    caPem,
    authorization: `Bearer ${id}.${secret}`,
    timers: clock,
  });
  return { caPem, client: await requestClientCertificate({ ...options, transport: https.transport }) };
}
