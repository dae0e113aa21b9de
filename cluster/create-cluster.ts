import { isIPv4 } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import { Registry } from "prom-client";
import { parseNetwork } from "../api/machinery/ip.ts";
import type { MeteredNode } from "../agent/metrics-api/metered-node.ts";
import type { ResourceRow } from "../api/resource.ts";
import { builtinSchemas } from "../api/schema/tables.ts";
import { registry } from "../api/registry.ts";
import type { Transport, UserInfo } from "../api/wire.ts";
import { ActivityGauge } from "../base/activity.ts";
import { defaultIssuer } from "../auth/authn/default-issuer.ts";
import { realClock } from "../base/clock.ts";
import { silentLogger } from "../base/log.ts";
import { repeat } from "../base/repeat.ts";
import { Scope } from "../base/scope.ts";
import { systemRandom } from "../base/random.ts";
import { createPki, ensurePki } from "../certs/ensure-pki.ts";
import { kubeconfigOf, type Kubeconfig } from "../certs/kubeconfig.ts";
import type { Pki } from "../certs/pki.ts";
import { localPathClass } from "../controllers/localpath/local-path-class.ts";
import { localPathProvisionerController } from "../controllers/localpath/local-path-provisioner-controller.ts";
import { createServer, type ApiServer } from "../server/create-server.ts";
import { markOwnValues } from "../server/watch-cache/own-values.ts";
import { ping } from "../server/discovery/health.ts";
import type { ComponentCheck } from "../server/verbs/component-statuses.ts";
import { addProcessMetrics } from "../server/metrics.ts";
import { builtOpenApi, reducedOpenApi, type ReadOpenApi } from "../server/discovery/read-open-api.ts";
import { listen, type HttpServer, type TlsMaterial } from "../server/http/listen.ts";
import { openLevelStore } from "../storage/engines/level/open-level-store.ts";
import { openMemoryStore } from "../storage/engines/memory/memory-engine.ts";
import type { Store } from "../storage/store.ts";
import { bootstrap, keepSystem, type BootstrapOptions } from "./bootstrap/bootstrap.ts";
import { admissionOptions } from "./admission/admission-options.ts";
import { authorizationSettings } from "./authorization/authorization-options.ts";
import { requirePermitted } from "./authorization/require-permitted.ts";
import { createClusterAuditor } from "./audit-options.ts";
import { serviceAccountAdmission } from "./admission/service-account-admission.ts";
import { authenticationSettings, type AuthenticationSettings } from "./authentication/authentication-settings.ts";
import { readAuthentication } from "./authentication/read-authentication.ts";
import { keepIdentityLease } from "./identity-lease.ts";
import { counted } from "./in-process.ts";
import { certificateSigning } from "./certificate-signing.ts";
import { usualHeartbeats } from "./heartbeats.ts";
import { type ComponentSettings, componentSettings } from "./component-settings.ts";
import { buildId } from "./build-id.ts";
import { openEncryption } from "./encryption-options.ts";
import type { ClusterOptions } from "./options.ts";
import { requireFeatureGates } from "./feature-gates.ts";
import { metricsApi } from "./metrics-api.ts";
import { packageRoot } from "./package-root.ts";
import { renewCertificates } from "./renew-certificates.ts";
import { accountTokenSettings, keepPublicKey, requireServiceAccountOptions } from "./service-account-keys.ts";
import { startComponents } from "./start-components.ts";
import { requestLimits } from "./request-limits.ts";
import { applyRuntimeConfig } from "./runtime-config.ts";

export interface Cluster extends AsyncDisposable {
  /** https://127.0.0.1:port */
  readonly url: string;
  readonly port: number;
  /** The administrator's credentials. */
  readonly kubeconfig: Kubeconfig;
  /** In process, as a user: `cluster.as({ name: "jane", groups: ["system:masters"] })`. */
  as(user: UserInfo): Transport;
  /** Resolves when no queue holds work and no request is under way. */
  settled(): Promise<void>;
}

/** The server's own user while it makes the objects that every cluster has. */
const self: UserInfo = { name: "system:apiserver", groups: ["system:masters", "system:authenticated"] };
const graceMs = 5000;
const yearMs = 365 * 86_400_000;
/** What stands for all addresses of this machine is no address to ask for. */
const reachable: ReadonlyMap<string, string> = new Map([
  ["0.0.0.0", "127.0.0.1"],
  ["::", "::1"],
]);
/** As often as kube-apiserver looks after its own service. */
const systemCheckMs = 10_000;

