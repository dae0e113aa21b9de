import type { Service, ServiceList, ServiceSpec } from "../../api/generated/types/core-v1.ts";
import type { IPAddress, IPAddressList, ServiceCIDR } from "../../api/generated/types/networking-v1.ts";
import { call, type Call } from "../../client/call.ts";
import { apiServerOnly, createCluster, type ClusterOptions } from "../../cluster/testing.ts";

const services = "/api/v1/namespaces/default/services";
const networking = "/apis/networking.k8s.io/v1";

/** A cluster, and what the tests of this folder do with services. */
export interface Trial extends AsyncDisposable {
  send<T extends object>(request: Call): Promise<T>;
  create(name: string, spec?: ServiceSpec, query?: string): Promise<ServiceSpec>;
  /** The message with which a creation is refused. */
  refusal(name: string, spec: ServiceSpec, query?: string): Promise<string>;
  read(name: string): Promise<ServiceSpec>;
  /** PUT of just this spec. */
  replace(name: string, spec: ServiceSpec, query?: string): Promise<ServiceSpec>;
  patch(name: string, spec: object): Promise<ServiceSpec>;
  remove(name: string): Promise<void>;
  list(): Promise<readonly Service[]>;
  addresses(): Promise<readonly IPAddress[]>;
  /** `default/web` by address. */
  holders(): Promise<Readonly<Record<string, string>>>;
  addRange(name: string, ...cidrs: string[]): Promise<ServiceCIDR>;
}

export const http = { name: "http", port: 80 };

export async function startTrial(options: ClusterOptions = {}): Promise<Trial> {
  const cluster = await createCluster({ ...apiServerOnly, ...options });
  const transport = cluster.as({ name: "admin", groups: ["system:masters", "system:authenticated"] });
  const send = <T extends object>(request: Call): Promise<T> => call<T>(transport, request);
  const service = (name: string, spec: ServiceSpec): Service => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name },
    spec,
  });
  const specOf = async (answer: Promise<Service>): Promise<ServiceSpec> => (await answer).spec ?? {};
  const create: Trial["create"] = (name, spec = { ports: [http] }, query = "") =>
    specOf(send({ method: "POST", url: services + query, body: service(name, spec) }));
  const addresses = async (): Promise<readonly IPAddress[]> =>
    (await send<IPAddressList>({ method: "GET", url: `${networking}/ipaddresses` })).items;
  return {
    send,
    create,
    refusal: (name, spec, query) => create(name, spec, query).then(() => "created", messageOf),
    read: (name) => specOf(send({ method: "GET", url: `${services}/${name}` })),
    replace: (name, spec, query = "") =>
      specOf(send({ method: "PUT", url: `${services}/${name}${query}`, body: service(name, spec) })),
    patch: (name, spec) =>
      specOf(
        send({
          method: "PATCH",
          url: `${services}/${name}`,
          contentType: "application/merge-patch+json",
          body: { spec },
        }),
      ),
    async remove(name) {
      await send({ method: "DELETE", url: `${services}/${name}` });
    },
    list: async () => (await send<ServiceList>({ method: "GET", url: "/api/v1/services" })).items,
    addresses,
    holders: async () => Object.fromEntries((await addresses()).map(holding)),
    addRange: (name, ...cidrs) =>
      send({
        method: "POST",
        url: `${networking}/servicecidrs`,
        body: { apiVersion: "networking.k8s.io/v1", kind: "ServiceCIDR", metadata: { name }, spec: { cidrs } },
      }),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function holding({ metadata, spec }: IPAddress): [address: string, holder: string] {
  const { namespace = "", name } = spec.parentRef;
  return [metadata?.name ?? "", `${namespace}/${name}`];
}
