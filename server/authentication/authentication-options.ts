import type { Changing } from "../../auth/authn/changing.ts";
import type { AnonymousConfiguration } from "../../auth/authn/configuration/authentication-configuration.ts";
import type { CompiledConfiguration } from "../../auth/authn/configuration/compile-configuration.ts";
import type { RequestHeaderOptions } from "../../auth/authn/request-header.ts";
import type { StaticToken } from "../../auth/authn/static-tokens.ts";
import type { ReviewVersion } from "../../auth/authn/webhook/token-review.ts";
import type { WebhookTarget } from "../webhook/webhook.ts";

/** How callers may show who they are, besides by tokens of the cluster's own. */
export interface AuthenticationOptions {
  /** PEM, as it is now: who signs client certificates. Without it there are none. */
  readonly clientAuthorities?: () => string;
  /** Without it the headers say nothing. */
  readonly requestHeader?: RequestHeaderOptions;
  readonly staticTokens?: readonly StaticToken[];
  readonly oidc?: OidcOptions;
  readonly webhook?: TokenWebhookOptions;
  /** Whether, and where, callers need no credentials; everywhere when absent. */
  readonly anonymous?: AnonymousConfiguration;
}

export interface OidcOptions {
  readonly configuration: Changing<CompiledConfiguration>;
  /** Of signatures: `RS256`, … */
  readonly algorithms: readonly string[];
}

export interface TokenWebhookOptions {
  readonly target: WebhookTarget;
  readonly version: ReviewVersion;
  /** Milliseconds for which its answers are remembered. */
  readonly cacheMs: number;
}
