import type { APIService } from "../../../api/generated/types/apiregistration-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import type { ObjectReader } from "../../admission/object-reader.ts";
import type { ServicePortReference } from "../service-resolver.ts";

export const apiServices = "apiservices.apiregistration.k8s.io";

/** A group-version that another server answers for. */
export interface RemoteService {
  /** Of the APIService: `v1beta1.metrics.k8s.io`. */
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly service: ServicePortReference;
  readonly caBundle: string | undefined;
  readonly insecure: boolean;
  readonly isAvailable: boolean;
  readonly groupPriority: number;
  readonly versionPriority: number;
}

export interface RemoteServices {
  find(group: string, version: string): Promise<RemoteService | undefined>;
  /** By a request's path: resources, discovery and OpenAPI v3 of a remote group-version. */
  findForPath(path: string): Promise<RemoteService | undefined>;
  all(): Promise<readonly RemoteService[]>;
  /** Moves with every change of `all`. */
  generation(): Promise<number>;
}

const groupVersionPath =
  /^(?:\/openapi\/v3)?\/(?:apis\/(?<group>[^/]+)\/(?<version>[^/]+)|api\/(?<core>[^/]+))(?:\/|$)/;

/** Read from the APIServices once for each of their generations. */
export function remoteServices(reader: ObjectReader): RemoteServices {
  let known: { readonly generation: number; readonly byName: ReadonlyMap<string, RemoteService> } | undefined;
  const current = async (): Promise<ReadonlyMap<string, RemoteService>> => {
    const generation = await reader.generation(apiServices);
    if (known?.generation !== generation) {
      const remote = (await reader.list<APIService>(apiServices)).flatMap(remoteService);
      known = { generation, byName: new Map(remote.map((one) => [one.name, one])) };
    }
    return known.byName;
  };
  const find: RemoteServices["find"] = async (group, version) => (await current()).get(`${version}.${group}`);
  return {
    find,
    async findForPath(path) {
      const named = groupVersionPath.exec(path)?.groups;
      return named === undefined ? undefined : find(named["group"] ?? "", named["version"] ?? named["core"] ?? "");
    },
    all: async () => [...(await current()).values()],
    generation: () => reader.generation(apiServices),
  };
}

function remoteService({ metadata, spec, status }: DeepReadonly<APIService>): readonly RemoteService[] {
  const service = spec?.service;
  if (spec === undefined || service === undefined || service === null) return [];
  const available = status?.conditions?.find(({ type }) => type === "Available");
  return [
    {
      name: metadata?.name ?? "",
      group: spec.group ?? "",
      version: spec.version ?? "",
      service: { namespace: service.namespace ?? "", name: service.name ?? "", port: service.port ?? 443 },
      caBundle: spec.caBundle || undefined,
      insecure: spec.insecureSkipTLSVerify === true,
      isAvailable: available?.status === "True",
      groupPriority: spec.groupPriorityMinimum,
      versionPriority: spec.versionPriority,
    },
  ];
}

/** The name that the server's certificate must be for. */
export function serverName({ service }: RemoteService): string {
  return `${service.name}.${service.namespace}.svc`;
}

/** Where the group-version begins: `/apis/metrics.k8s.io/v1beta1`, `/api/v1`. */
export function rootPath({ group, version }: Pick<RemoteService, "group" | "version">): string {
  return group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
}
