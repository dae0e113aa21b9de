import {
  backdateMs,
  extension,
  generalName,
  keyIdentifier,
  openAuthority,
  signedCertificate,
  subjectDer,
} from "./certificate-der.ts";
import type { Credential } from "./credential.ts";
import * as der from "./der.ts";
import type { DistinguishedName } from "./distinguished-name.ts";
import { keyPem, newKeys } from "./keys.ts";
import type { SubjectAltNames } from "./subject-alt-names.ts";

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

/** A self-signed authority that may sign leaves, but no further authorities. */
export function createCertificateAuthority(request: AuthorityRequest): Credential {
  const keys = newKeys();
  const subject = subjectDer({ commonName: request.commonName, organizations: [] });
  const keyId = keyIdentifier(keys.publicKey);
  const certPem = signedCertificate(
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
  const certPem = signedCertificate(
    {
      issuer: authority.subject,
      subject: subjectDer(request.subject),
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
