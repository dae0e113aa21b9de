import type { Clock } from "../../base/clock.ts";

export interface Reloading {
  readonly read: () => Promise<Buffer>;
  /** Keys are not kept in memory to compare them. */
  readonly hashOf: (bytes: Buffer) => string;
  /** Of what is in use. */
  readonly first: string;
  readonly pollMs: number;
  /** Real time. */
  readonly timers: Clock;
}

/** Looks at a file at times, and takes it in when it has changed; what fails is tried again. Returns what stops it. */
export function reloadWhenChanged(
  { read, hashOf, first, pollMs, timers }: Reloading,
  take: (bytes: Buffer) => Promise<void>,
  failed: (error: unknown) => void,
): () => void {
  let inUse = first;
  let isOver = false;
  let cancel = (): void => undefined;
  const look = async (): Promise<void> => {
    try {
      const bytes = await read();
      const hash = hashOf(bytes);
      if (hash === inUse || isOver) return;
      await take(bytes);
      inUse = hash;
    } catch (thrown) {
      failed(thrown);
    }
  };
  const later = (): void => {
    if (!isOver) cancel = timers.after(pollMs, () => void look().then(later));
  };
  later();
  return () => {
    isOver = true;
    cancel();
  };
}
