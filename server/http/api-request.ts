import type { ApiRequest, Peer } from "../../api/wire.ts";
import { cut, type Incoming, isHttp2 } from "./exchange.ts";

export interface RequestParts {
  readonly peer: Peer;
  readonly signal: AbortSignal;
  readonly requestMs: number;
}

export function apiRequest(incoming: Incoming, { peer, signal, requestMs }: RequestParts): ApiRequest {
  return {
    method: incoming.method ?? "GET",
    url: originForm(incoming.url ?? "/"),
    headers: headersOf(incoming),
    ...(hasBody(incoming) ? { body: { [Symbol.asyncIterator]: () => read(incoming, signal, requestMs) } } : {}),
    signal,
    peer,
  };
}

/** A client may send the whole URL, as to a proxy: https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2 */
function originForm(url: string): string {
  return /^https?:\/\//i.test(url) ? url.replace(/^https?:\/\/[^/?#]*/i, "") || "/" : url;
}

/** HTTP/2 has pseudo-headers; `:authority` is what HTTP/1.1 calls Host. */
function headersOf(incoming: Incoming): Record<string, string | undefined> {
  const headers: Record<string, string | undefined> = Object.create(null);
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value === undefined || name.startsWith(":")) continue;
    headers[name] = typeof value === "string" ? value : value.join(", ");
  }
  if (isHttp2(incoming)) headers["host"] ??= incoming.authority;
  return headers;
}

function hasBody(incoming: Incoming): boolean {
  if (incoming.headers["content-length"] === "0") return false;
  if (isHttp2(incoming)) return !incoming.stream.endAfterHeaders;
  return incoming.headers["content-length"] !== undefined || incoming.headers["transfer-encoding"] !== undefined;
}

/** The body at the reader's pace. A reader that stops early leaves the connection as it is, to be answered on. */
async function* read(incoming: Incoming, signal: AbortSignal, requestMs: number): AsyncGenerator<Uint8Array, void> {
  const tooLong = setTimeout(() => cut(incoming), requestMs);
  try {
    const pieces: AsyncIterable<Uint8Array> = incoming.iterator({ destroyOnReturn: false });
    yield* pieces;
    // HTTP/2 ends the stream of a body that was cut off as if it had been whole.
    if (signal.aborted || (isHttp2(incoming) && incoming.stream.rstCode !== 0)) {
      throw new Error("the client cut its request off");
    }
  } finally {
    clearTimeout(tooLong);
  }
}
