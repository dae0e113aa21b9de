import {
  backdateMs,
  extension,
  nameDer,
  openAuthority,
  signedCertificate,
  type UnsignedCertificate,
} from "./certificate-der.ts";
import type { Credential } from "./credential.ts";
import * as der from "./der.ts";
import { keyUsagesOf } from "./key-usages.ts";
import type { NameAttribute } from "./name-attributes.ts";
import { signatureProblem } from "./request-signature.ts";
import type { RequestedNames, SigningRequest } from "./signing-request.ts";

export interface SigningOrder {
  readonly authority: Credential;
  readonly request: SigningRequest;
  /** As a CertificateSigningRequest names them. */
  readonly usages: readonly string[];
  /** Milliseconds since the epoch, of the clock that TLS checks by. */
  readonly now: number;
  readonly lifetimeMs: number;
}

/** A certificate that lives shorter loses nothing of its life to being backdated. */
const shortMs = 8 * 3_600_000;

/**
 * A certificate in PEM for who asks: subject, names and key are the request's, everything else is the authority's. It
 * ends no later than the authority. Throws where the authority has ended, or the request is not signed by its own key.
 */
export function signRequest({ authority: credential, request, usages, now, lifetimeMs }: SigningOrder): string {
  const problem = signatureProblem(request);
  if (problem !== undefined || request.publicKey === undefined)
    throw new Error(`unable to verify certificate request signature: ${problem ?? "unknown key"}`);
  const authority = openAuthority(credential);
  if (now >= authority.notAfter)
    throw new Error(
      `refusing to sign a certificate that expired in the past: NotAfter=${new Date(authority.notAfter).toISOString()}`,
    );
  const notAfter = now + (lifetimeMs < shortMs ? lifetimeMs : lifetimeMs - backdateMs);
  return signedCertificate(
    {
      issuer: authority.subject,
      subject: nameDer(subjectOf(request)),
      publicKey: request.publicKey,
      notBefore: new Date(now - backdateMs),
      notAfter: new Date(Math.min(notAfter, authority.notAfter)),
      extensions: [
        ...usageExtensions(usages),
        extension("2.5.29.19", true, der.sequence()),
        extension("2.5.29.35", false, der.sequence(der.implicit(0, authority.keyId))),
        ...nameExtensions(request),
      ],
    },
    authority.key,
  );
}

/** Country, state, locality, street, postal code, organization, unit, common name, serial number: what Go keeps, and in its order. */
const keptAttributes = ["6", "8", "7", "9", "17", "10", "11", "3", "5"].map((last) => `2.5.4.${last}`);
/** Of these there is one. */
const single: ReadonlySet<string> = new Set(["2.5.4.3", "2.5.4.5"]);

function subjectOf({ attributes }: SigningRequest): readonly NameAttribute[] {
  return keptAttributes.flatMap((id) => {
    const found = attributes.filter((attribute) => attribute.id === id);
    return single.has(id) ? found.slice(-1).filter(({ value }) => value !== "") : found;
  });
}

function usageExtensions(usages: readonly string[]): UnsignedCertificate["extensions"] {
  const { bits, unusedBits, extended } = keyUsagesOf(usages);
  return [
    ...(bits.length === 0 ? [] : [extension("2.5.29.15", true, der.bits(bits, unusedBits))]),
    ...(extended.length === 0 ? [] : [extension("2.5.29.37", false, der.sequence(...extended.map(der.objectId)))]),
  ];
}

/** Critical where nothing else says whose certificate it is (RFC 5280 4.2.1.6). */
function nameExtensions(request: SigningRequest & RequestedNames): UnsignedCertificate["extensions"] {
  const { dnsNames, emailAddresses, ipAddresses, uris } = request;
  const text = (tag: number, values: readonly string[]): readonly der.Der[] =>
    values.map((value) => der.implicit(tag, Buffer.from(value, "latin1")));
  const names = [
    ...text(2, dnsNames),
    ...text(1, emailAddresses),
    ...ipAddresses.map((address) => der.implicit(7, address)),
    ...text(6, uris),
  ];
  const isCritical = subjectOf(request).length === 0;
  return names.length === 0 ? [] : [extension("2.5.29.17", isCritical, der.sequence(...names))];
}
