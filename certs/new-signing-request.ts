import { type KeyObject, sign } from "node:crypto";
import { extension, generalName, subjectDer } from "./certificate-der.ts";
import * as der from "./der.ts";
import type { DistinguishedName } from "./distinguished-name.ts";
import { keyPem, newKeys } from "./keys.ts";
import { toPem } from "./pem.ts";
import type { SubjectAltNames } from "./subject-alt-names.ts";

/** A fresh key, and a request for a certificate for it. */
export interface KeyAndRequest {
  readonly keyPem: string;
  readonly requestPem: string;
}

/** https://www.rfc-editor.org/rfc/rfc2986#section-4 */
export function newSigningRequest(wanted: {
  readonly subject: DistinguishedName;
  readonly names?: SubjectAltNames;
}): KeyAndRequest {
  const { publicKey, privateKey } = newKeys();
  const info = der.sequence(
    der.integer(Uint8Array.of(0)),
    subjectDer(wanted.subject),
    der.decode(publicKey.export({ type: "spki", format: "der" })),
    der.implicitAll(0, wantedExtensions(wanted.names ?? [])),
  );
  return { keyPem: keyPem(privateKey), requestPem: signedRequest(info, privateKey) };
}

function wantedExtensions(names: SubjectAltNames): readonly der.Der[] {
  if (names.length === 0) return [];
  const extensions = der.sequence(extension("2.5.29.17", false, der.sequence(...names.map(generalName))));
  return [der.sequence(der.objectId("1.2.840.113549.1.9.14"), der.set(extensions))];
}

function signedRequest(info: der.Der, key: KeyObject): string {
  const algorithm = der.sequence(der.objectId("1.2.840.10045.4.3.2"));
  const signature = der.bits(sign("sha256", der.encode(info), key));
  return toPem("CERTIFICATE REQUEST", der.encode(der.sequence(info, algorithm, signature)));
}
