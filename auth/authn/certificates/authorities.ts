import { X509Certificate } from "node:crypto";
import { validityOf } from "../../../certs/credential.ts";

/** What a chain of certificates may end in. */
export interface Authorities {
  readonly certificates: readonly X509Certificate[];
}

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Of one or several certificates in PEM. Throws an Error in upstream's words when there is none. */
export function readAuthorities(pem: string): Authorities {
  const certificates = (pem.match(block) ?? []).map((text) => new X509Certificate(text));
  if (certificates.length === 0) throw new Error("data does not contain any valid RSA or ECDSA certificates");
  return { certificates };
}

/** Always the authorities of a bundle that may change. One that cannot be read has none. */
export function currentAuthorities(pem: () => string): () => Authorities {
  let read: { readonly pem: string; readonly authorities: Authorities } | undefined;
  return () => {
    const current = pem();
    if (read?.pem !== current)
      read = { pem: current, authorities: current === "" ? { certificates: [] } : readAuthorities(current) };
    return read.authorities;
  };
}

export interface Chain {
  readonly leaf: X509Certificate;
  readonly intermediates: readonly X509Certificate[];
}

/** When a chain begins and ends to be good. */
export interface Trust {
  readonly notBefore: number;
  readonly notAfter: number;
}

const clientAuth = "1.3.6.1.5.5.7.3.2";
const anyUsage = "2.5.29.37.0";
/** A signature costs a tenth of a millisecond, and certificates may be made to fit in many ways. */
const mostSignatures = 64;

/**
 * The longest time for which a client's certificate can be trusted by a way to one of the authorities; undefined: there is no
 * such way. What else TLS looks at, such as constraints on names and lengths, it has looked at by itself.
 */
export function trustOf({ leaf, intermediates }: Chain, { certificates }: Authorities): Trust | undefined {
  if (!mayBeClient(leaf)) return undefined;
  let signatures = 0;
  const signs = (issuer: X509Certificate, of: X509Certificate): boolean => {
    if (!of.checkIssued(issuer) || signatures >= mostSignatures) return false;
    signatures += 1;
    return of.verify(issuer.publicKey);
  };
  const from = (certificate: X509Certificate, left: readonly X509Certificate[]): Trust | undefined => {
    const own = validityOf(certificate);
    if (certificates.some((root) => root.raw.equals(certificate.raw))) return own;
    const ways = certificates
      .filter((root) => root.ca && signs(root, certificate))
      .map((root) => both(own, validityOf(root)));
    for (const issuer of left) {
      if (!issuer.ca || !mayBeClient(issuer) || !signs(issuer, certificate)) continue;
      const above = from(
        issuer,
        left.filter((other) => other !== issuer),
      );
      if (above !== undefined) ways.push(both(own, above));
    }
    return ways.toSorted((one, other) => other.notAfter - one.notAfter)[0];
  };
  return from(leaf, intermediates);
}

function both(one: Trust, other: Trust): Trust {
  return {
    notBefore: Math.max(one.notBefore, other.notBefore),
    notAfter: Math.min(one.notAfter, other.notAfter),
  };
}

/** Node calls the extended usages so. Without any, a certificate is for all. */
function mayBeClient({ keyUsage }: X509Certificate): boolean {
  // Undefined where there is no such extension, which its type does not know.
  const usages: readonly string[] = keyUsage ?? [];
  return usages.length === 0 || usages.includes(clientAuth) || usages.includes(anyUsage);
}
