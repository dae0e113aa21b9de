import { describe, expect, test } from "vitest";
import facts from "../../api/facts/resources.json" with { type: "json" };
import { registry } from "../../api/registry.ts";
import { defineResource, type ResourceRow } from "../../api/resource.ts";
import type { ApiRequest, ApiResponse } from "../../api/wire.ts";
import { decodeProtobuf } from "../../api/schema/protobuf/decode.ts";
import { createDiscovery, type Discovery } from "./discovery.ts";
import { textResponse } from "./entity.ts";
import { ping } from "./health.ts";
import { nothingRegistered } from "./registered.ts";
import { versionInfo } from "./version-info.ts";

const aggregatedAccept =
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

function discoveryOf(rows: () => readonly ResourceRow[], rowsVersion: () => number = () => 0): Discovery {
  return createDiscovery({
    rows,
    rowsVersion,
    registered: nothingRegistered,
    version: versionInfo({ version: "v20.19.0", platform: "linux", arch: "x64" }),
    healthChecks: () => [ping],
    openApi: { answer: async (_, path) => textResponse(200, `openapi ${path}`) },
    metrics: async () => textResponse(200, "metrics"),
    serverAddress: () => "127.0.0.1:6443",
  });
}

const discovery = discoveryOf(() => registry);

function requestOf(url: string, headers: ApiRequest["headers"] = {}, method = "GET"): ApiRequest {
  return { method, url, headers, signal: new AbortController().signal, peer: { address: "127.0.0.1" } };
}

async function get(url: string, headers: ApiRequest["headers"] = {}, from = discovery): Promise<ApiResponse> {
  const answer = await from.answer(requestOf(url, headers), url.split("?", 1)[0]!);
  if (answer === undefined) throw new Error(`${url} is not answered`);
  return answer;
}

function bytesOf({ body }: ApiResponse): Uint8Array {
  if (body.type !== "bytes") throw new Error("expected bytes");
  return body.bytes;
}

interface ResponseKind {
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
}

interface AggregatedResource {
  readonly resource: string;
  readonly scope: string;
  readonly responseKind: ResponseKind;
  readonly verbs: readonly string[];
  readonly singularResource: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly { subresource: string; responseKind: ResponseKind; verbs: readonly string[] }[];
}

interface AggregatedVersion {
  readonly version: string;
  readonly freshness: string;
  readonly resources: readonly AggregatedResource[];
}

interface LegacyResource extends ResponseKind {
  readonly name: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly singularName: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

/** The members of all the documents; which one has which is what the tests state. */
interface Parsed {
  readonly kind: string;
  readonly groups: unknown;
  readonly resources: readonly LegacyResource[];
  readonly items: readonly { metadata: { name?: string }; versions: readonly AggregatedVersion[] }[];
  readonly paths: readonly string[];
}

async function json(url: string, headers: ApiRequest["headers"] = {}, from = discovery): Promise<Parsed> {
  return JSON.parse(Buffer.from(bytesOf(await get(url, headers, from))).toString());
}

const served = facts.resources.filter((resource) => resource.enabledByDefault);
const servedGroups = facts.groups.filter(({ name }) => served.some((resource) => resource.group === name));

describe("of all built-in groups", () => {
  test("groups, versions and preferences are upstream's, in upstream's order", async () => {
    const { groups } = await json("/apis");
    expect(groups).toEqual(
      servedGroups
        .filter(({ name }) => name !== "")
        .map(({ name, versions, preferred }) => {
          const on = versions.filter((version) =>
            served.some((resource) => resource.group === name && resource.version === version),
          );
          const named = on.map((version) => ({ groupVersion: `${name}/${version}`, version }));
          return {
            name,
            versions: named,
            preferredVersion: { groupVersion: `${name}/${preferred}`, version: preferred },
          };
        }),
    );
    expect(await json("/api")).toEqual({
      kind: "APIVersions",
      versions: ["v1"],
      serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: "127.0.0.1:6443" }],
    });
  });

  const groupVersions = [
    ...new Set(served.map(({ group, version }) => (group === "" ? "/api/v1" : `/apis/${group}/${version}`))),
  ];
  test.each(groupVersions)("%s has upstream's resources", async (path) => {
    const { resources } = await json(path);
    const expected = served.filter(
      ({ group, version }) => path === (group === "" ? `/api/${version}` : `/apis/${group}/${version}`),
    );
    expect(resources).toEqual(
      expected
        .flatMap((resource): { name: string }[] => [
          {
            name: resource.plural,
            singularName: resource.singular,
            namespaced: resource.namespaced,
            kind: resource.kind,
            verbs: resource.verbs,
            ...("shortNames" in resource ? { shortNames: resource.shortNames } : {}),
            ...("categories" in resource ? { categories: resource.categories } : {}),
            ...("storage" in resource ? { storageVersionHash: resource.storage?.hash } : {}),
          },
          ...("subresources" in resource ? (resource.subresources ?? []) : []).map((subresource) => ({
            name: `${resource.plural}/${subresource.name}`,
            singularName: "",
            namespaced: resource.namespaced,
            ...(subresource.group === resource.group ? {} : { group: subresource.group, version: subresource.version }),
            kind: subresource.kind,
            verbs: subresource.verbs,
          })),
        ])
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    );
  });

