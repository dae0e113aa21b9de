import { anonymous } from "../../auth/authn/anonymous.ts";
import { anyOf } from "../../auth/authn/any-of.ts";
import type { Authenticator } from "../../auth/authn/authenticator.ts";
import { bearerToken } from "../../auth/authn/bearer-token.ts";
import { currentAuthorities } from "../../auth/authn/certificates/authorities.ts";
import { clientCertificate } from "../../auth/authn/client-certificate.ts";
import { requestHeader } from "../../auth/authn/request-header.ts";
import type { TokenAuthenticator } from "../../auth/authn/token-authenticator.ts";
import { webSocketToken } from "../../auth/authn/web-socket-token.ts";
import { realClock } from "../../base/clock.ts";
import type { AuthenticationOptions } from "./authentication-options.ts";

export interface AuthenticatorParts {
  readonly options: AuthenticationOptions;
  readonly audiences: readonly string[];
  readonly identifyToken: TokenAuthenticator;
}

/** In upstream's order: what comes with the connection, then tokens; nobody at all only when none of them was refused. */
export function createAuthenticators({ options, audiences, identifyToken }: AuthenticatorParts): Authenticator[] {
  const { requestHeader: proxies, clientAuthorities, anonymous: nobody } = options;
  const known = anyOf([
    // Certificates live in the time of TLS.
    ...(proxies === undefined ? [] : [requestHeader(proxies, realClock)]),
    ...(clientAuthorities === undefined ? [] : [clientCertificate(currentAuthorities(clientAuthorities), realClock)]),
    bearerToken(identifyToken, audiences),
    webSocketToken(identifyToken, audiences),
  ]);
  if (nobody?.enabled === false) return [known];
  return [known, anonymous(nobody?.conditions.map(({ path }) => path))];
}
