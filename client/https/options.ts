import type { Clock } from "../../base/clock.ts";

/** A value, or how to get the one that holds now. Asked for each request, so it must be cheap: cache what is read. */
export type Provided<T> = T | (() => T | Promise<T>);

export interface ClientCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface HttpsTransportOptions {
  /** https://host:port, with a path if the API is below one. */
  readonly server: string;
  /** Who may be at the other end; the roots that Node comes with when absent. */
  readonly caPem?: string;
  /** The name that the server's certificate must be for, if it is not the host's. Sent as SNI. */
  readonly serverName?: string;
  /** Takes any certificate. */
  readonly insecure?: boolean;
  /** Another certificate than before opens new connections; open ones end when their requests do. */
  readonly clientCertificate?: Provided<ClientCertificate>;
  /** The Authorization header, whole: `Bearer …`. A request that has one of its own keeps it. */
  readonly authorization?: Provided<string>;
  /** Sent with each request that does not say otherwise: impersonation. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly limits?: Partial<HttpsLimits>;
  /** Real time. */
  readonly timers?: Clock;
}

/** Times in milliseconds, sizes in bytes. */
export interface HttpsLimits {
  readonly connectMs: number;
  /** A connection with open requests that brought nothing for so long is asked for a sign of life… */
  readonly quietMs: number;
  /** …and given up when none comes in so long. */
  readonly pingMs: number;
  /** A connection without a request is closed. */
  readonly idleMs: number;
  /** Connections at a time; each carries as many requests as the server allows. */
  readonly connections: number;
  /** Answers that say that they are no longer than this come in one piece. */
  readonly wholeBytes: number;
}

export const defaultLimits: HttpsLimits = {
  connectMs: 30_000,
  quietMs: 15_000,
  pingMs: 15_000,
  idleMs: 90_000,
  connections: 8,
  wholeBytes: 4 * 1024 * 1024,
};

export function provide<T extends string | object>(provided: Provided<T>): T | Promise<T> {
  return typeof provided === "function" ? provided() : provided;
}
