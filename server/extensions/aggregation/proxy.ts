import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { ApiError } from "../../../api/machinery/status.ts";
import type { ApiRequest, ApiResponse, Tunnel, UserInfo } from "../../../api/wire.ts";
import type { Clock } from "../../../base/clock.ts";
import type { Credential } from "../../../certs/credential.ts";
import { textResponse } from "../../discovery/entity.ts";
import { joinConnections } from "../../http/join-connections.ts";
import type { Connections } from "../../webhook/connections.ts";
import { describeNetworkError } from "../../webhook/network-error.ts";
import type { ResolveService } from "../service-resolver.ts";
import { answeredHeaders, forwardedHeaders } from "./forwarded-headers.ts";
import { openExchange, type Opened } from "./open-exchange.ts";
import { rootPath, serverName, type RemoteService } from "./remote-services.ts";

export interface ProxyDeps {
  readonly connections: Connections;
  readonly resolve: ResolveService;
  /** The certificate that says that it is us who name the user; as it is now. */
  readonly frontProxy: (() => Credential) | undefined;
  /** Real time. */
  readonly timers: Clock;
}

/** How long a server may take to begin its answer. */
const headMs = 60_000;
/** The same for what it serves: every kubectl asks for that first. */
const discoveryMs = 5_000;

/** Passes a request on to the server that answers for its group-version. Never throws but for a client that is gone. */
export async function proxy(
  remote: RemoteService,
  request: ApiRequest,
  user: UserInfo,
  deps: ProxyDeps,
): Promise<ApiResponse> {
  if (!remote.isAvailable) return unavailable("service unavailable");
  try {
    return answerOf(await open(remote, request, user, deps), request);
  } catch (thrown) {
    if (request.signal.aborted) throw thrown;
    if (thrown instanceof ApiError) return unavailable("service unavailable");
    return unavailable(`error trying to reach service: ${describeNetworkError(thrown)}`);
  }
}

/** In upstream's form: plain text, no Status. */
function unavailable(text: string): ApiResponse {
  return textResponse(503, `${text}\n`);
}

async function open(
  remote: RemoteService,
  request: ApiRequest,
  user: UserInfo,
  { connections, resolve, frontProxy, timers }: ProxyDeps,
): Promise<Opened> {
  const endpoint = await resolve(remote.service);
  const agent = connections.agent(endpoint, {
    serverName: serverName(remote),
    caBundle: remote.caBundle,
    insecure: remote.insecure,
    ...(frontProxy === undefined ? {} : { client: frontProxy() }),
  });
  const headers = forwardedHeaders(request, user, `${serverName(remote)}:${remote.service.port}`);
  const controller = new AbortController();
  const abort = (): void => controller.abort(request.signal.reason);
  const forget = (): void => request.signal.removeEventListener("abort", abort);
  request.signal.addEventListener("abort", abort);
  if (request.signal.aborted) abort();
  const patience = request.url.split("?", 1)[0] === rootPath(remote) ? discoveryMs : headMs;
  const cancel = timers.after(patience, () => controller.abort(new Error("context deadline exceeded")));
  try {
    const { method, url: path, body } = request;
    const opened = await openExchange({ endpoint, agent, method, path, headers, body, signal: controller.signal });
    if (opened.type === "answer") opened.answer.once("close", forget);
    else forget(); // from now on the connection belongs to the tunnel
    return opened;
  } catch (thrown) {
    forget();
    // Node tells an abort by an error of its own.
    throw controller.signal.aborted ? controller.signal.reason : thrown;
  } finally {
    cancel();
  }
}

function answerOf(opened: Opened, request: ApiRequest): ApiResponse {
  const { answer } = opened;
  const status = answer.statusCode ?? 502;
  if (opened.type === "upgraded") {
    const headers = { ...answeredHeaders(answer.headersDistinct), ...upgradeHeaders(answer) };
    return { status, headers, body: { type: "tunnel", tunnel: tunnelTo(opened.socket, opened.head) } };
  }
  if (request.upgrade !== undefined && status < 400) {
    answer.destroy();
    return unavailable(`invalid upgrade response: status code ${status}`);
  }
  if (status >= 300 && status <= 399 && answer.headers.location !== undefined) {
    answer.destroy();
    return textResponse(502, "the backend attempted to redirect this request, which is not permitted");
  }
  const headers = answeredHeaders(answer.headersDistinct);
  if (request.method === "HEAD") {
    answer.resume();
    return { status, headers, body: { type: "chunks", chunks: [], live: true } };
  }
  return { status, headers, body: { type: "chunks", chunks: answer, live: true } };
}

function upgradeHeaders({ headers }: IncomingMessage): ApiResponse["headers"] {
  return { connection: "Upgrade", ...(headers.upgrade === undefined ? {} : { upgrade: headers.upgrade }) };
}

function tunnelTo(socket: Duplex, head: Buffer): Tunnel {
  socket.on("error", () => socket.destroy());
  socket.allowHalfOpen = true;
  if (head.length > 0) socket.unshift(head);
  return { join: (client) => joinConnections(client, socket), abandon: () => void socket.destroy() };
}
