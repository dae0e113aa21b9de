import { createHash, X509Certificate } from "node:crypto";

/**
 * What stands for a certificate's key: SHA-256 of its public key info, in base64url. The bytes are those of kubeadm's
 * `--discovery-token-ca-cert-hash` (RFC 7469 2.4).
 */
export function publicKeyPin(certPem: string): string {
  return pinOf(new X509Certificate(certPem));
}

/** Those of the certificates in a PEM text whose key is the pinned one, as PEM; "" when there is none. */
export function pinnedCertificates(pem: string, pin: string): string {
  return certificatesIn(pem)
    .filter((certificate) => pinOf(certificate) === pin)
    .map(String)
    .join("");
}

function pinOf({ publicKey }: X509Certificate): string {
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64url");
}

function certificatesIn(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.flatMap((block) => certificateOf(block) ?? []);
}

function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined; // what cannot be read is not the pinned one
  }
}
