import { constants, type KeyObject, verify, type VerifyKeyObjectInput } from "node:crypto";
import { DerError, type DerValue, dottedId, valuesIn } from "./der-reader.ts";
import { type SigningRequest, SigningRequestError, readSigningRequest } from "./signing-request.ts";

interface Algorithm {
  readonly keyType: "rsa" | "ec" | "ed25519";
  /** Null where the algorithm has one of its own. */
  readonly hash: string | null;
  readonly pss?: true;
}

/** https://www.rfc-editor.org/rfc/rfc8017#appendix-A.2, https://www.rfc-editor.org/rfc/rfc5758#section-3.2 */
const algorithms: ReadonlyMap<string, Algorithm> = new Map<string, Algorithm>([
  ["1.2.840.113549.1.1.5", { keyType: "rsa", hash: "sha1" }],
  ["1.2.840.113549.1.1.11", { keyType: "rsa", hash: "sha256" }],
  ["1.2.840.113549.1.1.12", { keyType: "rsa", hash: "sha384" }],
  ["1.2.840.113549.1.1.13", { keyType: "rsa", hash: "sha512" }],
  ["1.2.840.10045.4.1", { keyType: "ec", hash: "sha1" }],
  ["1.2.840.10045.4.3.2", { keyType: "ec", hash: "sha256" }],
  ["1.2.840.10045.4.3.3", { keyType: "ec", hash: "sha384" }],
  ["1.2.840.10045.4.3.4", { keyType: "ec", hash: "sha512" }],
  ["1.3.101.112", { keyType: "ed25519", hash: null }],
]);
const rsaPss = "1.2.840.113549.1.1.10";
const hashes: ReadonlyMap<string, string> = new Map([
  ["2.16.840.1.101.3.4.2.1", "sha256"],
  ["2.16.840.1.101.3.4.2.2", "sha384"],
  ["2.16.840.1.101.3.4.2.3", "sha512"],
]);
const md5WithRsa = "1.2.840.113549.1.1.4";
/** Go's rule. */
const fewestRsaBits = 1024;

const failures = {
  rsa: "crypto/rsa: verification error",
  ec: "x509: ECDSA verification failure",
  ed25519: "x509: Ed25519 verification failure",
} as const;
const unknown = "x509: cannot verify signature: algorithm unimplemented";

/** What is wrong with a request in PEM, or its signature: nobody is to ask in the name of somebody else's key. */
export function signingRequestProblem(pem: string): string | undefined {
  try {
    return signatureProblem(readSigningRequest(pem));
  } catch (thrown) {
    if (thrown instanceof SigningRequestError || thrown instanceof DerError) return thrown.message;
    throw thrown;
  }
}

/** Why the request is not signed by the key that it is about, in Go's words. */
export function signatureProblem({ publicKey, signed, algorithm, signature }: SigningRequest): string | undefined {
  const [id, parameters] = valuesIn(algorithm);
  const name = dottedId(id);
  if (name === md5WithRsa) return "x509: cannot verify signature: insecure algorithm MD5-RSA";
  const known = name === rsaPss ? pssAlgorithm(parameters) : algorithms.get(name);
  if (known === undefined || publicKey === undefined) return unknown;
  const { keyType, hash } = known;
  if (publicKey.asymmetricKeyType !== keyType) return "x509: signature algorithm specifies another kind of public key";
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? fewestRsaBits;
  if (bits < fewestRsaBits) return `crypto/rsa: ${bits}-bit keys are insecure`;
  return isSigned(hash, signed, keyInput(publicKey, known), signature) ? undefined : failures[keyType];
}

/** What OpenSSL does not want to calculate with (a modulus beyond all measure) has signed nothing either. */
function isSigned(hash: string | null, signed: Buffer, key: VerifyKeyObjectInput, signature: Buffer): boolean {
  try {
    return verify(hash, signed, key, signature);
  } catch {
    return false;
  }
}

function keyInput(key: KeyObject, { pss }: Algorithm): VerifyKeyObjectInput {
  if (pss !== true) return { key };
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
}

/** The parameters begin with the hash: `[0] { algorithm }`. */
function pssAlgorithm(parameters: DerValue | undefined): Algorithm | undefined {
  const [tagged] = parameters === undefined ? [] : valuesIn(parameters);
  const [algorithm] = tagged === undefined ? [] : valuesIn(tagged);
  const [id] = algorithm === undefined ? [] : valuesIn(algorithm);
  const hash = id === undefined ? undefined : hashes.get(dottedId(id));
  return hash === undefined ? undefined : { keyType: "rsa", hash, pss: true };
}
