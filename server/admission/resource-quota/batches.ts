/** Settles items of one key together: those that arrive while others of their key are settled wait, and go next. */
export function createBatches<T>(
  /** One outcome an item: an error refuses it. */
  settle: (key: string, items: readonly T[]) => Promise<readonly (Error | undefined)[]>,
): (key: string, item: T) => Promise<void> {
  interface Waiter {
    readonly item: T;
    readonly admit: () => void;
    readonly refuse: (why: unknown) => void;
  }
  /** A key is here while something of it is being settled. As long as requests are bounded, so is what waits. */
  const waiting = new Map<string, Waiter[]>();

  const settleBatch = async (key: string, batch: readonly Waiter[]): Promise<void> => {
    try {
      const outcomes = await settle(
        key,
        batch.map(({ item }) => item),
      );
      for (const [index, { admit, refuse }] of batch.entries()) {
        const refusal = outcomes[index];
        if (refusal === undefined) admit();
        else refuse(refusal);
      }
    } catch (thrown) {
      for (const { refuse } of batch) refuse(thrown);
    }
  };
  const run = async (key: string): Promise<void> => {
    for (let batch = waiting.get(key); batch !== undefined && batch.length > 0; batch = waiting.get(key)) {
      waiting.set(key, []);
      await settleBatch(key, batch);
    }
    waiting.delete(key);
  };
  return (key, item) =>
    new Promise((admit, refuse) => {
      const others = waiting.get(key);
      if (others !== undefined) {
        others.push({ item, admit, refuse });
        return;
      }
      waiting.set(key, [{ item, admit, refuse }]);
      void run(key);
    });
}
