import { createPublicKey, X509Certificate } from "node:crypto";
import { certificateOf, type Credential, renewalDue, validityOf } from "./credential.ts";
import { subjectOf } from "./distinguished-name.ts";
import { keyPem, newKeys, publicKeyPem } from "./keys.ts";
import { type Leaf, leaves, type Pki } from "./pki.ts";
import { PkiError } from "./pki-error.ts";
import { hasAltNames, type SubjectAltNames } from "./subject-alt-names.ts";

/** PEM texts by file name: `ca.crt`, `ca.key`, `sa.key`, … */
export type PkiFiles = ReadonlyMap<string, string>;

const yearMs = 365 * 86_400_000;

/**
 * Keeps what can be kept of the files and makes the rest: authorities and the service-account key are kept for ever,
 * leaves as long as they fit. `made` holds the files that are new or changed.
 */
export async function completePki(
  files: PkiFiles,
  { names, now }: { readonly names: SubjectAltNames; readonly now: Date },
): Promise<{ readonly pki: Pki; readonly made: PkiFiles }> {
  const made = new Map<string, string>();
  const add = (file: string, { certPem, keyPem: key }: Credential): Credential => {
    made.set(`${file}.key`, key).set(`${file}.crt`, certPem);
    return { certPem, keyPem: key };
  };
  const authority = async (file: string, commonName: string): Promise<Credential> =>
    keptAuthority(files, file, now) ?? add(file, await newAuthority(commonName, now));

  const authorities = {
    ca: await authority("ca", "wherry-ca"),
    "front-proxy-ca": await authority("front-proxy-ca", "wherry-front-proxy-ca"),
  };
  const privateKeyPem = keptKey(files) ?? keyPem(newKeys().privateKey);
  if (!files.has("sa.key")) made.set("sa.key", privateKeyPem);

  const credentials = new Map<string, Credential>();
  for (const leaf of leaves(names)) {
    const signer = authorities[leaf.authority];
    credentials.set(leaf.file, keptLeaf(files, leaf, signer, now) ?? add(leaf.file, await newLeaf(leaf, signer, now)));
  }
  const leafOf = (file: string): Credential => {
    const credential = credentials.get(file);
    if (credential === undefined) throw new Error(`no leaf is declared for ${file}`);
    return credential;
  };
  const pki: Pki = {
    ca: authorities.ca,
    serving: leafOf("apiserver"),
    clients: {
      admin: leafOf("admin"),
      "kube-apiserver": leafOf("kube-apiserver"),
      "kube-controller-manager": leafOf("kube-controller-manager"),
      "kube-scheduler": leafOf("kube-scheduler"),
    },
    serviceAccountKey: { privateKeyPem, publicKeyPem: publicKeyPem(privateKeyPem) },
    frontProxy: { ca: authorities["front-proxy-ca"], client: leafOf("front-proxy-client") },
    renewAt: Math.min(...[...credentials.values()].map(({ certPem }) => renewalDue(new X509Certificate(certPem)))),
  };
  return { pki, made };
}

/** Loaded only when a certificate is made: the DER code and its library cost start-up time. */
const issuing = (): Promise<typeof import("./issue-certificate.ts")> => import("./issue-certificate.ts");

async function newAuthority(commonName: string, now: Date): Promise<Credential> {
  return (await issuing()).createCertificateAuthority({ commonName, now, lifetimeMs: 10 * yearMs });
}

async function newLeaf(leaf: Leaf, authority: Credential, now: Date): Promise<Credential> {
  return (await issuing()).issueCertificate({ ...leaf, authority, now, lifetimeMs: yearMs });
}

/**
 * The authority found in the files. A key without a certificate is what a first start leaves that was cut off between
 * the two: nothing was issued yet, so it is made anew.
 */
function keptAuthority(files: PkiFiles, file: string, now: Date): Credential | undefined {
  const certPem = files.get(`${file}.crt`);
  const key = files.get(`${file}.key`);
  if (certPem === undefined) return undefined;
  const orStartAnew = `put back the pair from a backup, or remove ${file}.crt to start with a new authority`;
  if (key === undefined) throw new PkiError(`${file}.key is missing; ${orStartAnew}`);
  const credential = { certPem, keyPem: key };
  const certificate = certificateOf(credential);
  if (certificate === undefined) {
    throw new PkiError(`${file}.key does not belong to ${file}.crt, or one cannot be read; ${orStartAnew}`);
  }
  if (!certificate.ca) throw new PkiError(`${file}.crt is not a certificate authority; ${orStartAnew}`);
  const { notBefore, notAfter } = validityOf(certificate);
  if (notAfter <= now.getTime()) {
    throw new PkiError(`${file}.crt expired on ${certificate.validTo}; check the clock, or ${orStartAnew}`);
  }
  if (notBefore > now.getTime()) {
    throw new PkiError(`${file}.crt is valid only from ${certificate.validFrom}; check the clock, or ${orStartAnew}`);
  }
  return credential;
}

/** Never replaced silently: every token that was issued hangs on it. */
function keptKey(files: PkiFiles): string | undefined {
  const key = files.get("sa.key");
  if (key === undefined) return undefined;
  try {
    if (createPublicKey(key).asymmetricKeyDetails?.namedCurve === "prime256v1") return key;
  } catch (cause) {
    throw new PkiError(`sa.key cannot be read; ${saKeyAdvice}`, { cause });
  }
  throw new PkiError(`sa.key is not an EC P-256 key; ${saKeyAdvice}`);
}

const saKeyAdvice = "put it back from a backup, or remove it to make a new one (all issued tokens become invalid)";

/** The leaf found in the files, unless it is broken, of another authority, for other names, or nearly over. */
function keptLeaf(files: PkiFiles, leaf: Leaf, authority: Credential, now: Date): Credential | undefined {
  const certPem = files.get(`${leaf.file}.crt`);
  const key = files.get(`${leaf.file}.key`);
  if (certPem === undefined || key === undefined) return undefined;
  const credential = { certPem, keyPem: key };
  const certificate = certificateOf(credential);
  if (certificate === undefined) return undefined;
  const signer = new X509Certificate(authority.certPem);
  const subject = subjectOf(certificate);
  const fits =
    certificate.checkIssued(signer) &&
    certificate.verify(signer.publicKey) &&
    hasAltNames(certificate, leaf.names) &&
    subject.commonName === leaf.subject.commonName &&
    subject.organizations.join("\0") === leaf.subject.organizations.join("\0") &&
    validityOf(certificate).notBefore <= now.getTime() &&
    renewalDue(certificate) > now.getTime();
  return fits ? credential : undefined;
}
