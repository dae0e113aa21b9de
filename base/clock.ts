/**
 * The cluster's time: ages, leases, back-off, schedules and expiry ask this clock, never the machine's.
 * Sockets, TLS, certificates and compaction run on real time (DESIGN, decision 8).
 */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls back once after `milliseconds`; the returned function cancels. */
  after(milliseconds: number, call: () => void): () => void;
}

export const realClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, call) {
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  },
};
