import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { apiRequest } from "./api-request.ts";
import { cut, type Exchange, type Incoming, isHttp2, type Outgoing } from "./exchange.ts";
import type { ExchangeParts } from "./exchange-parts.ts";
import { Lifetime } from "./lifetime.ts";
import { lingerMs } from "./limits.ts";
import { refusal, respond } from "./respond.ts";
import { serveUpgrade } from "./serve-upgrade.ts";

/** Requests that are not answered yet, so that a server that stops can wait for them. */
export interface OpenExchanges {
  readonly size: number;
  /** Resolves when none is left. */
  idle(): Promise<void>;
  /** Tells every handler that its client will not get the answer. */
  abort(): void;
}

export interface Exchanges extends OpenExchanges {
  readonly serve: (incoming: Incoming, outgoing: Outgoing) => void;
  /** For a connection that Node has let go of: the client offers another protocol on it. */
  readonly upgrade: (incoming: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Whether an HTTP/1.1 connection is in the middle of an answer. */
  answeringOn(socket: object): boolean;
}

export function createExchanges(parts: ExchangeParts): Exchanges {
  const open = new Set<Lifetime>();
  const waiting = new Set<() => void>();
  const busy = new WeakSet<object>();
  const close = (lifetime: Lifetime): void => {
    open.delete(lifetime);
    if (open.size > 0) return;
    for (const call of waiting) call();
    waiting.clear();
  };
  return {
    get size() {
      return open.size;
    },
    idle: () => (open.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.add(resolve))),
    abort() {
      for (const lifetime of open) lifetime.abort(new Error("the server is shutting down"));
    },
    answeringOn: (socket) => busy.has(socket),
    upgrade(incoming, socket, head) {
      const lifetime = new Lifetime();
      open.add(lifetime);
      // What was joined is no request any more: nobody waits for it to end.
      void serveUpgrade({ incoming, socket, head, lifetime }, parts).finally(() => close(lifetime));
    },
    serve(incoming, outgoing) {
      const socket = isHttp2(incoming) ? undefined : incoming.socket;
      const lifetime = new Lifetime();
      let answered = false;
      open.add(lifetime);
      if (socket !== undefined) busy.add(socket);
      // `writableFinished` would not do: HTTP/2 says true of a stream that its client has reset.
      outgoing.once("close", () => {
        close(lifetime);
        if (socket !== undefined) busy.delete(socket);
        if (!answered) lifetime.abort(new Error("the client is gone"));
      });
      void answer(incoming, outgoing, lifetime, parts).then(() => {
        answered = true;
      });
    },
  };
}

async function answer(incoming: Incoming, outgoing: Outgoing, lifetime: Lifetime, parts: ExchangeParts): Promise<void> {
  const { limits, draining, log } = parts;
  const request = apiRequest(incoming, { peer: parts.peerOf(incoming), lifetime, requestMs: limits.requestMs });
  const exchange: Exchange = { request, outgoing, http1: !isHttp2(incoming), cut: () => cut(incoming) };
  const answering = { draining, stallMs: limits.stallMs };
  try {
    const response = await parts.handle(request);
    await respond(exchange, response, answering);
  } catch (thrown) {
    if (lifetime.aborted) return; // nobody is there to be told
    log.error("a request could not be answered", { method: request.method, url: request.url, error: thrown });
    if (outgoing.headersSent) exchange.cut();
    else await respond(exchange, refusal(thrown), answering);
  }
  if (request.body !== undefined && !incoming.complete) discardRest(incoming);
}

/** A connection that is closed with unread data on it may take the answer with it, so the rest is read for a while. */
function discardRest(incoming: Incoming): void {
  const timer = setTimeout(() => cut(incoming), lingerMs);
  incoming.once("close", () => clearTimeout(timer));
  incoming.resume();
}
