import type { APIService } from "../../../api/generated/types/apiregistration-v1.ts";
import { deepEqual } from "../../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import type { Registration } from "../../discovery/registered.ts";
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
  /** By a request's path: resources, discovery and OpenAPI v3 of a remote group-version. At once, unless there is news. */
  findForPath(path: string): RemoteService | undefined | Promise<RemoteService | undefined>;
  all(): Promise<readonly RemoteService[]>;
  /** Of all APIServices, as they were at the last `all` or `findForPath`; the same array as long as they stay. */
  registrations(): readonly Registration[];
  /** Moves with every change of `all`. */
  generation(): Promise<number>;
}

const groupVersionPath =
  /^(?:\/openapi\/v3)?\/(?:apis\/(?<group>[^/]+)\/(?<version>[^/]+)|api\/(?<core>[^/]+))(?:\/|$)/;

export interface RemoteServicesDeps {
  readonly reader: ObjectReader;
  /** That of the APIServices, when it is known without waiting. */
  readonly generation: () => number | undefined;
}

interface Known {
  readonly generation: number;
  readonly byName: ReadonlyMap<string, RemoteService>;
}

/** Read from the APIServices once for each of their generations. */
export function remoteServices({ reader, generation: now }: RemoteServicesDeps): RemoteServices {
  let known: Known | undefined;
  let registrations: readonly Registration[] = [];
  const read = async (): Promise<Known> => {
    const generation = await reader.generation(apiServices);
    if (known?.generation === generation) return known;
    const services = await reader.list<APIService>(apiServices);
    const fresh = services.flatMap(registration);
    if (!deepEqual(fresh, registrations)) registrations = fresh;
    known = { generation, byName: new Map(services.flatMap(remoteService).map((one) => [one.name, one])) };
    return known;
  };
  const current = (): Known | Promise<Known> => (known !== undefined && known.generation === now() ? known : read());
  return {
    findForPath(path) {
      const at = current();
      if (!(at instanceof Promise) && at.byName.size === 0) return undefined;
      const named = groupVersionPath.exec(path)?.groups;
      const name = `${named?.["version"] ?? named?.["core"] ?? ""}.${named?.["group"] ?? ""}`;
      return at instanceof Promise ? at.then(({ byName }) => byName.get(name)) : at.byName.get(name);
    },
    all: async () => [...(await current()).byName.values()],
    registrations: () => registrations,
    generation: () => reader.generation(apiServices),
  };
}

function registration({ spec }: DeepReadonly<APIService>): readonly Registration[] {
  if (spec === undefined) return [];
  const { group = "", version = "", groupPriorityMinimum: groupPriority, versionPriority } = spec;
  const isRemote = spec.service !== undefined && spec.service !== null;
  return [{ group, version, isRemote, groupPriority, versionPriority }];
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
