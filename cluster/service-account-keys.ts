import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { defaultIssuer } from "../auth/authn/default-issuer.ts";
import {
  KeyError,
  readSigningKey,
  readVerificationKeys,
  type SigningKey,
  type VerificationKey,
} from "../auth/tokens/account-key.ts";
import type { AccountTokenSettings } from "../auth/tokens/account-token-settings.ts";
import type { Pki } from "../certs/pki.ts";
import { writeFileAtomically } from "../certs/write-file-atomically.ts";
import { OptionError } from "./option-error.ts";
import { readOptionFile } from "./read-option-file.ts";

/** Of service accounts' tokens; everything has upstream's default. */
export interface ServiceAccountOptions {
  /** The first issues tokens, those of the others are taken as well; by default the name that kubeadm gives. */
  readonly issuers?: readonly string[];
  /** PEM files with further keys whose signatures count: public or private ones, or certificates. */
  readonly keyFiles?: readonly string[];
  /** A PEM file; by default `pki/sa.key` of the data folder, which is made at the first start. */
  readonly signingKeyFile?: string;
  /** What tokens call this server that are for it; by default the issuers. */
  readonly apiAudiences?: readonly string[];
  /** Who asks for a longer life of a token gets so much; at least an hour, 0 for no limit. */
  readonly maxTokenExpirationSeconds?: number;
  /** False: pods' tokens end after the hour that they say. */
  readonly extendTokenExpiration?: boolean;
  /** Where others find the keys, an https URL; by default this server. */
  readonly jwksUri?: string;
  /** Milliseconds after which secrets with tokens that nobody uses are cleaned up; by default a year. */
  readonly legacyTokenCleanUpMs?: number;
}

/** How tokens are made and checked, from options and the cluster's own key. Throws an OptionError. */
export async function accountTokenSettings(
  options: ServiceAccountOptions,
  { serviceAccountKey }: Pki,
): Promise<AccountTokenSettings> {
  const { issuers = [defaultIssuer], signingKeyFile, keyFiles = [], jwksUri } = options;
  const { maxTokenExpirationSeconds: most = 0, extendTokenExpiration } = options;
  const [issuer = defaultIssuer, ...others] = issuers;
  const signingKey =
    signingKeyFile === undefined
      ? readSigningKey(serviceAccountKey.privateKeyPem)
      : await keyOf("--service-account-signing-key-file", signingKeyFile, readSigningKey);
  const further = await Promise.all(
    keyFiles.map((file) => keyOf("--service-account-key-file", file, readVerificationKeys)),
  );
  return {
    issuers: [issuer, ...others],
    signingKey,
    verificationKeys: distinct([signingKey.verification, ...further.flat()]),
    audiences: options.apiAudiences ?? [issuer, ...others],
    ...(most === 0 ? {} : { maxLifetimeSeconds: most }),
    ...(extendTokenExpiration === undefined ? {} : { extendLifetime: extendTokenExpiration }),
    ...(jwksUri === undefined ? {} : { jwksUri }),
  };
}

/** Throws an OptionError: before anything is started. */
export function requireServiceAccountOptions(options: ServiceAccountOptions): void {
  const { issuers = [defaultIssuer], jwksUri, maxTokenExpirationSeconds: most = 0, apiAudiences } = options;
  requireIssuers(issuers);
  if (issuers.length === 0 || apiAudiences?.length === 0)
    throw new OptionError("--service-account-issuer and --api-audiences need a name each, or are left out");
  if (jwksUri !== undefined && !isHttps(jwksUri))
    throw new OptionError(`--service-account-jwks-uri: ${JSON.stringify(jwksUri)} is no https URL`);
  if (most !== 0 && !(most >= 3600 && most <= 2 ** 32))
    throw new OptionError("--service-account-max-token-expiration must be between 1 hour and 2^32 seconds");
  if ((options.legacyTokenCleanUpMs ?? 1) <= 0)
    throw new OptionError("--legacy-service-account-token-clean-up-period must be longer than 0");
}

function requireIssuers(issuers: readonly string[]): void {
  const wrong = issuers.find((issuer) => issuer === "" || (issuer.includes(":") && !URL.canParse(issuer)));
  if (wrong !== undefined) throw new OptionError(`--service-account-issuer: ${JSON.stringify(wrong)} is no URL`);
  const twice = issuers.find((issuer, index) => issuers.indexOf(issuer) !== index);
  if (twice !== undefined) throw new OptionError(`--service-account-issuer: ${twice} is there twice`);
}

function isHttps(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === "https:";
}

/** For those who check tokens elsewhere: the public half beside the key. */
export async function keepPublicKey(dataDir: string, { serviceAccountKey: { publicKeyPem } }: Pki): Promise<void> {
  const file = join(dataDir, "pki", "sa.pub");
  const before = await readFile(file, "utf8").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return undefined;
    throw thrown;
  });
  if (before !== publicKeyPem) await writeFileAtomically(file, publicKeyPem);
}

function keyOf<K extends SigningKey | readonly VerificationKey[]>(
  flag: string,
  file: string,
  read: (pem: string) => K,
): Promise<K> {
  return readOptionFile({ flag, file }, (bytes) => read(Buffer.from(bytes).toString()), [KeyError]);
}

function distinct(keys: readonly VerificationKey[]): readonly VerificationKey[] {
  return [...new Map(keys.map((key) => [key.id, key])).values()];
}
