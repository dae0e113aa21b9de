import { isUtf8 } from "node:buffer";
import type { Authenticator } from "./authenticator.ts";
import { bearerOf } from "./bearer-of.ts";
import { type TokenAuthenticator, TokenError } from "./token-authenticator.ts";

/** Browsers cannot set a header on a WebSocket, but they name protocols. */
const prefix = "base64url.bearer.authorization.k8s.io.";

/** A token among the protocols that a WebSocket offers: the first of two or more. */
export function webSocketToken(identify: TokenAuthenticator, audiences: readonly string[]): Authenticator {
  return ({ headers, upgrade }, warn, annotate) => {
    const offered = headers["sec-websocket-protocol"];
    if (upgrade?.toLowerCase() !== "websocket" || offered === undefined || !offered.includes(prefix)) return undefined;
    const token = tokenAmong(protocols(offered));
    return token === "" ? undefined : bearerOf(token, identify, audiences, { warn, annotate });
  };
}

/** What is left to agree on, once the token has been taken out; undefined for nothing. */
export function withoutToken(offered: string): string | undefined {
  const others = protocols(offered).filter((protocol) => !protocol.startsWith(prefix));
  return others.length === 0 ? undefined : others.join(",");
}

function protocols(offered: string): readonly string[] {
  return offered.split(",").map((protocol) => protocol.trim());
}

function tokenAmong(offered: readonly string[]): string {
  const [found = "", ...further] = offered.filter((protocol) => protocol.startsWith(prefix));
  if (further.length > 0) throw new TokenError("multiple base64.bearer.authorization tokens specified");
  const encoded = found.slice(prefix.length);
  const bytes = Buffer.from(encoded, "base64url");
  // Buffer reads what it can; whatever it leaves out is not there when it is written again.
  if (bytes.toString("base64url") !== encoded)
    throw new TokenError("invalid base64.bearer.authorization token encoding");
  if (!isUtf8(bytes)) throw new TokenError("invalid base64.bearer.authorization token");
  if (bytes.length > 0 && offered.length === 1) throw new TokenError("missing additional subprotocol");
  return bytes.toString();
}
