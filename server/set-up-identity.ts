import { bootstrapTokens } from "../api/core/bootstrap-tokens.ts";
import type { Secret } from "../api/generated/types/core-v1.ts";
import { anyToken } from "../auth/authn/any-token.ts";
import type { Authenticator } from "../auth/authn/authenticator.ts";
import { bootstrapToken } from "../auth/authn/bootstrap-token.ts";
import { isRequestHeader } from "../auth/authn/request-header.ts";
import { staticTokens } from "../auth/authn/static-tokens.ts";
import type { TokenAuthenticator } from "../auth/authn/token-authenticator.ts";
import type { Authorizer } from "../auth/authz/authorizer.ts";
import type { RuleResolver } from "../auth/authz/rule-resolver.ts";
import { createAuthenticators } from "./authentication/create-authenticators.ts";
import { foreignTokens } from "./authentication/foreign-tokens.ts";
import { createAuthorization } from "./authorization/create-authorization.ts";
import type { Resources } from "./create-resources.ts";
import { createRbac } from "./rbac/create-rbac.ts";
import { rbacGuards } from "./rbac/guards.ts";
import type { ServerOptions } from "./server-options.ts";
import { accountTokenAuthenticators } from "./set-up-account-tokens.ts";

/** Who sends requests, and what they may do. */
export interface Identity {
  /** In the order in which they are asked. */
  readonly authenticators: readonly Authenticator[];
  /** Whether a header says who the user is, besides the usual ones. */
  readonly isCredential: (header: string) => boolean;
  /** All kinds of bearer tokens, for TokenReviews. */
  readonly identifyToken: TokenAuthenticator;
  /** What tokens call this server that are for it. */
  readonly audiences: readonly string[];
  readonly authorizer: Authorizer;
  /** What a user may do, as a list. */
  readonly rulesOf: RuleResolver;
}

/** `signal` is aborted when the server stops. */
export function setUpIdentity(resources: Resources, options: ServerOptions, signal: AbortSignal): Identity {
  const { authentication = {} } = options;
  const { requestHeader } = authentication;
  const { audiences } = options.serviceAccountTokens;
  const rbac = createRbac(resources);
  const { authorizer, rulesOf } = createAuthorization(rbac, resources, options, signal);
  for (const [prefix, guard] of rbacGuards({ rbac, authorize: authorizer })) resources.guards.set(prefix, guard);
  const identifyToken = anyToken([
    ...ownTokens(resources, options, audiences),
    ...foreignTokens({ resources, options, audiences, signal }),
  ]);
  return {
    authenticators: createAuthenticators({ options: authentication, audiences, identifyToken }),
    isCredential: (header) => requestHeader !== undefined && isRequestHeader(header, requestHeader),
    identifyToken,
    audiences,
    authorizer,
    rulesOf,
  };
}

/** What is decided here, in upstream's order. */
function ownTokens(
  resources: Resources,
  options: ServerOptions,
  audiences: readonly string[],
): readonly TokenAuthenticator[] {
  const { staticTokens: tokens = [] } = options.authentication ?? {};
  return [
    ...(tokens.length === 0 ? [] : [staticTokens(tokens, audiences)]),
    ...accountTokenAuthenticators(resources, options, audiences),
    bootstrapToken({
      audiences,
      findSecret: (name) => resources.reader.find<Secret>("secrets", bootstrapTokens.namespace, name),
      clock: options.clock,
    }),
  ];
}
