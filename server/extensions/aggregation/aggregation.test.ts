import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { APIService, APIServiceCondition } from "../../../api/generated/types/apiregistration-v1.ts";
import type { KubeObject } from "../../../api/machinery/object.ts";
import type { ApiResponse, Transport, UserInfo } from "../../../api/wire.ts";
import { call } from "../../../client/call.ts";
import { apiServerOnly, createCluster, type TestCluster } from "../../../cluster/testing.ts";
import { startHttps, trustedCa, type TestServer } from "../../webhook/https-server.testing.ts";
import { boatServer, boatsPath, machineAddress } from "./boat-server.testing.ts";

const admin: UserInfo = { name: "ann", groups: ["system:masters", "system:authenticated"] };
const services = "/apis/apiregistration.k8s.io/v1/apiservices";
const aggregatedAccept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

let cluster: TestCluster;
let server: TestServer;
let transport: Transport;

beforeAll(async () => {
  cluster = await createCluster(apiServerOnly);
  transport = cluster.as(admin);
  server = await startHttps(boatServer, { host: "0.0.0.0" });
  await publish(server.port);
}, 60_000);
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** The Service `default/hook` leads to the server. */
async function publish(port: number): Promise<void> {
  const address = machineAddress();
  const spec =
    address === undefined
      ? { type: "ExternalName", externalName: "localhost", ports: [{ port, name: "https" }] }
      : { ports: [{ port, name: "https" }] };
  await create("/api/v1/namespaces/default/services", { metadata: { name: "hook" }, spec });
  if (address === undefined) return;
  await create("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", {
    metadata: { name: "hook-1", labels: { "kubernetes.io/service-name": "hook" } },
    addressType: "IPv4",
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [{ name: "https", port, protocol: "TCP" }],
  });
}

function create(url: string, body: object): Promise<KubeObject> {
  return call(transport, { method: "POST", url, body });
}

function apiService(group: string, version = "v1"): object {
  const service = { namespace: "default", name: "hook", port: server.port };
  return {
    metadata: { name: `${version}.${group}` },
    spec: { group, version, service, caBundle: trustedCa, groupPriorityMinimum: 2000, versionPriority: 30 },
  };
}

async function send(url: string, headers: Readonly<Record<string, string>> = {}): Promise<ApiResponse> {
  const signal = new AbortController().signal;
  return transport({ method: "GET", url, headers, signal, peer: { address: "10.1.2.3" } });
}

