/**
 * Calls once for each of a number of things, in batches of 1, 2, 4, … at once: where every call fails (a quota, a
 * webhook), few are made. Throws the first failure once its batch is done; resolves to how many calls went well.
 */
export async function slowStart(
  count: number,
  call: (index: number) => Promise<unknown>,
): Promise<{ readonly done: number; readonly failure?: unknown }> {
  let done = 0;
  let started = 0;
  for (let size = 1; started < count; size *= 2) {
    const batch = Array.from({ length: Math.min(size, count - started) }, (_, offset) => started + offset);
    started += batch.length;
    const outcomes = await Promise.allSettled(batch.map((index) => call(index)));
    done += outcomes.filter(({ status }) => status === "fulfilled").length;
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) return { done, failure: failed.reason };
  }
  return { done };
}
