import type { IncomingHttpHeaders } from "node:http";
import type { Clock } from "../../../base/clock.ts";
import type { Credential } from "../../../certs/credential.ts";
import type { UserInfo } from "../../../api/wire.ts";
import type { Connections } from "../../webhook/connections.ts";
import { describeNetworkError, joinHostPort } from "../../webhook/network-error.ts";
import type { Endpoint, ResolveService } from "../service-resolver.ts";
import { identityHeaders } from "./forwarded-headers.ts";
import { openExchange } from "./open-exchange.ts";
import { serverName, type RemoteService } from "./remote-services.ts";

export interface AskDeps {
  readonly connections: Connections;
  readonly resolve: ResolveService;
  readonly frontProxy: (() => Credential) | undefined;
  /** Real time. */
  readonly timers: Clock;
  /** Aborted when nobody wants to know any more. */
  readonly signal: AbortSignal;
}

interface Asking {
  readonly path: string;
  readonly accept: string;
  /** Any certificate will do: only whether there is an answer counts. */
  readonly insecure?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

interface RemoteAnswer {
  readonly url: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Always has access, so that what is found does not depend on who asks. */
const aggregator: UserInfo = { name: "system:kube-aggregator", groups: ["system:masters"] };
const timeoutMs = 5_000;
const maxBytes = 8 * 1024 * 1024;

/** A GET of the aggregator's own. Throws ApiError when the service cannot be resolved, else an error that names the URL. */
export async function askRemote(remote: RemoteService, asking: Asking, deps: AskDeps): Promise<RemoteAnswer> {
  const endpoint = await deps.resolve(remote.service);
  const url = `https://${joinHostPort(endpoint.host, endpoint.port)}${asking.path}`;
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const cancel = deps.timers.after(timeoutMs, abort);
  deps.signal.addEventListener("abort", abort);
  if (deps.signal.aborted) abort();
  try {
    return await get(remote, asking, { ...deps, endpoint, url, signal: controller.signal });
  } catch (thrown) {
    const why = controller.signal.aborted ? "context deadline exceeded" : describeNetworkError(thrown);
    throw new Error(`Get ${JSON.stringify(url)}: ${why}`, { cause: thrown });
  } finally {
    cancel();
    deps.signal.removeEventListener("abort", abort);
  }
}

async function get(
  remote: RemoteService,
  { path, accept, insecure = false, headers }: Asking,
  to: AskDeps & { readonly endpoint: Endpoint; readonly url: string; readonly signal: AbortSignal },
): Promise<RemoteAnswer> {
  const { endpoint, url, signal } = to;
  const agent = to.connections.agent(endpoint, {
    serverName: serverName(remote),
    caBundle: insecure ? undefined : remote.caBundle,
    insecure: insecure || remote.insecure,
    ...(to.frontProxy === undefined ? {} : { client: to.frontProxy() }),
  });
  const host = `${serverName(remote)}:${remote.service.port}`;
  const opened = await openExchange({
    endpoint,
    agent,
    method: "GET",
    path,
    headers: { host, accept, ...headers, ...identityHeaders(aggregator) },
    body: undefined,
    signal,
  });
  if (opened.type === "upgraded") {
    opened.socket.destroy();
    throw new Error("the server changed protocols unasked");
  }
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of opened.answer as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    pieces.push(piece);
  }
  const { statusCode = 0, headers: answered } = opened.answer;
  return { url, status: statusCode, headers: answered, body: Buffer.concat(pieces, size) };
}