  test("the aggregated form says the same as the documents that it replaces", async () => {
    const headers = { accept: aggregatedAccept };
    const items = [...(await json("/api", headers)).items, ...(await json("/apis", headers)).items];
    expect(items.map((item) => item.metadata.name ?? "")).toEqual(servedGroups.map(({ name }) => name));
    for (const { metadata, versions } of items)
      for (const { version, resources, freshness } of versions) {
        expect(freshness).toBe("Current");
        const path = metadata.name === undefined ? `/api/${version}` : `/apis/${metadata.name}/${version}`;
        const flat = resources.flatMap((resource) => [
          [
            resource.resource,
            resource.scope === "Namespaced",
            resource.responseKind,
            resource.verbs,
            resource.singularResource,
            resource.shortNames,
            resource.categories,
          ],
          ...(resource.subresources ?? []).map((subresource) => [
            `${resource.resource}/${subresource.subresource}`,
            resource.scope === "Namespaced",
            subresource.responseKind,
            subresource.verbs,
            "",
            undefined,
            undefined,
          ]),
        ]);
        const legacy = (await json(path)).resources;
        expect(flat).toEqual(
          legacy.map(
            ({ name, namespaced, group = "", version: of = "", kind, verbs, singularName, shortNames, categories }) => [
              name,
              namespaced,
              { group, version: of, kind },
              verbs,
              singularName,
              shortNames,
              categories,
            ],
          ),
        );
      }
  });
});

test("the aggregated answer names its form, may be kept, and is not sent twice", async () => {
  const first = await get("/apis", { accept: aggregatedAccept });
  expect(first.headers).toMatchObject({
    "content-type": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
    vary: "Accept",
    "cache-control": "public",
  });
  const etag = String(first.headers["etag"]);
  expect(etag).toMatch(/^"[0-9A-F]{128}"$/);
  const again = await get("/apis", { accept: aggregatedAccept, "if-none-match": etag });
  expect(again.status).toBe(304);
  expect(bytesOf(again)).toHaveLength(0);
  expect((await get("/apis", { accept: aggregatedAccept, "if-none-match": '"OTHER"' })).status).toBe(200);
});

test.each([
  ["application/json", false],
  ["*/*", false],
  [undefined, false],
  ["application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json", false],
  ["application/json,application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", false],
  ["application/json; as=APIGroupDiscoveryList; v=v2; g=apidiscovery.k8s.io", true],
])("accepting %s, aggregated: %s", async (accept, aggregated) => {
  const { kind } = await json("/apis", accept === undefined ? {} : { accept });
  expect(kind).toBe(aggregated ? "APIGroupDiscoveryList" : "APIGroupList");
});

test("unaggregated documents come as protobuf and YAML as well", async () => {
  const accept = "application/vnd.kubernetes.protobuf,application/json";
  const decoded = decodeProtobuf(bytesOf(await get("/api/v1", { accept })));
  const plain = await json("/api/v1");
  expect(decoded).toEqual({ ...plain, apiVersion: "v1" });
  expect(Buffer.from(bytesOf(await get("/apis/apps", { accept: "application/yaml" }))).toString()).toContain(
    "name: apps\n",
  );
});

test("only documents of the core group are without a version of their own", async () => {
  expect(await json("/api/v1")).not.toHaveProperty("apiVersion");
  expect(await json("/apis/apps/v1")).toMatchObject({
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: "apps/v1",
  });
  expect(await json("/apis/apps")).toMatchObject({ kind: "APIGroup", apiVersion: "v1", name: "apps" });
});

test.each(["/api/", "/apis/", "/apis/apps/", "/apis/apps/v1/", "/api/v1/", "/version/", "/healthz/", "/metrics/"])(
  "%s is answered with its slash",
  async (path) => {
    expect((await get(path)).status).toBe(200);
  },
);

test.each([
  "/apis/none",
  "/apis/apps/v2",
  "/apis/apps/v1/deployments",
  "/api/v2",
  "/api/v1/pods",
  "/version/x",
  "/else",
  "/apis/__proto__",
  "/apis//v1",
])("%s is not answered here", (path) => {
  expect(discovery.answer(requestOf(path), path)).toBeUndefined();
});

test("other methods are refused", async () => {
  await expect(discovery.answer(requestOf("/apis", {}, "POST"), "/apis")).rejects.toMatchObject({ code: 405 });
});

test("new rows are seen at once; custom groups come after the built-in ones, newest stable version first", async () => {
  const custom = (version: string): ResourceRow =>
    defineResource({
      group: "example.com",
      version,
      kind: "Widget",
      plural: "widgets",
      scope: "Cluster",
      definition: "x",
    });
  let rows = [...registry];
  let version = 1;
  const changing = discoveryOf(
    () => rows,
    () => version,
  );
  const before = await json("/apis", { accept: aggregatedAccept }, changing);
  rows = [custom("v1beta1"), custom("v2"), custom("v10"), custom("oddity"), ...rows];
  expect(await json("/apis", { accept: aggregatedAccept }, changing)).toEqual(before);
  version = 2;
  const after = await json("/apis", { accept: aggregatedAccept }, changing);
  expect(after.items.at(-1)).toMatchObject({
    metadata: { name: "example.com" },
    versions: [{ version: "v10" }, { version: "v2" }, { version: "v1beta1" }, { version: "oddity" }],
  });
});

test("/version has what clients parse", async () => {
  const response = await get("/version");
  expect(Buffer.from(bytesOf(response)).toString()).toContain('{\n  "major": "1",\n  "minor": "36",');
  expect(await json("/version")).toMatchObject({ gitVersion: "v1.36.2", platform: "linux/amd64" });
});

test("/ lists the paths", async () => {
  const { paths } = await json("/");
  expect(paths).toEqual(
    expect.arrayContaining(["/api/v1", "/apis/apps/v1", "/healthz/ping", "/openapi/v3", "/version"]),
  );
  expect(paths).toEqual(paths.toSorted());
});
