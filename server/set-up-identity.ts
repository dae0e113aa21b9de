import { anonymous } from "../auth/authn/anonymous.ts";
import type { Authenticator } from "../auth/authn/authenticator.ts";
import { clientCertificate } from "../auth/authn/client-certificate.ts";
import type { Authorizer } from "../auth/authz/authorizer.ts";
import { privilegedGroup } from "../auth/authz/privileged-group.ts";
import { publicPaths } from "../auth/authz/public-paths.ts";
import { union } from "../auth/authz/union.ts";

/** Who sends requests, and what they may do. */
export interface Identity {
  /** In the order in which they are asked. */
  readonly authenticators: readonly Authenticator[];
  readonly authorizer: Authorizer;
}

export function setUpIdentity(): Identity {
  return {
    authenticators: [clientCertificate, anonymous],
    authorizer: union([privilegedGroup, publicPaths]),
  };
}
