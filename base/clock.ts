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

/** Node's timers fire at once when they are set for longer. */
const longestTimer = 2 ** 31 - 1;

export const realClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, call) {
    let timer: NodeJS.Timeout;
    const wait = (left: number): void => {
      timer = setTimeout(
        () => (left > longestTimer ? wait(left - longestTimer) : call()),
        Math.min(left, longestTimer),
      );
    };
    wait(milliseconds);
    return () => clearTimeout(timer);
  },
};
