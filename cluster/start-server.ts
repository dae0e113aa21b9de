import { join } from "node:path";
import type { MeteredNode } from "../agent/metrics-api/metered-node.ts";
import { parseNetwork } from "../api/machinery/ip.ts";
import { registry } from "../api/registry.ts";
import type { ResourceRow } from "../api/resource.ts";
import { builtinSchemas } from "../api/schema/tables.ts";
import type { Scope } from "../base/scope.ts";
import type { Pki } from "../certs/pki.ts";
import { type ApiServer, createServer } from "../server/create-server.ts";
import { type HealthCheck, ping } from "../server/discovery/health.ts";
import { builtOpenApi, type ReadOpenApi, reducedOpenApi } from "../server/discovery/read-open-api.ts";
import { type HttpServer, listen, type TlsMaterial } from "../server/http/listen.ts";
import type { ComponentCheck } from "../server/verbs/component-statuses.ts";
import type { Store } from "../storage/store.ts";
import { authority } from "./addresses.ts";
import type { AuthenticationSettings } from "./authentication/authentication-settings.ts";
import type { ClusterSettings } from "./cluster-settings.ts";
import type { ComponentSettings } from "./component-settings.ts";
import { counted } from "./in-process.ts";
import { metricsApi } from "./metrics-api.ts";
import type { Foundations } from "./open-foundations.ts";
import { packageRoot } from "./package-root.ts";
import { renewCertificates } from "./renew-certificates.ts";

/** How far a cluster is with its start. */
export interface Progress {
  done: boolean;
}

export interface StartedServer {
  readonly server: ApiServer;
  readonly http: HttpServer;
}

const graceMs = 5000;

/** The API server, reachable by others. `metered` are the nodes of this process, as they come. */
export async function startServer(
  settings: ClusterSettings,
  foundations: Foundations,
  { scope, metered, progress }: { scope: Scope; metered: readonly MeteredNode[]; progress: Progress },
): Promise<StartedServer> {
  const { options, clock, random, log, activity, rows, addresses, components } = settings;
  const { store, encryption, authentication, pki } = foundations;
  let { frontProxy, serving } = pki;
  let port = 0;
  const server = createServer({
    store,
    ownSince: foundations.ownSince,
    rows,
    schemas: builtinSchemas(),
    clock,
    random,
    log,
    services: {
      families: addresses.serviceRanges.flatMap((cidr) => parseNetwork(cidr)?.ip.family ?? []),
      apiServerAddress: addresses.service,
      nodePorts: options.nodePorts ?? { first: 30_000, last: 32_767 },
    },
    openApi: openApiFor(rows),
    localApis: components.nodes > 0 ? [metricsApi(() => metered, clock)] : [],
    admission: settings.admission,
    authentication: authentication.options,
    authorization: settings.authorization,
    serviceAccountTokens: foundations.serviceAccountTokens,
    ...settings.limits,
    serverAddress: () => authority(addresses.advertised, port),
    metrics: foundations.metrics,
    auditor: foundations.auditor,
    frontProxy: () => frontProxy.client,
    components: [...componentChecks(components, progress), { name: "etcd-0", check: () => storeHealth(store) }],
    healthChecks: [...healthChecks(store, progress), ...encryption.healthChecks],
  });
  const tls = (): TlsMaterial => ({ ...serving, clientCaPem: acceptedAuthorities(authentication) });
  const handle = counted(server.transport, { activity });
  const http = await listen({ port: options.port ?? 0, host: addresses.host, tls: tls(), handle, log });
  ({ port } = http);
  scope.defer(() => stop(server, http));
  authentication.onAuthoritiesChange(() => http.renew(tls()));
  const renewed = (fresh: Pki): void => {
    ({ frontProxy, serving } = fresh);
    http.renew(tls());
  };
  const { dataDir } = options;
  if (dataDir !== undefined) scope.defer(renewCertificates({ dataDir, names: foundations.names, pki, log, renewed }));
  return { server, http };
}

function openApiFor(rows: readonly ResourceRow[]): ReadOpenApi {
  const folder = join(packageRoot(), "api/generated/openapi");
  return rows === registry ? builtOpenApi(folder) : reducedOpenApi(folder, rows);
}

function acceptedAuthorities({ clientAuthorities, proxyAuthorities }: AuthenticationSettings): string {
  return clientAuthorities() + proxyAuthorities();
}

/** They run in this process: once they have begun they are well, or there is nobody to ask. */
function componentChecks(
  { scheduler, controllers }: ComponentSettings,
  progress: Readonly<Progress>,
): ComponentCheck[] {
  const check = (): string | undefined => (progress.done ? undefined : "not started");
  return [
    ...(scheduler === undefined ? [] : [{ name: "scheduler", check }]),
    ...(controllers.length === 0 ? [] : [{ name: "controller-manager", check }]),
  ];
}

function healthChecks(store: Store, progress: Readonly<Progress>): readonly HealthCheck[] {
  return [
    ping,
    { name: "etcd", endpoints: ["healthz", "livez", "readyz"], check: () => storeHealth(store) },
    {
      name: "poststarthook/bootstrap",
      endpoints: ["healthz", "readyz"],
      check: () => (progress.done ? undefined : "not finished"),
    },
  ];
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

/** No new requests, watches end, those under way finish; then the store is closed. */
async function stop(server: ApiServer, http: HttpServer): Promise<void> {
  const closed = http.close(graceMs);
  await server.close();
  await closed;
}