async function textOf({ body }: ApiResponse): Promise<string> {
  if (body.type === "bytes") return Buffer.from(body.bytes).toString();
  if (body.type !== "chunks") throw new Error(body.type);
  const pieces: Uint8Array[] = [];
  for await (const piece of body.chunks) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

async function get<T = Record<string, unknown>>(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  const answer = await send(url, headers);
  const text = await textOf(answer);
  expect(answer.status, text).toBe(200);
  // What a test names is what it expects.
  return JSON.parse(text) as T;
}

/** Waits until the APIService fits, by a watch. */
async function until(
  name: string,
  fits: (service: APIService | undefined) => boolean,
): Promise<APIService | undefined> {
  const url = `${services}?watch=true&fieldSelector=metadata.name%3D${name}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`;
  const { body } = await send(url);
  if (body.type !== "watch") throw new Error(await textOf({ status: 0, headers: {}, body }));
  const { watch } = body;
  try {
    for (let known: APIService | undefined; ;) {
      for (const { type, object } of watch.takeEvents(100)) {
        if (type !== "BOOKMARK") known = type === "DELETED" ? undefined : (object as APIService);
        if (fits(known)) return known;
      }
      if (watch.ended) throw new Error("the watch ended");
      await new Promise<void>((resolve) => watch.onReadable(resolve));
    }
  } finally {
    watch.close();
  }
}

function available(service: APIService | undefined): APIServiceCondition | undefined {
  return service?.status?.conditions?.find(({ type }) => type === "Available");
}

const isAvailable = (service: APIService | undefined): boolean => available(service)?.status === "True";

interface Discovered {
  readonly metadata: { readonly name: string };
  readonly versions: readonly { version: string; freshness: string; resources?: readonly { resource: string }[] }[];
}

async function discovered(group: string): Promise<Discovered["versions"]> {
  const { items } = await get<{ items: readonly Discovered[] }>("/apis", { accept: aggregatedAccept });
  return items.find(({ metadata }) => metadata.name === group)?.versions ?? [];
}

it("a cluster registers what it serves itself", async () => {
  const { items } = await get<{ items: readonly APIService[] }>(services);
  const names = items.map(({ metadata }) => metadata?.name);
  expect(names).toEqual(expect.arrayContaining(["v1.", "v1.apps", "v2.autoscaling", "v1.rbac.authorization.k8s.io"]));
  expect(names).not.toContain("v1.apiregistration.k8s.io");
  for (const item of items) expect(available(item)).toMatchObject({ status: "True", reason: "Local" });
  const table = await get<{ rows: readonly { cells: readonly unknown[] }[] }>(services, {
    accept: "application/json;as=Table;g=meta.k8s.io;v=v1",
  });
  expect(table.rows.map(({ cells }) => cells.slice(0, 3))).toContainEqual(["v1.apps", "Local", "True"]);
});

// Its server goes and comes back, and in the end its APIService goes.
describe("a remote group-version", { shuffle: false }, () => {
  beforeAll(async () => {
    await create(services, apiService("boats.example.com"));
    await until("v1.boats.example.com", isAvailable);
  }, 30_000);

  it("is answered by its server, with the user and no other identity", async () => {
    const sent = { "x-remote-user": "root", "x-remote-group": "system:masters", authorization: "Bearer t" };
    const list = await get<{ kind: string }>(`${boatsPath}/namespaces/default/boats`, sent);
    expect(list.kind).toBe("BoatList");
    const seen = server.received.findLast(({ url }) => url.endsWith("/boats"));
    expect(seen).toMatchObject({ headers: { "x-remote-user": "ann" } });
    expect(seen?.headers["x-remote-group"]).toBe("system:masters, system:authenticated");
    expect(seen?.headers.authorization).toBeUndefined();
  });

  it("may go on in another protocol", async () => {
    const ended = new Promise((resolve) => {
      server.onUpgrade((_request, socket) => {
        socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: boat\r\n\r\n");
        socket.once("close", resolve);
      });
    });
    const { status, body } = await transport({
      method: "GET",
      url: `${boatsPath}/namespaces/default/boats/ida/helm`,
      headers: {},
      signal: new AbortController().signal,
      peer: { address: "10.1.2.3" },
      upgrade: "boat",
    });
    if (body.type !== "tunnel") throw new Error(`${status} ${body.type}`);
    expect(status).toBe(101);
    body.tunnel.abandon();
    await ended;
  });

  it("is in discovery, in the place that its priority asks for", async () => {
    const { groups } = await get<{ groups: readonly { name: string; preferredVersion: object }[] }>("/apis");
    const at = groups.findIndex(({ name }) => name === "boats.example.com");
    expect(groups[at]).toMatchObject({ preferredVersion: { groupVersion: "boats.example.com/v1" } });
    expect(groups.slice(at + 1).map(({ name }) => name)).not.toContain("apps");
    expect(await get("/apis/boats.example.com")).toMatchObject({ kind: "APIGroup", versions: [{ version: "v1" }] });
    expect(await get(boatsPath)).toMatchObject({ kind: "APIResourceList" });
    expect(await discovered("boats.example.com")).toEqual([
      { version: "v1", freshness: "Current", resources: [expect.objectContaining({ resource: "boats" })] },
    ]);
  });

  it("has its OpenAPI documents among ours", async () => {
    const { paths } = await get<{ paths: Record<string, { serverRelativeURL: string }> }>("/openapi/v3");
    expect(paths[boatsPath.slice(1)]?.serverRelativeURL).toBe(`/openapi/v3${boatsPath}?hash=B`);
    expect(paths["apis/apps/v1"]).toBeDefined();
    expect(await get(`/openapi/v3${boatsPath}?hash=B`)).toMatchObject({ info: { title: "boats" } });
  });

  it("does not make the server unready when it is away, and says why it is", async () => {
    server.answer(() => ({ status: 500 }));
    await call(transport, {
      method: "PATCH",
      url: `${services}/v1.boats.example.com`,
      contentType: "application/merge-patch+json",
      body: { spec: { caBundle: null, insecureSkipTLSVerify: true } },
    });
    const service = await until("v1.boats.example.com", (one) => available(one)?.status === "False");
    expect(available(service)).toMatchObject({ reason: "FailedDiscoveryCheck" });
    const answer = await send(`${boatsPath}/namespaces/default/boats`);
    expect([answer.status, await textOf(answer)]).toEqual([503, "service unavailable\n"]);
    expect(await discovered("boats.example.com")).toEqual([{ version: "v1", freshness: "Stale" }]);
    expect((await send("/readyz")).status).toBe(200);
    server.answer(boatServer);
    await until("v1.boats.example.com", isAvailable);
    expect(await discovered("boats.example.com")).toMatchObject([{ freshness: "Current" }]);
  });

  it("is ours again, or nobody's, when its APIService goes", async () => {
    await call(transport, { method: "DELETE", url: `${services}/v1.boats.example.com` });
    expect((await send(`${boatsPath}/namespaces/default/boats`)).status).toBe(404);
    expect(await discovered("boats.example.com")).toEqual([]);
  });
});

it("takes the place of what the server has itself, until it is taken back", async () => {
  const url = `${services}/v1.batch`;
  const merge = { method: "PATCH", url, contentType: "application/merge-patch+json" } as const;
  const service = { namespace: "default", name: "hook", port: server.port };
  server.answer(() => ({ body: { kind: "Theirs" } }));
  await call(transport, { ...merge, body: { spec: { service, caBundle: trustedCa } } });
  await until("v1.batch", (one) => available(one)?.reason === "Passed");
  expect(await get("/apis/batch/v1/namespaces/default/jobs")).toEqual({ kind: "Theirs" });
  await call(transport, { ...merge, body: { spec: { service: null, caBundle: null } } });
  expect(await get("/apis/batch/v1/namespaces/default/jobs")).toMatchObject({ kind: "JobList" });
  await until("v1.batch", (one) => available(one)?.reason === "Local");
});

it("registers custom group-versions as they come and go", async () => {
  const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const schema = { openAPIV3Schema: { type: "object" } };
  await create(definitions, {
    metadata: { name: "carts.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural: "carts", kind: "Cart" },
      versions: [{ name: "v1", served: true, storage: true, schema }],
    },
  });
  const service = await until("v1.example.com", isAvailable);
  expect(service).toMatchObject({
    metadata: { labels: { "kube-aggregator.kubernetes.io/automanaged": "true" } },
    spec: { groupPriorityMinimum: 1000, versionPriority: 100 },
  });
  await call(transport, { method: "DELETE", url: `${definitions}/carts.example.com` });
  await until("v1.example.com", (one) => one === undefined);
});
