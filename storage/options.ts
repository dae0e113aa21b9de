import type { Clock } from "../base/clock.ts";

export interface Retention {
  /** History younger than this is kept, on real time. */
  readonly ageMs: number;
  /** At most this many revisions of history, whatever their age. */
  readonly revisions: number;
}

/** Writes that wait for the disk; beyond either bound a write is refused at once. */
export interface QueueLimits {
  readonly writes: number;
  readonly bytes: number;
}

export interface StoreOptions {
  /** What time-to-live is measured by. */
  readonly clock?: Clock;
  /** What the age of history is measured by; only tests replace it. */
  readonly retentionClock?: Clock;
  readonly retention?: Partial<Retention>;
  readonly queue?: Partial<QueueLimits>;
}

/** etcd under a kube-apiserver keeps five minutes. */
export const defaultRetention: Retention = { ageMs: 5 * 60_000, revisions: 100_000 };

export const defaultQueueLimits: QueueLimits = { writes: 20_000, bytes: 64 * 1024 * 1024 };
