import type { ApiResponse, ResponseBody, StoredWatch, Tunnel, WatchEvent } from "../../api/wire.ts";

/** The same answer; calls `ended` once, when nothing more will be sent of it. */
export function followed(response: ApiResponse, signal: AbortSignal, ended: () => void): ApiResponse {
  const over = onceOrAborted(signal, ended);
  const body = followedBody(response.body, over);
  if (body !== undefined) return { ...response, body };
  over();
  return response;
}

/** Undefined: it is all there. */
function followedBody(body: ResponseBody, over: () => void): ResponseBody | undefined {
  switch (body.type) {
    case "bytes":
      return undefined;
    case "chunks":
      return { ...body, chunks: followedChunks(body.chunks, over) };
    case "watch":
      return { ...body, watch: new FollowedWatch(body.watch, over) };
    case "tunnel":
      return { ...body, tunnel: followedTunnel(body.tunnel, over) };
  }
}

/**
 * The same answer; once it has been read, `heard` is called with its bytes: undefined where it was longer than `maxBytes`,
 * or nobody read it to its end.
 */
export function overheard(
  response: ApiResponse,
  { signal, maxBytes }: { readonly signal: AbortSignal; readonly maxBytes: number },
  heard: (bytes: Uint8Array | undefined) => void,
): ApiResponse {
  const { body } = response;
  if (body.type !== "chunks") throw new TypeError("only chunks can be listened to");
  let bytes: Uint8Array | undefined;
  const over = onceOrAborted(signal, () => heard(bytes));
  const chunks = overheardChunks(body.chunks, maxBytes, (all) => {
    bytes = all;
    over();
  });
  return { ...response, body: { ...body, chunks } };
}

async function* overheardChunks(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
  heard: (bytes: Uint8Array | undefined) => void,
): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] | undefined = [];
  let size = 0;
  let isWhole = false;
  try {
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > maxBytes) pieces = undefined;
      pieces?.push(chunk);
      yield chunk;
    }
    isWhole = true;
  } finally {
    heard(isWhole && pieces !== undefined ? Buffer.concat(pieces, size) : undefined);
  }
}

async function* followedChunks(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  over: () => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } finally {
    over();
  }
}

class FollowedWatch implements StoredWatch {
  readonly #watch: StoredWatch;
  readonly #over: () => void;

  constructor(watch: StoredWatch, over: () => void) {
    this.#watch = watch;
    this.#over = over;
  }

  get ended(): boolean {
    const { ended } = this.#watch;
    if (ended) this.#over();
    return ended;
  }

  take(maxBytes: number): Uint8Array | undefined {
    return this.#watch.take(maxBytes);
  }

  takeEvents(max: number): readonly WatchEvent[] {
    return this.#watch.takeEvents(max);
  }

  onReadable(call: () => void): void {
    this.#watch.onReadable(call);
  }

  close(): void {
    this.#watch.close();
    this.#over();
  }
}

function followedTunnel(tunnel: Tunnel, over: () => void): Tunnel {
  return {
    join(client) {
      client.once("close", over);
      tunnel.join(client);
    },
    abandon() {
      over();
      tunnel.abandon();
    },
  };
}

/** To be called at the end. It may be the client's end, whereupon nobody reads on. */
function onceOrAborted(signal: AbortSignal, call: () => void): () => void {
  let isDone = false;
  const over = (): void => {
    if (isDone) return;
    isDone = true;
    signal.removeEventListener("abort", over);
    call();
  };
  signal.addEventListener("abort", over, { once: true });
  // Not before the answer has been put together.
  if (signal.aborted) queueMicrotask(over);
  return over;
}
