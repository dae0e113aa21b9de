import { createPublicKey, type KeyObject } from "node:crypto";
import {
  bitBytes,
  contextTag,
  DerError,
  derTag,
  type DerValue,
  dottedId,
  expectTag,
  readDer,
  valuesIn,
} from "./der-reader.ts";
import { pemBlocks } from "./pem.ts";
import { nameAttributes, type NameAttribute } from "./name-attributes.ts";

/** Who wants a certificate, for which names: a PKCS#10 request as far as Kubernetes's signers look at it. */
export interface SigningRequest extends RequestedNames {
  /** The last one, as Go has it; "" when there is none. */
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** All of the subject that is text, in its order. */
  readonly attributes: readonly NameAttribute[];
  /** Undefined for a kind of key that nobody here signs for. */
  readonly publicKey: KeyObject | undefined;
  /** What the requester's key has signed. */
  readonly signed: Buffer;
  readonly algorithm: DerValue;
  readonly signature: Buffer;
}

/** Subject alternative names, as they were asked for. */
export interface RequestedNames {
  readonly dnsNames: readonly string[];
  readonly emailAddresses: readonly string[];
  /** 4 or 16 bytes each. */
  readonly ipAddresses: readonly Buffer[];
  readonly uris: readonly string[];
}

/** Why a request cannot be read; the message is for whoever sent it. */
export class SigningRequestError extends Error {
  override name = "SigningRequestError";
}

const extensionRequest = "1.2.840.113549.1.9.14";
const subjectAltName = "2.5.29.17";

/** Reads the first block of a PEM. Throws SigningRequestError. https://www.rfc-editor.org/rfc/rfc2986#section-4 */
export function readSigningRequest(pem: string): SigningRequest {
  const [block] = pemBlocks(pem);
  if (block?.type !== "CERTIFICATE REQUEST")
    throw new SigningRequestError("PEM block type must be CERTIFICATE REQUEST");
  try {
    return requestOf(block.der);
  } catch (thrown) {
    if (thrown instanceof DerError) throw new SigningRequestError(thrown.message, { cause: thrown });
    throw thrown;
  }
}

function requestOf(der: Buffer): SigningRequest {
  const [info, algorithm, signature] = valuesIn(readDer(der, derTag.sequence));
  const { raw: signed } = expectTag(info, derTag.sequence);
  const [version, subject, keyInfo, ...rest] = valuesIn(expectTag(info, derTag.sequence));
  expectTag(version, derTag.integer);
  const attributes = nameAttributes(expectTag(subject, derTag.sequence));
  const texts = (id: string): readonly string[] =>
    attributes.filter((attribute) => attribute.id === id).map(({ value }) => value);
  const requested = rest.find(({ tag }) => tag === contextTag(0, true));
  return {
    commonName: texts("2.5.4.3").at(-1) ?? "",
    organizations: texts("2.5.4.10"),
    attributes,
    ...namesOf(requested === undefined ? [] : extensionsIn(requested)),
    publicKey: publicKeyOf(expectTag(keyInfo, derTag.sequence)),
    signed,
    algorithm: expectTag(algorithm, derTag.sequence),
    signature: bitBytes(signature),
  };
}

const knownKeys: ReadonlySet<string | undefined> = new Set(["rsa", "ec", "ed25519"]);

function publicKeyOf({ raw }: DerValue): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: raw, type: "spki", format: "der" });
    return knownKeys.has(key.asymmetricKeyType) ? key : undefined;
  } catch {
    return undefined; // whatever it is, it is no key that can be used
  }
}

interface Extension {
  readonly id: string;
  readonly value: Buffer;
}

function extensionsIn(attributes: DerValue): readonly Extension[] {
  const found: Extension[] = [];
  for (const attribute of valuesIn(attributes)) {
    const [id, values] = valuesIn(expectTag(attribute, derTag.sequence));
    if (dottedId(id) !== extensionRequest) continue;
    const [extensions] = valuesIn(expectTag(values, derTag.set));
    for (const extension of valuesIn(expectTag(extensions, derTag.sequence))) {
      const [type, ...rest] = valuesIn(expectTag(extension, derTag.sequence));
      // Between the two there may be whether it is critical.
      found.push({ id: dottedId(type), value: expectTag(rest.at(-1), derTag.octetString).content });
    }
  }
  if (new Set(found.map(({ id }) => id)).size < found.length)
    throw new SigningRequestError("x509: certificate request contains duplicate requested extensions");
  return found;
}

/** https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6 */
function namesOf(extensions: readonly Extension[]): RequestedNames {
  const extension = extensions.find(({ id }) => id === subjectAltName);
  const names = extension === undefined ? [] : valuesIn(readDer(extension.value, derTag.sequence));
  const ofKind = (number: number): readonly DerValue[] => names.filter(({ tag }) => tag === contextTag(number, false));
  return {
    emailAddresses: ofKind(1).map((value) => asciiOf(value, "rfc822Name")),
    dnsNames: ofKind(2).map((value) => asciiOf(value, "dNSName")),
    uris: ofKind(6).map(uriOf),
    ipAddresses: ofKind(7).map(addressOf),
  };
}

function asciiOf({ content }: DerValue, what: string): string {
  if (content.some((byte) => byte >= 0x80)) throw new SigningRequestError(`x509: SAN ${what} is malformed`);
  return content.toString("latin1");
}

function uriOf(value: DerValue): string {
  const text = asciiOf(value, "uniformResourceIdentifier");
  // Go takes references without a scheme, too.
  if (!URL.canParse(text, "wherry://name"))
    throw new SigningRequestError(`x509: cannot parse URI ${JSON.stringify(text)}`);
  return text;
}

function addressOf({ content }: DerValue): Buffer {
  if (content.length !== 4 && content.length !== 16)
    throw new SigningRequestError(`x509: cannot parse IP address of length ${content.length}`);
  return content;
}
