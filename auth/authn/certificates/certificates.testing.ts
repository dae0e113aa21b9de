import { createPrivateKey, X509Certificate } from "node:crypto";
import type { PeerCertificate } from "../../../api/wire.ts";
import { extension, nameDer, openAuthority, signedCertificate } from "../../../certs/certificate-der.ts";
import type { Credential } from "../../../certs/credential.ts";
import * as der from "../../../certs/der.ts";
import { keyPem, newKeys } from "../../../certs/keys.ts";
import type { NameAttribute } from "../../../certs/name-attributes.ts";

const dayMs = 86_400_000;
const clientUsage = "1.3.6.1.5.5.7.3.2";

export const uidAttribute = "1.3.6.1.4.1.57683.2";
/** When the certificates of tests begin. */
export const begin: number = Date.UTC(2026, 0, 1);

export interface Wanted {
  readonly name?: string;
  readonly organizations?: readonly string[];
  readonly uids?: readonly string[];
  /** Signs others. */
  readonly isAuthority?: boolean;
  /** Extended usages; none at all when empty. */
  readonly usages?: readonly string[];
  readonly notBefore?: number;
  readonly notAfter?: number;
}

/** A certificate as a test wants it: by an authority, else by itself. */
export function certified(wanted: Wanted, by?: Credential): Credential {
  const { name = "jane", organizations = [], uids = [], isAuthority = false } = wanted;
  const { usages = isAuthority ? [] : [clientUsage] } = wanted;
  const keys = newKeys();
  const attributes: NameAttribute[] = [
    ...organizations.map((value) => ({ id: "2.5.4.10", value })),
    ...uids.map((value) => ({ id: uidAttribute, value })),
    ...(name === "" ? [] : [{ id: "2.5.4.3", value: name }]),
  ];
  const subject = nameDer(attributes);
  const certPem = signedCertificate(
    {
      issuer: by === undefined ? subject : openAuthority(by).subject,
      subject,
      publicKey: keys.publicKey,
      notBefore: new Date(wanted.notBefore ?? begin),
      notAfter: new Date(wanted.notAfter ?? begin + dayMs),
      extensions: [
        extension("2.5.29.19", true, isAuthority ? der.sequence(der.boolean(true)) : der.sequence()),
        ...(usages.length === 0 ? [] : [extension("2.5.29.37", false, der.sequence(...usages.map(der.objectId)))]),
      ],
    },
    by === undefined ? keys.privateKey : createPrivateKey(by.keyPem),
  );
  return { certPem, keyPem: keyPem(keys.privateKey) };
}

/** As the listener would hand it over. */
export function shown(credential: Credential, ...intermediates: readonly Credential[]): PeerCertificate {
  const der = ({ certPem }: Credential): Uint8Array => new X509Certificate(certPem).raw;
  return { bytes: der(credential), intermediates: intermediates.map(der), verified: true };
}
