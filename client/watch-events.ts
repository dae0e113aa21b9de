import { parseJson } from "../api/machinery/json.ts";
import { isObject } from "../api/machinery/members.ts";
import { ApiError } from "../api/machinery/status.ts";
import type { ApiResponse, StoredWatch, WatchEvent, WatchEventType } from "../api/wire.ts";
import { ConnectionError } from "./connection-error.ts";
import { Lines } from "./lines.ts";

const maxBatch = 500;
/** Many times what any object may have. */
const maxEventBytes = 64 * 1024 * 1024;

const types: ReadonlySet<string> = new Set<WatchEventType>(["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]);

/**
 * The events of a watch, as many at a time as there are, in process or from afar. Ends when the server ends the watch or
 * the signal is aborted; a connection that breaks is a ConnectionError. Leaving the loop closes the watch.
 */
export async function* watchBatches(
  { body }: ApiResponse,
  signal: AbortSignal,
): AsyncGenerator<readonly WatchEvent[], void, undefined> {
  switch (body.type) {
    case "watch":
      yield* ofStored(body.watch, signal);
      return;
    case "chunks":
      yield* ofChunks(body.chunks, signal);
      return;
    case "bytes":
      yield* ofChunks([body.bytes], signal);
      return;
    case "tunnel":
      throw new ConnectionError("the server answered a watch with a change of protocol");
  }
}

async function* ofStored(watch: StoredWatch, signal: AbortSignal): AsyncGenerator<readonly WatchEvent[]> {
  const close = (): void => watch.close();
  signal.addEventListener("abort", close, { once: true });
  try {
    while (!signal.aborted) {
      const events = watch.takeEvents(maxBatch);
      if (events.length > 0) yield events;
      else if (watch.ended) return;
      else await new Promise<void>((resolve) => watch.onReadable(resolve));
    }
  } finally {
    signal.removeEventListener("abort", close);
    watch.close();
  }
}

async function* ofChunks(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<readonly WatchEvent[]> {
  const lines = new Lines(maxEventBytes);
  try {
    for await (const chunk of chunks) {
      if (signal.aborted) return;
      yield* batches(lines.add(chunk));
    }
    if (lines.isWithin && !signal.aborted) throw new ConnectionError("a watch ended in the middle of an event");
  } catch (thrown) {
    // It ends because its reader wants it to.
    if (!signal.aborted) throw thrown;
  }
}

function* batches(lines: Iterable<Uint8Array>): Generator<readonly WatchEvent[]> {
  let batch: WatchEvent[] = [];
  for (const line of lines) {
    batch.push(parseEvent(line));
    if (batch.length < maxBatch) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function parseEvent(line: Uint8Array): WatchEvent {
  const { type, object } = membersOf(line);
  if (typeof type !== "string" || !types.has(type) || !isObject(object))
    throw new ConnectionError("a watch sent a line that is no event");
  return { type: type as WatchEventType, object };
}

function membersOf(line: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const { value } = parseJson(line, { duplicates: false });
    return isObject(value) ? value : {};
  } catch (thrown) {
    if (thrown instanceof ApiError) throw new ConnectionError(`a watch sent ${thrown.message}`, { cause: thrown });
    throw thrown;
  }
}
