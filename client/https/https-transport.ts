import type { OutgoingHttpHeaders } from "node:http2";
import { withBody } from "../../api/with-body.ts";
import { encodeJson } from "../../api/machinery/json.ts";
import type { ApiRequest, ApiResponse, Transport } from "../../api/wire.ts";
import { realClock } from "../../base/clock.ts";
import { ConnectionError } from "../connection-error.ts";
import { describeFailure } from "./describe-failure.ts";
import { exchange, type Outgoing, Unanswered } from "./exchange.ts";
import { defaultLimits, type HttpsTransportOptions, provide } from "./options.ts";
import { Sessions } from "./sessions.ts";

export interface HttpsTransport extends AsyncDisposable {
  readonly transport: Transport;
}

/** Of one connection; HTTP/2 has none of them. */
const ofConnection = new Set(["connection", "host", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"]);
/** Requests that ask the same however often they are sent. */
const repeatable = new Set(["GET", "HEAD"]);
const maxTries = 3;

/**
 * The API of a server on another machine, over HTTP/2. A request that cannot be answered is a ConnectionError. Answers
 * without a known end come as chunks: whoever does not read them to the end aborts the signal. Disposing of it cuts what
 * is open.
 */
export function createHttpsTransport(options: HttpsTransportOptions): HttpsTransport {
  const url = new URL(options.server);
  if (url.protocol !== "https:")
    throw new Error(`${options.server} is no address of a server: it must begin with https://`);
  const limits = { ...defaultLimits, ...options.limits };
  const sessions = new Sessions({ url, options, limits, timers: options.timers ?? realClock });
  const failed = (cause: unknown): ConnectionError =>
    new ConnectionError(`cannot reach the server at ${url.origin}: ${describeFailure(cause)}`, { cause });
  const transport: Transport = async (sent) => {
    const request = withBody(sent);
    request.signal.throwIfAborted();
    if (request.upgrade !== undefined) throw new Error("a connection over HTTP/2 cannot be taken over");
    const body = request.object === undefined ? request.body : encodeJson(request.object);
    const outgoing: Outgoing = {
      headers: await headersOf({ ...request, body }, url, options),
      body,
      isWatch: isWatch(request),
      hasBody: request.method !== "HEAD",
      signal: request.signal,
      failed,
      wholeBytes: limits.wholeBytes,
    };
    return answerOf(request.method, outgoing, sessions);
  };
  return {
    transport,
    [Symbol.asyncDispose]() {
      sessions.close();
      return Promise.resolve();
    },
  };
}

/** Sends again what the server surely did not act on, and what may be asked twice. */
async function answerOf(method: string, outgoing: Outgoing, sessions: Sessions): Promise<ApiResponse> {
  const isWhole = outgoing.body === undefined || outgoing.body instanceof Uint8Array;
  for (let tries = 1; ; tries += 1) {
    const certificate = await sessions.certificate();
    const session = sessions.get(certificate);
    const wasUsed = session.isConnected;
    try {
      return await exchange(session, outgoing);
    } catch (thrown) {
      if (!(thrown instanceof Unanswered)) throw thrown;
      // A connection that had stood for a while may have been dead before the request.
      const mayAgain = thrown.wasRefused || (wasUsed && repeatable.has(method));
      if (!mayAgain || !isWhole || tries === maxTries) throw outgoing.failed(thrown.cause);
    }
  }
}

async function headersOf(
  { method, url: path, headers, body }: Pick<ApiRequest, "method" | "url" | "headers"> & Pick<Outgoing, "body">,
  url: URL,
  options: HttpsTransportOptions,
): Promise<OutgoingHttpHeaders> {
  const { authorization } = options;
  const own = Object.entries(headers).filter(([name, value]) => value !== undefined && !ofConnection.has(name));
  return {
    ...(authorization === undefined ? {} : { authorization: await provide(authorization) }),
    ...options.headers,
    ...Object.fromEntries(own),
    ...(body instanceof Uint8Array ? { "content-length": body.byteLength } : {}),
    ":method": method,
    ":path": `${url.pathname.replace(/\/$/, "")}${path}`,
    ":authority": url.host,
    ":scheme": "https",
  };
}

function isWatch({ url }: ApiRequest): boolean {
  const query = url.indexOf("?");
  const watch = query < 0 ? null : new URLSearchParams(url.slice(query)).get("watch");
  return watch === "true" || watch === "1";
}