/** Puts a control plane together and starts it; resolves when it is ready. The only place where all parts meet. */
export async function createCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { log = silentLogger, clock = realClock, random = systemRandom } = options;
  const { activity = new ActivityGauge(), through = (transport: Transport) => transport } = options;
  const { heartbeats = usualHeartbeats } = options;
  const { dataDir, host = "127.0.0.1", serviceRanges = ["10.96.0.0/16"] } = options;
  const advertiseAddress = options.advertiseAddress ?? machineAddress();
  requireFeatureGates(options.featureGates ?? "");
  const rows = applyRuntimeConfig(options.rows ?? registry, options.runtimeConfig ?? "");
  const limits = requestLimits(options);
  requireServiceAccountOptions(options.serviceAccounts ?? {});
  const issuers = options.serviceAccounts?.issuers ?? [defaultIssuer];
  const authenticators = await readAuthentication(options.authentication ?? {}, { issuers, log });
  const settings = await componentSettings(options, rows);
  const authorization = await authorizationSettings(options.authorization ?? {}, log);
  requirePermitted(authorization.authorizers, settings);
  const admission = serviceAccountAdmission(await admissionOptions(options), settings.controllers);
  await using scope = new Scope();
  const metrics = metricsRegistry(options);
  const auditor = await createClusterAuditor(options.audit ?? {}, { clock, random, log, registry: metrics });
  if (auditor !== undefined) scope.defer(() => auditor.close());
  const serviceAddress = firstAddress(serviceRanges[0] ?? "10.96.0.0/16");
  const encryption = scope.use(await openEncryption(options.encryption ?? {}, { rows, log, registry: metrics }));
  const store = await encryption.wrap(scope.use(await openStore(options)));
  // A store in memory is not found again.
  const ownSince = dataDir === undefined ? undefined : await markOwnValues(store, options.build ?? buildId);
  // Who listens at one address is found there alone.
  const joinAddress = options.advertiseAddress ?? (reachable.has(host) ? advertiseAddress : host);
  const named = options.advertiseAddress === undefined ? [] : [options.advertiseAddress];
  const names = { serviceAddress, extra: [...named, ...(options.tlsSans ?? [])] };
  const pki = dataDir === undefined ? await createPki(names) : await ensurePki(join(dataDir, "pki"), names);
  if (dataDir !== undefined) await keepPublicKey(dataDir, pki);
  const serviceAccountTokens = await accountTokenSettings(options.serviceAccounts ?? {}, pki);
  const signing = await certificateSigning(options.certificateSigning ?? {}, pki.ca);
  let { frontProxy } = pki;
  const authentication = scope.use(authenticationSettings(authenticators, pki, log));
  const start = { port: 0, done: false };
  const metered: MeteredNode[] = [];
  const server: ApiServer = createServer({
    store,
    ownSince,
    rows,
    schemas: builtinSchemas(),
    clock,
    random,
    log,
    services: {
      families: serviceRanges.flatMap((cidr) => parseNetwork(cidr)?.ip.family ?? []),
      apiServerAddress: serviceAddress,
      nodePorts: options.nodePorts ?? { first: 30_000, last: 32_767 },
    },
    openApi: openApiFor(rows),
    localApis: settings.nodes > 0 ? [metricsApi(() => metered, clock)] : [],
    admission,
    authentication: authentication.options,
    authorization,
    serviceAccountTokens,
    ...limits,
    serverAddress: () => authority(advertiseAddress, start.port),
    metrics,
    auditor,
    frontProxy: () => frontProxy.client,
    components: [...componentChecks(settings, start), { name: "etcd-0", check: () => storeHealth(store) }],
    healthChecks: [
      ping,
      { name: "etcd", endpoints: ["healthz", "livez", "readyz"], check: () => storeHealth(store) },
      {
        name: "poststarthook/bootstrap",
        endpoints: ["healthz", "readyz"],
        check: () => (start.done ? undefined : "not finished"),
      },
      ...encryption.healthChecks,
    ],
  });
  const http = await listen({
    port: options.port ?? 0,
    host,
    tls: tlsOf(pki, authentication),
    handle: counted(server.transport, { activity }),
    log,
  });
  scope.defer(() => stop(server, http));
  let { serving } = pki;
  const renewed = (fresh: Pki): void => {
    ({ frontProxy, serving } = fresh);
    http.renew(tlsOf({ serving }, authentication));
  };
  authentication.onAuthoritiesChange(() => http.renew(tlsOf({ serving }, authentication)));
  if (dataDir !== undefined) scope.defer(renewCertificates({ dataDir, names, pki, log, renewed }));
  start.port = http.port;
  const system: BootstrapOptions = {
    transport: server.as(self),
    rows,
    serviceRanges,
    address: { serviceAddress, port: http.port, advertiseAddress },
    trust: authentication,
    clusterInfo: { server: `https://${authority(joinAddress, http.port)}`, caPem: pki.ca.certPem },
    now: clock.now(),
    firstObjects: settings.controllers.includes(localPathProvisionerController) ? [localPathClass] : [],
    log,
  };
  await bootstrap(system);
  await server.start();
  scope.defer(
    repeat(systemCheckMs, () => keepSystem(system), {
      clock: realClock,
      failed: (error) => log.error("the objects that every cluster has could not be checked", { error }),
    }),
  );
  if (rows.some(({ group, plural }) => group === "coordination.k8s.io" && plural === "leases")) {
    const address = authority(advertiseAddress, http.port);
    const { transport } = system;
    const renewMs = heartbeats.serverLeaseRenewMs;
    scope.defer(await keepIdentityLease({ transport, hostname: hostname(), address, renewMs, clock, random, log }));
  }
  scope.use(
    await startComponents({
      ...{ settings, heartbeats, clock, random, log, activity },
      as: (user) => through(server.as(user), user),
      caPem: pki.ca.certPem,
      signing,
      serviceAccountKey: serviceAccountTokens.signingKey,
      legacyTokenCleanUpMs: options.serviceAccounts?.legacyTokenCleanUpMs ?? yearMs,
      metered,
    }),
  );
  start.done = true;
  const url = `https://${authority(reachable.get(host) ?? host, http.port)}`;
  const running = scope.move();
  return {
    url,
    port: http.port,
    kubeconfig: kubeconfigOf({ server: url, caPem: pki.ca.certPem, client: pki.clients.admin }),
    as: (user) => counted(server.as(user), { activity }),
    settled: () => activity.idle(),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

function openApiFor(rows: readonly ResourceRow[]): ReadOpenApi {
  const folder = join(packageRoot(), "api/generated/openapi");
  return rows === registry ? builtOpenApi(folder) : reducedOpenApi(folder, rows);
}

function metricsRegistry({ processMetrics }: ClusterOptions): Registry {
  const registry = new Registry();
  if (processMetrics === true) addProcessMetrics(registry);
  return registry;
}

function tlsOf({ serving }: Pick<Pki, "serving">, authorities: AuthenticationSettings): TlsMaterial {
  return { ...serving, clientCaPem: authorities.clientAuthorities() + authorities.proxyAuthorities() };
}

/** They run in this process: once they have begun they are well, or there is nobody to ask. */
function componentChecks(settings: ComponentSettings, start: { readonly done: boolean }): ComponentCheck[] {
  const check = (): string | undefined => (start.done ? undefined : "not started");
  return [
    ...(settings.scheduler === undefined ? [] : [{ name: "scheduler", check }]),
    ...(settings.controllers.length === 0 ? [] : [{ name: "controller-manager", check }]),
  ];
}

/** No new requests, watches end, those under way finish; then the store is closed. */
async function stop(server: ApiServer, http: HttpServer): Promise<void> {
  const closed = http.close(graceMs);
  await server.close();
  await closed;
}

async function openStore({ dataDir, durable, clock }: ClusterOptions): Promise<Store> {
  const common = clock === undefined ? {} : { clock };
  if (dataDir === undefined) return openMemoryStore(common);
  return openLevelStore({ ...common, folder: join(dataDir, "store"), durable: durable ?? true });
}

/** Under upstream's name of the check, which dashboards look for. */
async function storeHealth(store: Store): Promise<string | undefined> {
  try {
    await store.revision();
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

function authority(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** The first usable address of a range: the `kubernetes` Service's. */
function firstAddress(cidr: string): string {
  const [network = ""] = cidr.split("/");
  return isIPv4(network) ? network.replace(/\d+$/, (last) => String(Number(last) + 1)) : `${network}1`;
}

/** An address by which others reach this machine, else the loopback address. */
function machineAddress(): string {
  for (const addresses of Object.values(networkInterfaces()))
    for (const { address, family, internal } of addresses ?? []) if (!internal && family === "IPv4") return address;
  return "127.0.0.1";
}
