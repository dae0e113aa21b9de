import type { Credential } from "../../certs/credential.ts";

/** By whom and for how long the cluster signs certificates. */
export interface CertificateSigning {
  /** As it is now. */
  readonly authority: () => Credential;
  /** The longest that is signed, and what is signed where nothing was asked for. */
  readonly lifetimeMs: number;
  /** The machine's time, in milliseconds since the epoch: TLS checks certificates against that, never against the cluster's clock. */
  readonly now: () => number;
}
