/** What service account tokens say: https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#token-controller */
import { accountName } from "./account-user.ts";

/** Which object a token speaks of. */
export interface ObjectClaim {
  readonly name: string;
  /** Absent for a node that is not there (yet). */
  readonly uid?: string;
}

/** Of a bound token. Times in seconds since the epoch. */
export interface BoundClaims {
  readonly aud: readonly string[];
  readonly exp: number;
  readonly iat: number;
  readonly jti: string;
  readonly nbf: number;
  readonly sub: string;
  readonly "kubernetes.io": {
    readonly namespace: string;
    readonly node?: ObjectClaim;
    readonly pod?: ObjectClaim;
    readonly secret?: ObjectClaim;
    readonly serviceaccount: ObjectClaim;
    readonly warnafter?: number;
  };
}

/** Of a token that lives in a Secret, for ever. */
export interface LegacyClaims {
  readonly sub: string;
  readonly "kubernetes.io/serviceaccount/namespace": string;
  readonly "kubernetes.io/serviceaccount/secret.name": string;
  readonly "kubernetes.io/serviceaccount/service-account.name": string;
  readonly "kubernetes.io/serviceaccount/service-account.uid": string;
}

/** Who a token is for. */
export interface Account {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface BoundTokenOptions {
  readonly audiences: readonly string[];
  /** It lives as long as they do. A pod's token tells its node as well. */
  readonly bound: { readonly pod?: ObjectClaim; readonly secret?: ObjectClaim; readonly node?: ObjectClaim };
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly lifetimeSeconds: number;
  /** After so long its use is told in the audit log: its holder should have fetched a new one. */
  readonly warnAfterSeconds?: number | undefined;
}

export function boundClaims(account: Account, options: BoundTokenOptions): BoundClaims {
  const { audiences, bound, id, lifetimeSeconds, warnAfterSeconds } = options;
  const now = Math.floor(options.now / 1000);
  const { namespace, name, uid } = account;
  return {
    aud: audiences,
    exp: now + lifetimeSeconds,
    iat: now,
    jti: id,
    "kubernetes.io": {
      namespace,
      ...bound,
      serviceaccount: { name, uid },
      ...(warnAfterSeconds === undefined ? {} : { warnafter: now + warnAfterSeconds }),
    },
    nbf: now,
    sub: accountName(namespace, name),
  };
}

export function legacyClaims({ namespace, name, uid }: Account, secret: string): LegacyClaims {
  return {
    "kubernetes.io/serviceaccount/namespace": namespace,
    "kubernetes.io/serviceaccount/secret.name": secret,
    "kubernetes.io/serviceaccount/service-account.name": name,
    "kubernetes.io/serviceaccount/service-account.uid": uid,
    sub: accountName(namespace, name),
  };
}
