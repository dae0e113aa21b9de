import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";

export function newKeys(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

/** SEC 1, which names the kind of key in its PEM label: some clients take a plain `PRIVATE KEY` for RSA. */
export function keyPem(key: KeyObject): string {
  return key.export({ type: "sec1", format: "pem" }).toString();
}

export function publicKeyPem(privateKeyPem: string): string {
  return createPublicKey(privateKeyPem).export({ type: "spki", format: "pem" }).toString();
}
