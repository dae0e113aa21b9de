import { type ClientHttp2Stream, constants, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http2";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ApiRequest, ApiResponse, ResponseBody } from "../../api/wire.ts";
import type { Session } from "./session.ts";

export interface Outgoing {
  readonly headers: OutgoingHttpHeaders;
  readonly body: ApiRequest["body"];
  readonly isWatch: boolean;
  /** False for HEAD: its content-length tells of what is not there. */
  readonly hasBody: boolean;
  readonly signal: AbortSignal;
  /** What an error of the connection is to callers. */
  readonly failed: (cause: unknown) => Error;
  readonly wholeBytes: number;
}

/** No answer came. */
export class Unanswered extends Error {
  /** The server says that it did not act on the request: it may be sent again, whatever it is. */
  readonly wasRefused: boolean;

  constructor(cause: unknown, wasRefused: boolean) {
    super("unanswered", { cause });
    this.wasRefused = wasRefused;
  }
}

const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants;

/** One request and its answer. Throws Unanswered, or what the signal was aborted with. */
export async function exchange(session: Session, outgoing: Outgoing): Promise<ApiResponse> {
  const { signal, body } = outgoing;
  const stream = begin(session, outgoing);
  const abort = (): void => cancel(stream);
  signal.addEventListener("abort", abort, { once: true });
  stream.once("close", () => signal.removeEventListener("abort", abort));
  const answered = headersOf(stream, session);
  send(stream, body);
  try {
    const headers = await answered;
    return {
      status: Number(headers[":status"]),
      headers: plain(headers),
      body: await bodyOf(stream, headers, { session, outgoing }),
    };
  } catch (thrown) {
    cancel(stream);
    signal.throwIfAborted();
    throw thrown;
  }
}

function begin(session: Session, { headers, body }: Outgoing): ClientHttp2Stream {
  try {
    return session.request(headers, body === undefined);
  } catch (thrown) {
    throw new Unanswered(session.failure ?? thrown, true);
  }
}

function send(stream: ClientHttp2Stream, body: ApiRequest["body"]): void {
  if (body instanceof Uint8Array) stream.end(body);
  // Its failure is the stream's, which is listened to.
  else if (body !== undefined) pipeline(Readable.from(body), stream).catch(() => cancel(stream));
}

function headersOf(stream: ClientHttp2Stream, session: Session): Promise<IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    stream.once("response", resolve);
    let error: Error | undefined;
    stream.on("error", (thrown) => (error ??= thrown));
    stream.once("close", () => {
      const cause = session.failure ?? error ?? new Error("the connection was closed");
      reject(new Unanswered(cause, stream.rstCode === NGHTTP2_REFUSED_STREAM));
    });
  });
}

/** Tells the server that nobody listens any more; nothing where the stream has ended. */
function cancel(stream: ClientHttp2Stream): void {
  if (stream.destroyed) return;
  stream.close(NGHTTP2_CANCEL);
  stream.destroy();
}

function plain(headers: IncomingHttpHeaders): ApiResponse["headers"] {
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || name.startsWith(":") ? [] : [[name, value] as const],
  );
  return Object.fromEntries(entries);
}

interface Incoming {
  readonly session: Session;
  readonly outgoing: Outgoing;
}

async function bodyOf(
  stream: ClientHttp2Stream,
  headers: IncomingHttpHeaders,
  incoming: Incoming,
): Promise<ResponseBody> {
  const { isWatch, wholeBytes } = incoming.outgoing;
  const length = Number(headers["content-length"] ?? Number.POSITIVE_INFINITY);
  const chunks = chunksOf(stream, incoming);
  if (isWatch || !(length <= wholeBytes)) return { type: "chunks", chunks, live: true };
  const pieces: Uint8Array[] = [];
  for await (const piece of chunks) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  if (bytes.length < length && incoming.outgoing.hasBody)
    throw incoming.outgoing.failed(new Error("the connection was closed"));
  return { type: "bytes", bytes };
}

/** No faster than it is read: what is not taken stays with the server. */
async function* chunksOf(stream: ClientHttp2Stream, { session, outgoing }: Incoming): AsyncGenerator<Uint8Array> {
  const { signal, failed } = outgoing;
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) yield chunk as Uint8Array;
    // A reset ends the data like a proper end does.
    if (stream.rstCode !== NGHTTP2_NO_ERROR) throw new Error("the connection was closed");
    signal.throwIfAborted();
  } catch (thrown) {
    signal.throwIfAborted();
    throw failed(session.failure ?? thrown);
  } finally {
    cancel(stream);
  }
}
