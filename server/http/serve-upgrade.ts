import { type IncomingMessage, STATUS_CODES, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { ApiError } from "../../api/machinery/status.ts";
import type { ApiResponse, Tunnel } from "../../api/wire.ts";
import { apiRequest, hasBody } from "./api-request.ts";
import type { ExchangeParts } from "./exchange-parts.ts";
import type { Exchange } from "./exchange.ts";
import type { Lifetime } from "./lifetime.ts";
import { lingerMs } from "./limits.ts";
import { refusal, respond } from "./respond.ts";

/** A request that offers another protocol, and the connection that Node has let go of for it. */
export interface Offer {
  readonly incoming: IncomingMessage;
  readonly socket: Duplex;
  /** What came after the request's headers. */
  readonly head: Buffer;
  readonly lifetime: Lifetime;
}

/**
 * Hands the connection to the tunnel that the handler answers with. Any other answer is written as to an ordinary
 * request, which RFC 9110 (7.8) allows, and the connection ends with it. Resolves when that is done; never rejects.
 */
export async function serveUpgrade(offer: Offer, parts: ExchangeParts): Promise<void> {
  const { incoming, socket, lifetime } = offer;
  let isBegun = false;
  const gone = (): void => lifetime.abort(new Error("the client is gone"));
  // A socket without a listener for its errors ends the process.
  socket.on("error", gone).once("close", gone);
  const request = apiRequest(incoming, {
    peer: parts.peerOf(incoming),
    lifetime,
    requestMs: parts.limits.requestMs,
    upgrade: incoming.headers.upgrade,
  });
  try {
    requireNoBody(incoming);
    const response = await parts.handle(request);
    isBegun = true;
    if (response.body.type === "tunnel") join(offer, response, response.body.tunnel, parts);
    else await respondPlainly(offer, exchangeOf(offer, request), response, parts);
  } catch (thrown) {
    if (lifetime.aborted) return; // nobody is there to be told
    const isOwnFault = !(thrown instanceof ApiError);
    if (isOwnFault) parts.log.error("an upgrade could not be answered", { url: request.url, error: thrown });
    if (isBegun) socket.destroy();
    else await respondPlainly(offer, exchangeOf(offer, request), refusal(thrown), parts);
  }
}

/** Node's parser is gone with the headers; nobody could say where a body ends. */
function requireNoBody(incoming: IncomingMessage): void {
  if (hasBody(incoming)) throw new ApiError("BadRequest", "a request with a body cannot be upgraded");
}

function join({ socket, head, lifetime }: Offer, response: ApiResponse, tunnel: Tunnel, parts: ExchangeParts): void {
  if (lifetime.aborted || socket.destroyed || parts.draining.started) {
    tunnel.abandon();
    socket.destroy();
    return;
  }
  // The client may have said all it has to say and still wait for answers.
  socket.allowHalfOpen = true;
  socket.write(headOf(response));
  if (head.length > 0) socket.unshift(head);
  const forget = parts.draining.onStart(() => socket.destroy());
  socket.once("close", forget);
  tunnel.join(socket);
}

function headOf({ status, headers }: ApiResponse): string {
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`];
  for (const [name, value] of Object.entries(headers))
    for (const one of typeof value === "string" ? [value] : value)
      lines.push(`${name}: ${one.replaceAll(/[\r\n]/g, " ")}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function exchangeOf(
  { incoming, socket }: Offer,
  request: Exchange["request"],
): Exchange & { outgoing: ServerResponse } {
  return { request, outgoing: new ServerResponse(incoming), http1: true, cut: () => socket.destroy() };
}

async function respondPlainly(
  { socket }: Offer,
  exchange: Exchange & { readonly outgoing: ServerResponse },
  response: ApiResponse,
  { draining, limits }: ExchangeParts,
): Promise<void> {
  const { outgoing } = exchange;
  outgoing.shouldKeepAlive = false;
  // A ServerResponse takes any Duplex; its type says Socket.
  Reflect.apply(outgoing.assignSocket, outgoing, [socket]);
  outgoing.once("finish", () => {
    Reflect.apply(outgoing.detachSocket, outgoing, [socket]);
    takeLeave(socket);
  });
  await respond(exchange, response, { draining, stallMs: limits.stallMs });
}

/** What the client still sends is read for a while: a connection closed with unread data on it may take the answer along. */
function takeLeave(socket: Duplex): void {
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("close", () => clearTimeout(timer));
  socket.resume();
  socket.end();
}
