import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { ResourceRow } from "../../api/resource.ts";
import type { Transport } from "../../api/wire.ts";
import type { Logger } from "../../base/log.ts";
import { call } from "../../client/call.ts";
import { keepTrust } from "./authentication-trust.ts";
import { clusterInfoConfigMap, type ClusterInfo, joiningObjects } from "./cluster-info.ts";
import { authenticationConfigMap, type Trust } from "./config-maps.ts";
import { kubernetesEndpoints, kubernetesService, type ServerAddress } from "./kubernetes-service.ts";
import { legacyTokenTracking, repairLegacyTokenTracking } from "./legacy-token-tracking.ts";
import { markServiceCidrReady, serviceCidr } from "./service-cidr.ts";
import { reconcileRbac } from "./reconcile-rbac.ts";
import { namespaceObjects, standardObjects } from "./system-objects.ts";

export interface BootstrapOptions {
  readonly transport: Transport;
  readonly rows: readonly ResourceRow[];
  readonly address: ServerAddress;
  readonly serviceRanges: readonly string[];
  readonly trust: Trust;
  readonly clusterInfo: ClusterInfo;
  /** Milliseconds since the epoch, cluster time. */
  readonly now: number;
  /** Made at the first start alone: who deletes them does not want them. */
  readonly firstObjects: readonly DeepReadonly<KubeObject>[];
  readonly log: Logger;
}

/**
 * What a cluster has from its first start on. An object that exists is left as it is: it may be its owner's wish;
 * only where the server itself is to be found is kept true, and roles grant again what they should.
 */
export async function bootstrap(options: BootstrapOptions): Promise<void> {
  const { transport, rows, serviceRanges, now, firstObjects, log } = options;
  const pathOf = pathsOf(rows);
  const create = creatorOf(transport, pathOf);
  const range = serviceCidr(serviceRanges);
  // Before the namespace that says that there was a first start.
  if (!(await exists(transport, "/api/v1/namespaces/kube-system"))) await Promise.all(firstObjects.map(create));
  await Promise.all([...namespaceObjects(), range].map(create));
  const ranges = pathOf(range);
  if (ranges !== undefined) await markServiceCidrReady(transport, `${ranges}/${range.metadata?.name ?? ""}`, now);
  const tracking = legacyTokenTracking(now);
  await Promise.all([
    reconcileRbac({ transport, pathOf, log }),
    ...[...standardObjects(), ...joiningObjects(), tracking].map(create),
  ]);
  if (pathOf(tracking) !== undefined) await repairLegacyTokenTracking(transport, now);
  const info = clusterInfoConfigMap(options.clusterInfo);
  const maps = pathOf(info);
  await Promise.all([maps === undefined ? undefined : createOrReplace(transport, maps, info), repairSystem(options)]);
}

/** What the server itself keeps as long as it runs: the system namespaces, the way to itself, and whom it trusts. */
export async function repairSystem({ transport, rows, address, trust }: BootstrapOptions): Promise<void> {
  const pathOf = pathsOf(rows);
  const create = creatorOf(transport, pathOf);
  await Promise.all(namespaceObjects().map(create));
  const trusted = authenticationConfigMap(trust);
  await Promise.all([create(trusted), create(kubernetesService(address))]);
  await keepTrust(transport, pathOf(trusted), trusted);
  for (const object of kubernetesEndpoints(address)) {
    const path = pathOf(object);
    if (path !== undefined) await createOrReplace(transport, path, object);
  }
}

/** Creates what does not exist yet; the objects of a disabled resource are passed over. */
function creatorOf(
  transport: Transport,
  pathOf: (object: DeepReadonly<KubeObject>) => string | undefined,
): (object: DeepReadonly<KubeObject>) => Promise<void> {
  return async (object) => {
    const path = pathOf(object);
    if (path !== undefined) await createUnlessExists(transport, path, object);
  };
}

async function createUnlessExists(transport: Transport, path: string, object: DeepReadonly<KubeObject>): Promise<void> {
  if (!(await exists(transport, `${path}/${object.metadata?.name ?? ""}`))) await create(transport, path, object);
}

async function exists(transport: Transport, url: string): Promise<boolean> {
  try {
    await call(transport, { method: "GET", url });
    return true;
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.reason === "NotFound") return false;
    throw thrown;
  }
}

async function create(transport: Transport, path: string, object: DeepReadonly<KubeObject>): Promise<void> {
  try {
    await call(transport, { method: "POST", url: path, body: object });
  } catch (thrown) {
    // Another server of the same store was faster.
    if (!(thrown instanceof ApiError && thrown.reason === "AlreadyExists")) throw thrown;
  }
}

async function createOrReplace(transport: Transport, path: string, object: DeepReadonly<KubeObject>): Promise<void> {
  const url = `${path}/${object.metadata?.name ?? ""}`;
  await createUnlessExists(transport, path, object);
  await call(transport, { method: "PATCH", url, contentType: "application/merge-patch+json", body: object });
}

/** The collection that an object is created in; undefined when its resource is disabled. */
function pathsOf(rows: readonly ResourceRow[]): (object: DeepReadonly<KubeObject>) => string | undefined {
  const served = new Map<string, { readonly base: string; readonly row: ResourceRow }>();
  for (const row of rows)
    for (const { group, version } of row.served) {
      const apiVersion = group === "" ? version : `${group}/${version}`;
      served.set(`${apiVersion} ${row.kind}`, { base: group === "" ? `/api/${version}` : `/apis/${apiVersion}`, row });
    }
  return ({ apiVersion, kind, metadata }) => {
    const found = served.get(`${apiVersion ?? ""} ${kind ?? ""}`);
    if (found === undefined) return undefined;
    const namespace = found.row.scope === "Namespaced" ? `/namespaces/${metadata?.namespace ?? ""}` : "";
    return `${found.base}${namespace}/${found.row.plural}`;
  };
}
