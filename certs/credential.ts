import { createPrivateKey, X509Certificate } from "node:crypto";

/** A certificate and the key that belongs to it. */
export interface Credential {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

export function validityOf(certificate: X509Certificate): Validity {
  return { notBefore: Date.parse(certificate.validFrom), notAfter: Date.parse(certificate.validTo) };
}

/** The certificate, when it can be read and the key belongs to it. */
export function certificateOf({ certPem, keyPem }: Credential): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(certPem);
    return certificate.checkPrivateKey(createPrivateKey(keyPem)) ? certificate : undefined;
  } catch {
    return undefined; // not PEM, an encrypted key, a key type that is not known: it cannot be used
  }
}

const dayMs = 86_400_000;

/** When a leaf should be replaced: in its last third, but no sooner than 30 days before the end. */
export function renewalDue(certificate: X509Certificate): number {
  const { notBefore, notAfter } = validityOf(certificate);
  return notAfter - Math.min((notAfter - notBefore) / 3, 30 * dayMs);
}
