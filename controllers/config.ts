import type { SigningKey } from "../auth/tokens/account-key.ts";
import type { CertificateSigning } from "./certificates/certificate-signing.ts";

/** What controllers have to know of the cluster. Durations in milliseconds; defaults are kube-controller-manager's. */
export interface ControllerConfig {
  /** PEM: what pods trust as the API server. */
  readonly rootCaPem: string;
  /** Ranges of pod addresses, one per family, which nodes get their share of; empty: nodes get none. */
  readonly podRanges: readonly string[];
  /** Prefix length of a node's share, by family. */
  readonly nodeMaskSize: { readonly ipv4: number; readonly ipv6: number };
  /** So long a node may be silent before it counts as gone. */
  readonly nodeMonitorGraceMs: number;
  readonly nodeMonitorPeriodMs: number;
  /** In which servers that share a store all learn that nothing may be made in a namespace any more. */
  readonly namespaceSettlingMs: number;
  /** And in which all learn that a range of service addresses goes. */
  readonly serviceRangeSettlingMs: number;
  /** So often pods are looked at that nobody else would delete. */
  readonly podCollectionPeriodMs: number;
  /** Terminated pods beyond so many are collected. */
  readonly terminatedPodThreshold: number;
  /** The folder on nodes below which the local-path provisioner makes volumes. */
  readonly localPath: string;
  /** Signs the tokens that secrets ask for. */
  readonly serviceAccountKey: SigningKey;
  /** So long such a token is kept that was made without being asked for and that nobody uses. */
  readonly legacyTokenCleanUpMs: number;
  /** Absent: certificate signing requests wait for another signer. */
  readonly signing?: CertificateSigning;
}
