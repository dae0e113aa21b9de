import type { SigningKey, VerificationKey } from "./account-key.ts";

/** How service account tokens are made and checked. */
export interface AccountTokenSettings {
  /** The first issues; tokens of all of them are taken. */
  readonly issuers: readonly [string, ...string[]];
  readonly signingKey: SigningKey;
  /** The keys whose signatures count, the signing key's own among them as a rule. */
  readonly verificationKeys: readonly VerificationKey[];
  /** What tokens call this server that are for it: those, too, that name nobody. */
  readonly audiences: readonly string[];
  /** Who asks for more gets so much. */
  readonly maxLifetimeSeconds?: number;
  /** False: pods' tokens end when they say so, not a year later for those who read the file but once. */
  readonly extendLifetime?: boolean;
  /** Where others find the key set; by default at this server. */
  readonly jwksUri?: string;
}
