/** What one server grants its clients. Times in milliseconds, sizes in bytes. */
export interface HttpLimits {
  readonly connections: number;
  readonly handshakeMs: number;
  /** From the first byte of a request (or the handshake) to the end of its headers. */
  readonly headersMs: number;
  readonly headerBytes: number;
  /** To the end of its body. Says nothing about the answer: watches stay open. */
  readonly requestMs: number;
  /** A connection without a request. Longer than the idle time of the usual client pools (90 s in Go). */
  readonly idleMs: number;
  /** How long a client may take nothing while something waits for it. */
  readonly stallMs: number;
  /** HTTP/2 streams of one session at a time. */
  readonly concurrentStreams: number;
  /** Stream resets and pings that one session may send at once, and what it may send more each second. */
  readonly controlBurst: number;
  readonly controlPerSecond: number;
}

export const defaultLimits: HttpLimits = {
  connections: 10_000,
  handshakeMs: 10_000,
  headersMs: 20_000,
  headerBytes: 65_536,
  requestMs: 60_000,
  idleMs: 200_000,
  stallMs: 60_000,
  concurrentStreams: 250,
  controlBurst: 500,
  controlPerSecond: 50,
};

/** Time for a client to notice that it got its answer before it had sent all of its request. */
export const lingerMs = 5_000;
