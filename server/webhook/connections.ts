import { Agent } from "node:https";
import { isIP } from "node:net";
import { createSecureContext } from "node:tls";
import type { Credential } from "../../certs/credential.ts";
import type { Endpoint } from "../extensions/service-resolver.ts";

/** Who must be at the other end, and who we are to them. */
export interface TlsPeer {
  /** The name, or the address, that the certificate must be for; sent as SNI too. */
  readonly serverName: string;
  /** base64 of PEM; the roots that Node comes with when absent. */
  readonly caBundle?: string | undefined;
  /** Takes any certificate. */
  readonly insecure?: boolean;
  readonly client?: Credential;
}

export interface ConnectionLimits {
  /** Connections to one peer at a time; what is over waits. */
  readonly perPeer: number;
  /** Kept for later use, per peer. */
  readonly idlePerPeer: number;
  readonly idleMs: number;
  /** Peers whose connections are kept; the one not used for longest goes. */
  readonly peers: number;
}

/** Kept-alive TLS connections, an agent for each endpoint and what is demanded of it. */
export class Connections {
  readonly #limits: ConnectionLimits;
  /** The least recently used first. */
  readonly #agents = new Map<string, Agent>();

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /** Throws where certificates or the key cannot be read. */
  agent(endpoint: Endpoint, peer: TlsPeer): Agent {
    const key = keyOf(endpoint, peer);
    const agent = this.#agents.get(key) ?? this.#create(peer);
    this.#agents.delete(key);
    this.#agents.set(key, agent);
    if (this.#agents.size > this.#limits.peers) this.#forgetOldest();
    return agent;
  }

  /** Closes what is idle; what is in use goes when it is done. */
  close(): void {
    for (const agent of this.#agents.values()) retire(agent);
    this.#agents.clear();
  }

  #create(peer: TlsPeer): Agent {
    const { perPeer, idlePerPeer, idleMs } = this.#limits;
    const secureContext = createSecureContext({
      ...(peer.caBundle ? { ca: Buffer.from(peer.caBundle, "base64") } : {}),
      ...(peer.client === undefined ? {} : { cert: peer.client.certPem, key: peer.client.keyPem }),
    });
    return new Agent({
      keepAlive: true,
      maxSockets: perPeer,
      maxFreeSockets: idlePerPeer,
      timeout: idleMs,
      secureContext,
      // An address is no name to ask for by SNI; the certificate is then checked for the host that is dialled.
      servername: isIP(peer.serverName) === 0 ? peer.serverName : "",
      rejectUnauthorized: peer.insecure !== true,
    });
  }

  #forgetOldest(): void {
    for (const [key, agent] of this.#agents) {
      this.#agents.delete(key);
      retire(agent);
      return;
    }
  }
}

function keyOf({ host, port }: Endpoint, { serverName, caBundle = "", insecure = false, client }: TlsPeer): string {
  return [host, port, serverName, insecure, client?.certPem ?? "", caBundle].join(" ");
}

function retire(agent: Agent): void {
  agent.maxFreeSockets = 0;
  for (const idle of Object.values(agent.freeSockets)) for (const socket of idle ?? []) socket.destroy();
}
