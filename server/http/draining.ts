/** The server's way out: from `start` on no watch lasts, and what is open is let finish. */
export interface Draining {
  readonly started: boolean;
  /** Calls back when draining starts; the returned function takes that back. */
  onStart(call: () => void): () => void;
}

export function createDraining(): Draining & { start(): void } {
  const calls = new Set<() => void>();
  let started = false;
  return {
    get started() {
      return started;
    },
    onStart(call) {
      calls.add(call);
      return () => calls.delete(call);
    },
    start() {
      started = true;
      for (const call of calls) call();
      calls.clear();
    },
  };
}
