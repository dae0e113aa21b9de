const milliseconds = 4;

/** Work on many items in slices of a few milliseconds, so that nothing holds the loop (DESIGN, decision 5). */
export async function* sliced<In, Out>(items: Iterable<In>, work: (item: In) => Out): AsyncGenerator<Out> {
  let started = performance.now();
  for (const item of items) {
    yield work(item);
    if (performance.now() - started > milliseconds) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      started = performance.now();
    }
  }
}
