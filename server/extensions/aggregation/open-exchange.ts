import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { request as httpsRequest, type Agent } from "node:https";
import { Readable, pipeline, type Duplex } from "node:stream";
import type { ApiRequest } from "../../../api/wire.ts";
import type { Endpoint } from "../service-resolver.ts";

export interface ExchangeRequest {
  readonly endpoint: Endpoint;
  readonly agent: Agent;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: ApiRequest["body"];
  /** Ends the exchange, its answer too. */
  readonly signal: AbortSignal;
}

/** The head of an answer, as soon as it is there; or a connection that speaks another protocol now. */
export type Opened =
  | { readonly type: "answer"; readonly answer: IncomingMessage }
  | { readonly type: "upgraded"; readonly answer: IncomingMessage; readonly socket: Duplex; readonly head: Buffer };

/** Sends a request, its body at the pace of both sides. Throws Node's errors. */
export async function openExchange(exchange: ExchangeRequest): Promise<Opened> {
  for (;;) {
    try {
      return await attempt(exchange);
    } catch (thrown) {
      if (!(thrown instanceof StaleConnection)) throw thrown;
    }
  }
}

/** The server closed a kept connection just when it was used again. There are only so many of them. */
class StaleConnection extends Error {
  override readonly name = "StaleConnection";
}

function attempt(exchange: ExchangeRequest): Promise<Opened> {
  const { endpoint, agent, method, path, headers, body, signal } = exchange;
  const isRepeatable = body === undefined && (method === "GET" || method === "HEAD");
  return new Promise((resolve, reject) => {
    const sent = httpsRequest({ ...endpoint, agent, method, path, headers, signal });
    sent.once("response", (answer) => resolve({ type: "answer", answer }));
    sent.once("upgrade", (answer, socket, head) => resolve({ type: "upgraded", answer, socket, head }));
    sent.on("error", (error: NodeJS.ErrnoException) => {
      const isStale = isRepeatable && sent.reusedSocket && error.code === "ECONNRESET";
      reject(isStale ? new StaleConnection(error.message, { cause: error }) : error);
    });
    if (body === undefined) sent.end();
    else if (body instanceof Uint8Array) sent.end(body);
    // What fails here fails the request, and is told by it.
    else pipeline(Readable.from(body), sent, () => undefined);
  });
}
