import { X509Certificate } from "node:crypto";
import { realClock } from "../base/clock.ts";
import { certificateOf, type Credential } from "../certs/credential.ts";
import type { CertificateSigning } from "../controllers/certificates/certificate-signing.ts";
import { OptionError } from "./option-error.ts";
import { readOptionFile } from "./read-option-file.ts";

/** How certificate signing requests are signed, where that is not by the cluster's own authority for a year. */
export interface SigningOptions {
  /** PEM files of the authority that signs; both or none. Who is to believe its certificates has to be told of it. */
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Milliseconds: the longest that is signed. */
  readonly duration?: number;
}

const yearMs = 365 * 86_400_000;

/** Throws an OptionError. */
export async function certificateSigning(
  { certFile, keyFile, duration = yearMs }: SigningOptions,
  own: Credential,
): Promise<CertificateSigning> {
  const authority = await authorityOf(certFile, keyFile, own);
  return { authority: () => authority, lifetimeMs: duration, now: () => realClock.now() };
}

async function authorityOf(
  certFile: string | undefined,
  keyFile: string | undefined,
  own: Credential,
): Promise<Credential> {
  if (certFile === undefined && keyFile === undefined) return own;
  if (certFile === undefined || keyFile === undefined)
    throw new OptionError(
      "--cluster-signing-cert-file and --cluster-signing-key-file need each other; give both, or none",
    );
  const credential: Credential = {
    certPem: await readPem("--cluster-signing-cert-file", certFile),
    keyPem: await readPem("--cluster-signing-key-file", keyFile),
  };
  if (certificateOf(credential) === undefined)
    throw new OptionError(
      `--cluster-signing-key-file: ${keyFile} does not belong to ${certFile}, or one cannot be read`,
    );
  if (!new X509Certificate(credential.certPem).ca)
    throw new OptionError(`--cluster-signing-cert-file: ${certFile} is not a certificate authority`);
  return credential;
}

function readPem(flag: string, file: string): Promise<string> {
  return readOptionFile({ flag, file }, (bytes) => Buffer.from(bytes).toString("latin1"), []);
}
