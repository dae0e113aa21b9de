import { join } from "node:path";
import { Registry } from "prom-client";
import type { AccountTokenSettings } from "../auth/tokens/account-token-settings.ts";
import type { Scope } from "../base/scope.ts";
import { createPki, ensurePki, type PkiOptions } from "../certs/ensure-pki.ts";
import type { Pki } from "../certs/pki.ts";
import type { Auditor } from "../server/audit/auditor.ts";
import { addProcessMetrics } from "../server/metrics.ts";
import { markOwnValues } from "../server/watch-cache/own-values.ts";
import { openLevelStore } from "../storage/engines/level/open-level-store.ts";
import { openMemoryStore } from "../storage/engines/memory/memory-engine.ts";
import type { Revision, Store } from "../storage/store.ts";
import { createClusterAuditor } from "./audit-options.ts";
import { type AuthenticationSettings, authenticationSettings } from "./authentication/authentication-settings.ts";
import { buildId } from "./build-id.ts";
import type { ClusterSettings } from "./cluster-settings.ts";
import { type Encryption, openEncryption } from "./encryption-options.ts";
import type { ClusterOptions } from "./options.ts";
import { accountTokenSettings, keepPublicKey } from "./service-account-keys.ts";

/** What a cluster stands on: its store, its keys and certificates, and what it leaves behind of each request. */
export interface Foundations {
  readonly metrics: Registry;
  readonly auditor: Auditor | undefined;
  readonly encryption: Encryption;
  readonly store: Store;
  /** The revision after which all values are this very build's own. */
  readonly ownSince: Revision | undefined;
  /** Whom the serving certificate is for. */
  readonly names: PkiOptions;
  readonly pki: Pki;
  readonly serviceAccountTokens: AccountTokenSettings;
  readonly authentication: AuthenticationSettings;
}

/** `scope` closes what was opened, even when something else could not be. */
export async function openFoundations(settings: ClusterSettings, scope: Scope): Promise<Foundations> {
  const { options, rows, clock, random, log } = settings;
  const { dataDir } = options;
  const metrics = metricsRegistry(options);
  const auditor = await createClusterAuditor(options.audit ?? {}, { clock, random, log, registry: metrics });
  if (auditor !== undefined) scope.defer(() => auditor.close());
  const encryption = scope.use(await openEncryption(options.encryption ?? {}, { rows, log, registry: metrics }));
  const store = await encryption.wrap(scope.use(await openStore(options)));
  // A store in memory is not found again.
  const ownSince = dataDir === undefined ? undefined : await markOwnValues(store, options.build ?? buildId);
  const names = namesOf(settings);
  const pki = dataDir === undefined ? await createPki(names) : await ensurePki(join(dataDir, "pki"), names);
  if (dataDir !== undefined) await keepPublicKey(dataDir, pki);
  const serviceAccountTokens = await accountTokenSettings(options.serviceAccounts ?? {}, pki);
  const authentication = scope.use(authenticationSettings(settings.authenticators, pki, log));
  return { metrics, auditor, encryption, store, ownSince, names, pki, serviceAccountTokens, authentication };
}

function namesOf({ options, addresses }: ClusterSettings): PkiOptions {
  const named = options.advertiseAddress === undefined ? [] : [options.advertiseAddress];
  return { serviceAddress: addresses.service, extra: [...named, ...(options.tlsSans ?? [])] };
}

function metricsRegistry({ processMetrics }: ClusterOptions): Registry {
  const registry = new Registry();
  if (processMetrics === true) addProcessMetrics(registry);
  return registry;
}

async function openStore({ dataDir, durable, clock }: ClusterOptions): Promise<Store> {
  const common = clock === undefined ? {} : { clock };
  if (dataDir === undefined) return openMemoryStore(common);
  return openLevelStore({ ...common, folder: join(dataDir, "store"), durable: durable ?? true });
}
