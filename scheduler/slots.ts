/** Counts writes under way, so that decisions do not run ahead of them without bound. */
export interface Slots {
  readonly isFull: boolean;
  /** Resolves when there is room again. */
  free(): Promise<void>;
  /** `work` never rejects. */
  take(work: Promise<void>): void;
  /** The same without a slot: it mostly waits for others. */
  follow(work: Promise<void>): void;
  /** Resolves when all of it is over. */
  idle(): Promise<void>;
}

export function createSlots(most: number): Slots {
  const running = new Set<Promise<void>>();
  const waiting = new Set<Promise<void>>();
  let freed: (() => void) | undefined;
  return {
    get isFull() {
      return running.size >= most;
    },
    async free() {
      while (running.size >= most) await new Promise<void>((resolve) => (freed = resolve));
    },
    take(work) {
      const counted = work.finally(() => {
        running.delete(counted);
        freed?.();
      });
      running.add(counted);
    },
    follow(work) {
      const followed = work.finally(() => waiting.delete(followed));
      waiting.add(followed);
    },
    async idle() {
      while (running.size + waiting.size > 0) await Promise.all([...running, ...waiting]);
    },
  };
}
