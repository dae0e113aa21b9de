import { createHash, createPrivateKey, type KeyObject, randomBytes, sign, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { type Credential, type Validity, validityOf } from "./credential.ts";
import * as der from "./der.ts";
import type { DistinguishedName } from "./distinguished-name.ts";
import { keyPem, newKeys } from "./keys.ts";
import { addressBytes, type SubjectAltNames } from "./subject-alt-names.ts";

export interface AuthorityRequest {
  readonly commonName: string;
  readonly now: Date;
  readonly lifetimeMs: number;
}

export interface CertificateRequest {
  readonly authority: Credential;
  readonly subject: DistinguishedName;
  readonly usage: "server" | "client";
  readonly names?: SubjectAltNames;
  readonly now: Date;
  readonly lifetimeMs: number;
}

/** Clocks of other machines may be this much behind. */
const backdateMs = 5 * 60_000;

/** A self-signed authority that may sign leaves, but no further authorities. */
export function createCertificateAuthority(request: AuthorityRequest): Credential {
  const keys = newKeys();
  const subject = nameDer({ commonName: request.commonName, organizations: [] });
  const keyId = keyIdentifier(keys.publicKey);
  const certPem = signed(
    {
      issuer: subject,
      subject,
      publicKey: keys.publicKey,
      notBefore: new Date(request.now.getTime() - backdateMs),
      notAfter: new Date(request.now.getTime() + request.lifetimeMs),
      extensions: [
        extension("2.5.29.19", true, der.sequence(der.boolean(true), der.integer(Uint8Array.of(0)))),
        // digitalSignature, keyCertSign, cRLSign
        extension("2.5.29.15", true, der.bits(Uint8Array.of(0b1000_0110), 1)),
        extension("2.5.29.14", false, der.octets(keyId)),
      ],
    },
    keys.privateKey,
  );
  return { certPem, keyPem: keyPem(keys.privateKey) };
}

/** A leaf with a fresh key. It never outlives its authority. */
export function issueCertificate(request: CertificateRequest): Credential {
  const authority = openAuthority(request.authority);
  const keys = newKeys();
  const { names = [], now } = request;
  const certPem = signed(
    {
      issuer: authority.subject,
      subject: nameDer(request.subject),
      publicKey: keys.publicKey,
      notBefore: new Date(Math.max(now.getTime() - backdateMs, authority.notBefore)),
      notAfter: new Date(Math.min(now.getTime() + request.lifetimeMs, authority.notAfter)),
      extensions: [
        extension("2.5.29.19", true, der.sequence()),
        extension("2.5.29.15", true, der.bits(Uint8Array.of(0b1000_0000), 7)),
        extension("2.5.29.37", false, der.sequence(der.objectId(extendedUsage[request.usage]))),
        extension("2.5.29.14", false, der.octets(keyIdentifier(keys.publicKey))),
        extension("2.5.29.35", false, der.sequence(der.implicit(0, authority.keyId))),
        ...(names.length === 0 ? [] : [extension("2.5.29.17", false, der.sequence(...names.map(generalName)))]),
      ],
    },
    authority.key,
  );
  return { certPem, keyPem: keyPem(keys.privateKey) };
}

const extendedUsage = { server: "1.3.6.1.5.5.7.3.1", client: "1.3.6.1.5.5.7.3.2" } as const;

interface Unsigned {
  readonly issuer: der.Der;
  readonly subject: der.Der;
  readonly publicKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly der.Der[];
}

/** https://www.rfc-editor.org/rfc/rfc5280#section-4.1 */
function signed(parts: Unsigned, key: KeyObject): string {
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
  return pem(der.encode(der.sequence(toBeSigned, algorithm, der.bits(signature))));
}

/** https://www.rfc-editor.org/rfc/rfc7468#section-5 */
function pem(certificate: Buffer): string {
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

interface Authority extends Validity {
  readonly key: KeyObject;
  readonly subject: der.Der;
  readonly keyId: Buffer;
}

/** The name and key identifier are copied as they stand: verifiers compare them byte by byte. */
function openAuthority({ certPem, keyPem: privateKey }: Credential): Authority {
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

/** One attribute per RDN, organizations first, as Go's tools write and read them. */
function nameDer({ commonName, organizations }: DistinguishedName): der.Der {
  const attribute = (id: string, value: string): der.Der => der.set(der.sequence(der.objectId(id), der.utf8(value)));
  return der.sequence(
    ...organizations.map((organization) => attribute("2.5.4.10", organization)),
    attribute("2.5.4.3", commonName),
  );
}

function generalName(name: string): der.Der {
  return isIP(name) === 0 ? der.implicit(2, Buffer.from(name, "latin1")) : der.implicit(7, addressBytes(name));
}

function extension(id: string, critical: boolean, value: der.Der): der.Der {
  return der.sequence(der.objectId(id), critical ? der.boolean(true) : undefined, der.octets(der.encode(value)));
}

/** RFC 7093 section 2, method 1: the leftmost 160 bits of the SHA-256 of the key's bits. */
function keyIdentifier(publicKey: KeyObject): Buffer {
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
