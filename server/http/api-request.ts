import type { ApiRequest, Peer } from "../../api/wire.ts";
import { type Incoming, isHttp2 } from "./exchange.ts";
import { IncomingBody } from "./incoming-body.ts";
import type { Lifetime } from "./lifetime.ts";

export interface RequestParts {
  readonly peer: Peer;
  readonly lifetime: Lifetime;
  readonly requestMs: number;
  /** What the client offers, when its connection was set free for it. */
  readonly upgrade?: string | undefined;
}

export function apiRequest(incoming: Incoming, { peer, lifetime, requestMs, upgrade }: RequestParts): ApiRequest {
  return {
    method: incoming.method ?? "GET",
    url: originForm(incoming.url ?? "/"),
    headers: headersOf(incoming),
    headerValues: (name) => valuesOf(incoming, name),
    ...(hasBody(incoming) ? { body: new IncomingBody(incoming, lifetime, requestMs) } : {}),
    get signal() {
      return lifetime.signal;
    },
    peer,
    ...(upgrade === undefined ? {} : { upgrade }),
  };
}

/** A client may send the whole URL, as to a proxy: https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2 */
function originForm(url: string): string {
  return /^https?:\/\//i.test(url) ? url.replace(/^https?:\/\/[^/?#]*/i, "") || "/" : url;
}

/** HTTP/2 has pseudo-headers; `:authority` is what HTTP/1.1 calls Host. */
function headersOf(incoming: Incoming): Record<string, string | undefined> {
  const headers: Record<string, string | undefined> = Object.create(null);
  const sent = incoming.headers;
  // HTTP/2's have no prototype, and HTTP/1.1's only Object's: there is nothing else to enumerate.
  for (const name in sent) {
    const value = sent[name];
    if (value === undefined || name.startsWith(":")) continue;
    headers[name] = typeof value === "string" ? value : value.join(", ");
  }
  if (isHttp2(incoming)) headers["host"] ??= incoming.authority;
  return headers;
}

/** One value a line. Node reads headers as Latin-1, and joins those that are repeated. */
function valuesOf({ rawHeaders }: Incoming, name: string): readonly string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    if (rawHeaders[index]?.toLowerCase() === name)
      values.push(Buffer.from(rawHeaders[index + 1] ?? "", "latin1").toString("utf8"));
  return values;
}

export function hasBody(incoming: Incoming): boolean {
  if (incoming.headers["content-length"] === "0") return false;
  if (isHttp2(incoming)) return !incoming.stream.endAfterHeaders;
  return incoming.headers["content-length"] !== undefined || incoming.headers["transfer-encoding"] !== undefined;
}
