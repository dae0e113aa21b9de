import { createHash, createPrivateKey, type KeyObject, randomBytes, sign, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { type Credential, type Validity, validityOf } from "./credential.ts";
import * as der from "./der.ts";
import type { DistinguishedName } from "./distinguished-name.ts";
import type { NameAttribute } from "./name-attributes.ts";
import { toPem } from "./pem.ts";
import { addressBytes } from "./subject-alt-names.ts";

/** Clocks of other machines may be this much behind. */
export const backdateMs: number = 5 * 60_000;

export interface UnsignedCertificate {
  readonly issuer: der.Der;
  readonly subject: der.Der;
  readonly publicKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly der.Der[];
}

/** https://www.rfc-editor.org/rfc/rfc5280#section-4.1 */
export function signedCertificate(parts: UnsignedCertificate, key: KeyObject): string {
  const algorithm = signatureAlgorithm(key);
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(Uint8Array.of(2))),
    der.integer(serialNumber()),
    algorithm,
    parts.issuer,
    der.sequence(der.time(parts.notBefore), der.time(parts.notAfter)),
    parts.subject,
    der.decode(parts.publicKey.export({ type: "spki", format: "der" })),
    der.explicit(3, der.sequence(...parts.extensions)),
  );
  const signature = sign("sha256", der.encode(toBeSigned), key);
  return toPem("CERTIFICATE", der.encode(der.sequence(toBeSigned, algorithm, der.bits(signature))));
}

/** Who signs, as far as what it signs tells of it. */
export interface Authority extends Validity {
  readonly key: KeyObject;
  readonly subject: der.Der;
  readonly keyId: Buffer;
}

/** The name and key identifier are copied as they stand: verifiers compare them byte by byte. */
export function openAuthority({ certPem, keyPem: privateKey }: Credential): Authority {
  const certificate = new X509Certificate(certPem);
  const fields = der.children(der.children(der.decode(certificate.raw))[0]);
  const extensions = fields.find((field) => der.isContext(field, 3));
  const listed = extensions === undefined ? [] : der.children(der.children(extensions)[0]);
  const identifier = listed.map(der.children).find(([id]) => der.dotted(id) === "2.5.29.14");
  return {
    key: createPrivateKey(privateKey),
    subject: fields[5] ?? der.sequence(),
    keyId:
      identifier === undefined
        ? keyIdentifier(certificate.publicKey)
        : der.content(der.decode(der.content(identifier.at(-1)))),
    ...validityOf(certificate),
  };
}

function signatureAlgorithm(key: KeyObject): der.Der {
  switch (key.asymmetricKeyType) {
    case "ec":
      return der.sequence(der.objectId("1.2.840.10045.4.3.2"));
    case "rsa":
      return der.sequence(der.objectId("1.2.840.113549.1.1.11"), der.nothing());
    default:
      throw new Error(`a certificate authority needs an EC or RSA key, not ${key.asymmetricKeyType}`);
  }
}

/** Organizations first, as Go's tools write and read them. */
export function subjectDer({ commonName, organizations }: DistinguishedName): der.Der {
  return nameDer([...organizations.map((value) => ({ id: "2.5.4.10", value })), { id: "2.5.4.3", value: commonName }]);
}

/** One attribute per RDN. */
export function nameDer(attributes: readonly NameAttribute[]): der.Der {
  return der.sequence(...attributes.map(({ id, value }) => der.set(der.sequence(der.objectId(id), der.utf8(value)))));
}

/** A DNS name or an IP address as a subject alternative name. */
export function generalName(name: string): der.Der {
  return isIP(name) === 0 ? der.implicit(2, Buffer.from(name, "latin1")) : der.implicit(7, addressBytes(name));
}

export function extension(id: string, critical: boolean, value: der.Der): der.Der {
  return der.sequence(der.objectId(id), critical ? der.boolean(true) : undefined, der.octets(der.encode(value)));
}

/** RFC 7093 section 2, method 1: the leftmost 160 bits of the SHA-256 of the key's bits. */
export function keyIdentifier(publicKey: KeyObject): Buffer {
  const info = der.children(der.decode(publicKey.export({ type: "spki", format: "der" })));
  const keyBits = der.content(info[1]).subarray(1);
  return createHash("sha256").update(keyBits).digest().subarray(0, 20);
}

/** 16 bytes, positive, never with a leading zero byte. */
function serialNumber(): Buffer {
  const serial = randomBytes(16);
  serial.writeUInt8((serial.readUInt8(0) & 0x7f) | 0x40, 0);
  return serial;
}
