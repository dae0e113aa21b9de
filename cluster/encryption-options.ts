import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Registry } from "prom-client";
import type { ResourceRow } from "../api/resource.ts";
import { ApiError } from "../api/machinery/status.ts";
import { realClock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { HealthCheck } from "../server/discovery/health.ts";
import { chooseTransformer } from "../storage/encryption/choose-transformer.ts";
import type { EncryptionConfiguration, KmsConfiguration } from "../storage/encryption/configuration.ts";
import {
  createTransformers,
  type EncryptionProviders,
  type KmsProvider,
} from "../storage/encryption/create-transformers.ts";
import { encryptedStore, type EncryptedStoreParts } from "../storage/encryption/encrypted-store.ts";
import { identity, isEncrypted } from "../storage/encryption/identity.ts";
import type { Transformer } from "../storage/encryption/transformer.ts";
import type { Store } from "../storage/store.ts";
import { createEncryptionMetrics } from "./encryption/encryption-metrics.ts";
import { OptionError } from "./option-error.ts";
import { readEncryptionConfiguration } from "./encryption/read-encryption-configuration.ts";
import { reloadWhenChanged } from "./encryption/reload-when-changed.ts";
import { storedResource } from "./encryption/stored-resource.ts";

/** Which objects are stored encrypted, and how. */
export interface EncryptionOptions {
  /** A file of upstream's `EncryptionConfiguration`, YAML or JSON. */
  readonly configFile?: string;
  /** The file is read again when it has changed; by default it is read once. */
  readonly automaticReload?: boolean;
}

export interface Encryption extends AsyncDisposable {
  /** The same store, with values encrypted as the file says. */
  readonly wrap: (store: Store) => Promise<Store>;
  readonly healthChecks: readonly HealthCheck[];
}

export interface EncryptionDeps {
  readonly rows: readonly ResourceRow[];
  readonly log: Logger;
  readonly registry: Registry;
  /** How often the file is looked at, in milliseconds; upstream's minute when absent. */
  readonly pollMs?: number;
}

const flag = "--encryption-provider-config";
const usualPollMs = 60_000;

/** Throws an OptionError for what cannot be had, before anything is opened. */
export async function openEncryption(options: EncryptionOptions, deps: EncryptionDeps): Promise<Encryption> {
  const { configFile, automaticReload = false } = options;
  if (configFile !== undefined) return openConfigured(configFile, automaticReload, deps);
  if (automaticReload) throw new OptionError(`${flag}-automatic-reload must be set with ${flag}`);
  return { wrap: plain(deps), healthChecks: [], [Symbol.asyncDispose]: () => Promise.resolve() };
}

async function openConfigured(file: string, automaticReload: boolean, deps: EncryptionDeps): Promise<Encryption> {
  const { log, pollMs = usualPollMs } = deps;
  const metrics = createEncryptionMetrics(deps.registry);
  const load = (bytes: Uint8Array): Promise<EncryptionProviders> =>
    named(file, async () => providersOf(await parsed(bytes, automaticReload), log));
  const read = (): Promise<Buffer> => named(file, () => readFile(file));
  const first = await read();
  let current = await load(first);
  const take = async (bytes: Buffer): Promise<void> => {
    const next = await load(bytes);
    try {
      await requireWell(next);
    } catch (thrown) {
      close(next);
      throw thrown;
    }
    close(current);
    current = next;
    metrics.reloaded("success");
    log.info("the encryption configuration was read again", { file });
  };
  const failed = (error: unknown): void => {
    metrics.reloaded("failure");
    log.error("the encryption configuration cannot be read again; the one before is kept", { error: String(error) });
  };
  const stop = automaticReload
    ? reloadWhenChanged({ read, hashOf, first: hashOf(first), pollMs, timers: realClock }, take, failed)
    : () => undefined;
  const resourceOf = storedResource(deps.rows);
  const transformerOf = (key: string): Transformer | undefined => {
    const resource = resourceOf(key);
    return resource && chooseTransformer(current.transformers, resource);
  };
  const observe: EncryptedStoreParts["observe"] = (key, direction, stored) => {
    const resource = resourceOf(key);
    if (resource !== undefined) metrics.transformed(resource, direction, stored);
  };
  return {
    wrap: (store) => Promise.resolve(encryptedStore(store, { transformerOf, unreadable: unreadable(log), observe })),
    healthChecks: automaticReload || current.kms.length > 0 ? [healthCheck(() => current.kms)] : [],
    [Symbol.asyncDispose]() {
      stop();
      close(current);
      return Promise.resolve();
    },
  };
}

/** Without a configuration what is encrypted cannot be read: then it is said why, and nothing is looked at otherwise. */
function plain({ rows, log }: EncryptionDeps): Encryption["wrap"] {
  return async (store) => {
    const { items } = await store.list("/registry/secrets/", { limit: 1 });
    if (!items.some(({ value }) => isEncrypted(value))) return store;
    log.error(`the store holds encrypted values, which cannot be read without ${flag}`);
    const resourceOf = storedResource(rows);
    const transformerOf = (key: string): Transformer | undefined =>
      resourceOf(key) === undefined ? undefined : identity;
    return encryptedStore(store, { transformerOf, unreadable: unreadable(log) });
  };
}

function unreadable(log: Logger): (error: unknown) => void {
  return (error) => log.error("a change cannot be read", { error });
}

async function providersOf(configuration: EncryptionConfiguration, log: Logger): Promise<EncryptionProviders> {
  return createTransformers(configuration, (kms) => openService(kms, log));
}

async function openService(configuration: KmsConfiguration, log: Logger): Promise<KmsProvider> {
  if (configuration.apiVersion === "v1")
    throw new OptionError(
      "KMSv1 is deprecated and will only receive security updates going forward. Use KMSv2 instead.",
    );
  // Loaded when there is one.
  const { openKms } = await import("../storage/encryption/kms/open-kms.ts");
  const failed = (name: string, error: unknown): void =>
    log.warn("a key management service is not well", { name, error: String(error) });
  return openKms(configuration, { timers: realClock, failed });
}

async function parsed(bytes: Uint8Array, reload: boolean): Promise<EncryptionConfiguration> {
  if (bytes.length === 0) throw new OptionError("encryption provider configuration file is empty");
  // The library is loaded when somebody has a file.
  const { parseYaml } = await import("../api/machinery/yaml.ts");
  const { value, duplicates } = parseYaml(bytes);
  if (duplicates[0] !== undefined) throw new OptionError(duplicates[0]);
  return readEncryptionConfiguration(value, reload);
}

async function named<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown;
    // What could not be parsed may be a key.
    const why = thrown instanceof ApiError ? "it is no YAML" : thrown.message.replaceAll("\n", "; ");
    const told = "code" in thrown && typeof thrown.code === "string" ? `it cannot be read (${thrown.code})` : why;
    throw new OptionError(`${flag} ${file}: ${told}`, { cause: thrown });
  }
}

function healthCheck(kms: () => readonly KmsProvider[]): HealthCheck {
  return { name: "kms-providers", endpoints: ["healthz", "readyz"], check: async () => problemOf(kms()) };
}

async function problemOf(kms: readonly KmsProvider[]): Promise<string | undefined> {
  const checks = await Promise.all(kms.map((provider) => provider.check()));
  const problems = checks.flatMap((problem, index) =>
    problem === undefined ? [] : [`kms-provider-${index}: ${problem}`],
  );
  return problems.length === 0 ? undefined : problems.join(", ");
}

/** Services that are not well yet must not replace those that are. */
async function requireWell({ kms }: EncryptionProviders): Promise<void> {
  const problem = await problemOf(kms);
  if (problem !== undefined) throw new Error(problem);
}

function close({ kms }: EncryptionProviders): void {
  for (const provider of kms) provider.close();
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
