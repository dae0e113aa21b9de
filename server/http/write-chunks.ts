import type { Exchange } from "./exchange.ts";

/** Writes pieces at the client's pace: at most one waits in memory. */
export async function writeChunks(
  exchange: Exchange,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  stallMs: number,
): Promise<void> {
  const { outgoing, request } = exchange;
  for await (const chunk of chunks) {
    if (request.signal.aborted) return;
    if (!outgoing.write(chunk)) await drained(exchange, stallMs);
  }
  if (!request.signal.aborted) outgoing.end();
}

/** Resolves when the client has taken what waits, or is gone. One that takes nothing for too long is cut. */
function drained({ outgoing, cut }: Exchange, stallMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(stalled);
      outgoing.off("drain", done);
      outgoing.off("close", done);
      resolve();
    };
    const stalled = setTimeout(cut, stallMs);
    outgoing.once("drain", done);
    outgoing.once("close", done);
  });
}
