import { Readable, pipeline } from "node:stream";
import { createGzip } from "node:zlib";
import type { ApiRequest, ApiResponse, ResponseBody } from "../../api/wire.ts";
import { acceptClauses } from "../encoding/accept-clauses.ts";

/** What goes over the wire: a body of known length, or pieces. */
export interface Encoded {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Upstream's bound (APIResponseCompression): below it the round trip outweighs what gzip saves. */
const worthwhileBytes = 128 * 1024;

/**
 * gzip for large answers to those who ask for it. Level 1, in libuv's thread pool: a higher level or a synchronous call
 * would hold everybody up for a few percent.
 */
export async function chooseEncoding(
  response: ApiResponse,
  body: Extract<ResponseBody, { type: "bytes" | "chunks" }>,
  request: ApiRequest,
): Promise<Encoded> {
  const whole = body.type === "bytes" ? body.bytes : body.chunks;
  const isLive = body.type === "chunks" && body.live === true;
  if (isLive || request.method === "HEAD" || !mayCompress(response)) return { headers: {}, body: whole };
  const plain = whole instanceof Uint8Array ? whole : await readAhead(whole);
  if (plain instanceof Uint8Array && plain.byteLength <= worthwhileBytes) return { headers: {}, body: plain };
  const vary = { vary: "Accept-Encoding" };
  if (!acceptsGzip(request.headers["accept-encoding"])) return { headers: vary, body: plain };
  const pieces = plain instanceof Uint8Array ? [plain] : plain;
  return { headers: { ...vary, "content-encoding": "gzip" }, body: gzipped(pieces) };
}

/** Text (logs) is shown as it comes; what is encoded already is passed on. */
function mayCompress({ headers }: ApiResponse): boolean {
  return headers["content-encoding"] === undefined && !String(headers["content-type"]).startsWith("text/");
}

export function acceptsGzip(header: string | undefined): boolean {
  return acceptClauses(header ?? "").some(({ value }) => value === "gzip");
}

/** Pieces until it is clear that the answer is a large one; a small one comes back whole. */
async function readAhead(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Uint8Array | AsyncIterable<Uint8Array>> {
  const rest = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  const head: Uint8Array[] = [];
  for (let bytes = 0; bytes <= worthwhileBytes;) {
    const next = await rest.next();
    if (next.done === true) return Buffer.concat(head);
    head.push(next.value);
    bytes += next.value.byteLength;
  }
  return resumed(head, rest);
}

async function* resumed(
  head: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array> | Iterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield* head;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

function gzipped(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const gzip = createGzip({ level: 1, chunkSize: 65_536 });
  // Errors of the source surface where the pieces are read: `pipeline` destroys gzip with them.
  pipeline(Readable.from(chunks, { objectMode: true, highWaterMark: 1 }), gzip, () => undefined);
  return gzip;
}
