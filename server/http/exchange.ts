import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { constants, type Http2ServerRequest } from "node:http2";
import type { ApiRequest } from "../../api/wire.ts";

export type Incoming = IncomingMessage | Http2ServerRequest;

/** What the responses of both protocols share. */
export interface Outgoing {
  readonly headersSent: boolean;
  writeHead(status: number, headers: OutgoingHttpHeaders): unknown;
  /** HTTP/2 has no such method: `writeHead` sends at once. */
  flushHeaders?(): void;
  /** False: wait for `drain`. */
  write(piece: Uint8Array): boolean;
  end(): unknown;
  end(bytes: Uint8Array): unknown;
  once(event: "drain" | "close", call: () => void): unknown;
  off(event: "drain" | "close", call: () => void): unknown;
}

/** One request and the answer to it, while it lasts. */
export interface Exchange {
  readonly request: ApiRequest;
  readonly outgoing: Outgoing;
  readonly http1: boolean;
  /** Ends it without a proper end, so that the client sees that something is missing. */
  readonly cut: () => void;
}

export function isHttp2(incoming: Incoming): incoming is Http2ServerRequest {
  return incoming.httpVersionMajor === 2;
}

/** On HTTP/1.1 the connection goes with it, on HTTP/2 only the stream. */
export function cut(incoming: Incoming): void {
  if (isHttp2(incoming)) incoming.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else incoming.socket.destroy();
}
