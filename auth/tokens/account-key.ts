import { createHash, createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";

/** A public key that service account tokens are checked with. */
export interface VerificationKey {
  /** Named by tokens (`kid`) and in the key set: a digest, from which nobody gets the key. */
  readonly id: string;
  readonly publicKey: KeyObject;
  /** The algorithm in which this cluster would sign with it. */
  readonly algorithm: string;
  /** Those in which a signature by it counts. Never one that takes the key for a shared secret. */
  readonly accepted: readonly string[];
}

/** The key that new tokens are signed with. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly verification: VerificationKey;
}

/** No key of ours; the message says what is wrong with it and holds no part of it. */
export class KeyError extends Error {
  override name = "KeyError";
}

const rsaAlgorithms = ["RS256", "RS384", "RS512"];
/** Shorter ones can be broken. */
const leastRsaBits = 2048;
const curveAlgorithms: ReadonlyMap<string, string> = new Map([
  ["prime256v1", "ES256"],
  ["secp384r1", "ES384"],
  ["secp521r1", "ES512"],
]);
const pemBlock = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/g;

/** From PEM (SEC 1, PKCS 1 or PKCS 8). Throws KeyError. */
export function readSigningKey(pem: string): SigningKey {
  const found = [...pem.matchAll(pemBlock)].find(([, label = ""]) => label.endsWith("PRIVATE KEY"));
  if (found === undefined) throw new KeyError("it holds no private key");
  const privateKey = parsed(() => createPrivateKey(found[0]));
  return { privateKey, verification: verificationKey(createPublicKey(privateKey)) };
}

/** All public keys of a PEM text: plain ones, those of certificates, and those that belong to private keys. Throws KeyError. */
export function readVerificationKeys(pem: string): readonly VerificationKey[] {
  const keys = [...pem.matchAll(pemBlock)].flatMap(([block, label = ""]) => {
    if (label === "CERTIFICATE") return [parsed(() => new X509Certificate(block).publicKey)];
    return label.endsWith("KEY") ? [parsed(() => createPublicKey(block))] : [];
  });
  if (keys.length === 0) throw new KeyError("it holds no RSA or ECDSA key");
  return keys.map(verificationKey);
}

export function verificationKey(publicKey: KeyObject): VerificationKey {
  const der = publicKey.export({ type: "spki", format: "der" });
  const id = createHash("sha256").update(der).digest("base64url");
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
  if (type === "rsa") {
    if ((details?.modulusLength ?? 0) < leastRsaBits)
      throw new KeyError(`an RSA key needs at least ${leastRsaBits} bits`);
    return { id, publicKey, algorithm: "RS256", accepted: rsaAlgorithms };
  }
  const algorithm = type === "ec" ? curveAlgorithms.get(details?.namedCurve ?? "") : undefined;
  if (algorithm === undefined) throw new KeyError("only RSA keys and ECDSA keys on P-256, P-384 or P-521 are known");
  return { id, publicKey, algorithm, accepted: [algorithm] };
}

/** What OpenSSL has to say of a key is of no use, and might quote it. */
function parsed(read: () => KeyObject): KeyObject {
  try {
    return read();
  } catch {
    throw new KeyError("a key in it cannot be read; it may be damaged, or encrypted");
  }
}
