/** Lets `burst` through at once, then `qps` a second. */
export interface TokenBucket {
  /** Whether one more may pass now, milliseconds since the epoch. */
  take(now: number): boolean;
}

export function createTokenBucket(qps: number, burst: number): TokenBucket {
  let tokens = burst;
  let last: number | undefined;
  return {
    take(now) {
      // A clock that is set back gives nothing.
      tokens = Math.min(burst, tokens + (Math.max(0, now - (last ?? now)) / 1000) * qps);
      last = now;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
