import { generateKeyPairSync } from "node:crypto";
import { defaultIssuer } from "../authn/default-issuer.ts";
import { type SigningKey, verificationKey } from "./account-key.ts";
import type { AccountTokenSettings } from "./account-token-settings.ts";

export function newSigningKey(namedCurve = "P-256"): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve });
  return { privateKey, verification: verificationKey(publicKey) };
}

/** As a cluster in memory has them. */
export function testTokenSettings(signingKey: SigningKey = newSigningKey()): AccountTokenSettings {
  const issuers = [defaultIssuer] as const;
  return { issuers, signingKey, verificationKeys: [signingKey.verification], audiences: issuers };
}
