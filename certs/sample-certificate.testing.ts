import { createCertificateAuthority } from "./issue-certificate.ts";

/** The PEM of some certificate, for tests that ask for no more. */
export function sampleCertificate({
  notBefore,
  notAfter,
}: {
  readonly notBefore: number;
  readonly notAfter: number;
}): string {
  const now = notBefore + 5 * 60_000;
  return createCertificateAuthority({ commonName: "sample", now: new Date(now), lifetimeMs: notAfter - now }).certPem;
}
