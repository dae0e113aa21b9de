import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import * as http2 from "node:http2";
import * as https from "node:https";
import type { IncomingHttpHeaders, IncomingMessage, ClientRequest } from "node:http";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import type { ApiRequest, ApiResponse, Peer, StoredWatch } from "../../api/wire.ts";
import { createPki } from "../../certs/ensure-pki.ts";
import type { Pki } from "../../certs/pki.ts";
import type { HttpLimits } from "./limits.ts";
import { type HttpServer, listen } from "./listen.ts";

/** A real server on a free port with the clients that the tests of this folder call it by. */
export interface Loopback extends AsyncDisposable {
  readonly server: HttpServer;
  readonly pki: Pki;
  /** What the server reported as its own failures. */
  readonly errors: readonly string[];
  /** One HTTP/1.1 request on a connection of its own. */
  http1(path: string, options?: https.RequestOptions): ClientRequest;
  http2(options?: http2.SecureClientSessionOptions): http2.ClientHttp2Session;
  /** A bare TLS connection, to write to as no client library would. */
  tls(protocol?: "http/1.1" | "h2", options?: ConnectionOptions): Promise<TLSSocket>;
}

export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What a handler is shown of its client's certificate, to be sent back. */
export function shownCertificate({ certificate }: Peer): { subject: string; verified: boolean } | undefined {
  return certificate && { subject: new X509Certificate(certificate.bytes).subject, verified: certificate.verified };
}

export async function loopback(
  handle: (request: ApiRequest) => Promise<ApiResponse>,
  limits: Partial<HttpLimits> = {},
): Promise<Loopback> {
  const pki = await createPki({ serviceAddress: "10.96.0.1" });
  const errors: string[] = [];
  const server = await listen({
    port: 0,
    host: "127.0.0.1",
    tls: { ...pki.serving, clientCaPem: pki.ca.certPem },
    handle,
    limits,
    log: { debug: () => undefined, warn: (message) => errors.push(message), error: (message) => errors.push(message) },
  });
  const ca = pki.ca.certPem;
  const target = { host: "127.0.0.1", port: server.port, ca };
  return {
    server,
    pki,
    errors,
    http1: (path, options) => https.request({ ...target, agent: false, path, ...options }),
    http2(options) {
      // The client's own memory limit is not what is tried here; from Node 22 on it counts what waits to be sent.
      const session = http2.connect(`https://127.0.0.1:${server.port}`, { ca, maxSessionMemory: 1000, ...options });
      return session.on("error", () => undefined);
    },
    async tls(protocol = "http/1.1", options = {}) {
      const socket = connect({ ...target, ...options, ALPNProtocols: [protocol] });
      await once(socket, "secureConnect");
      return socket.on("error", () => undefined);
    },
    [Symbol.asyncDispose]: () => server.close(0),
  };
}

export const bytes = (text: string, headers: ApiResponse["headers"] = {}): ApiResponse => ({
  status: 200,
  headers,
  body: { type: "bytes", bytes: Buffer.from(text) },
});

export async function answerOf(request: ClientRequest): Promise<Answer> {
  const [response]: IncomingMessage[] = await once(request.end(), "response");
  if (response === undefined) throw new Error("no response");
  return { status: response.statusCode, headers: response.headers, body: await joined(response) };
}

export async function answerOfStream(stream: http2.ClientHttp2Stream): Promise<Answer> {
  const [headers]: http2.IncomingHttpHeaders[] = await once(stream, "response");
  return { status: Number(headers?.[":status"]), headers: headers ?? {}, body: await joined(stream) };
}

export async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

/** Frames of HTTP/2 by hand: https://www.rfc-editor.org/rfc/rfc9113#section-6 */
export const http2Frames: {
  readonly start: Buffer;
  post(stream: number): Buffer;
  data(stream: number, text: string): Buffer;
  cancel(stream: number): Buffer;
  ping(): Buffer;
} = {
  start: Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), frame(4, 0, 0, Buffer.alloc(0))]),
  /** POST https://x/ without the end of its body. */
  post: (stream) => frame(1, 4, stream, Buffer.from([0x83, 0x84, 0x87, 0x41, 1, 0x78])),
  data: (stream, text) => frame(0, 0, stream, Buffer.from(text)),
  cancel: (stream) => frame(3, 0, stream, Buffer.from([0, 0, 0, 8])),
  ping: () => frame(6, 0, 0, Buffer.alloc(8)),
};

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A watch that a test feeds by hand. */
export interface FedWatch extends StoredWatch {
  push(frame: string | Uint8Array): void;
  end(): void;
  /** Resolves when the reader closes it. */
  readonly closed: Promise<void>;
  readonly taken: number;
}

export function fedWatch(): FedWatch {
  const ready: Uint8Array[] = [];
  let taken = 0;
  let ended = false;
  let wake: (() => void) | undefined;
  let onClose: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => (onClose = resolve));
  const signal = (): void => {
    const call = wake;
    wake = undefined;
    call?.();
  };
  return {
    closed,
    get ended() {
      return ended && ready.length === 0;
    },
    get taken() {
      return taken;
    },
    take() {
      const frame = ready.shift();
      if (frame !== undefined) taken += 1;
      return frame;
    },
    takeEvents: () => [],
    onReadable(call) {
      wake = call;
    },
    close() {
      ended = true;
      ready.length = 0;
      onClose();
    },
    push(frame) {
      ready.push(typeof frame === "string" ? Buffer.from(frame) : frame);
      signal();
    },
    end() {
      ended = true;
      signal();
    },
  };
}
