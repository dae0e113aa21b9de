import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseJson, stringifyJson } from "../api/machinery/json.ts";
import type { KubeObject } from "../api/machinery/object.ts";
import { registry } from "../api/registry.ts";
import type { ResourceRow } from "../api/resource.ts";
import type { Transport } from "../api/wire.ts";
import { call, type Call } from "../client/call.ts";
import { apiServerOnly, createCluster, type TestCluster } from "../cluster/testing.ts";
import { settled, startTrial } from "./trial.testing.ts";

const folder = join(import.meta.dirname, "../conformance/manifests");
const protobuf = "application/vnd.kubernetes.protobuf";

interface Case {
  readonly file: string;
  readonly yaml: string;
  readonly object: KubeObject;
  readonly row: ResourceRow;
}

/** One minimal and one full manifest of every kind, as kubectl's conformance has them. */
const cases: readonly Case[] = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".yaml"))
  .flatMap((file) => {
    const yaml = readFileSync(join(folder, file), "utf8");
    const object: KubeObject = parse(yaml);
    const row = registry.find(
      ({ kind, served }) => kind === object.kind && served.some((one) => apiVersionOf(one) === object.apiVersion),
    );
    return row === undefined || object.metadata?.name === undefined ? [] : [{ file, yaml, object, row }];
  });

let cluster: TestCluster;
let admin: Transport;
beforeAll(async () => {
  cluster = await createCluster(apiServerOnly);
  admin = cluster.as({ name: "admin", groups: ["system:masters", "system:authenticated"] });
  const own = new Set(cases.map(({ object }) => object.metadata?.namespace).filter((name) => name !== undefined));
  // Some of them are there from the start.
  for (const name of own)
    await raw("POST", "/api/v1/namespaces", {}, Buffer.from(JSON.stringify({ metadata: { name } })));
});
afterAll(async () => cluster[Symbol.asyncDispose]());

function apiVersionOf({ group, version }: { readonly group: string; readonly version: string }): string {
  return group === "" ? version : `${group}/${version}`;
}

function urlOf({ row, object }: Case, apiVersion = object.apiVersion ?? ""): string {
  const namespace = row.scope === "Cluster" ? "" : `/namespaces/${object.metadata?.namespace ?? "default"}`;
  return `/${apiVersion.includes("/") ? "apis" : "api"}/${apiVersion}${namespace}/${row.plural}`;
}

const send = (request: Call): Promise<KubeObject> => call(admin, request);

async function raw(
  method: string,
  url: string,
  headers: Record<string, string>,
  body?: Uint8Array,
): Promise<{ status: number; bytes: Uint8Array }> {
  const signal = new AbortController().signal;
  const response = await admin({
    method,
    url,
    headers,
    ...(body === undefined ? {} : { body }),
    signal,
    peer: { address: "in process" },
  });
  return { status: response.status, bytes: response.body.type === "bytes" ? response.body.bytes : new Uint8Array() };
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, item]) => [key, reversed(item)]),
  );
}

/** Kinds of whose objects the server tells in their status, by writes of its own, and what it has told then. */
const told: Readonly<Record<string, (object: KubeObject) => boolean>> = {
  CustomResourceDefinition: (object) =>
    object.metadata?.deletionTimestamp === undefined
      ? hasCondition(object, "Established", "True")
      : hasCondition(object, "Terminating", "False"),
  FlowSchema: (object) => hasCondition(object, "Dangling"),
};

interface WithConditions extends KubeObject {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

function hasCondition(object: WithConditions, type: string, status?: string): boolean {
  return (object.status?.conditions ?? []).some((one) => one.type === type && (status ?? one.status) === one.status);
}

/** Reads until everything is told. */
async function settledObject(kind: string, get: () => Promise<KubeObject>): Promise<KubeObject> {
  const isTold = Object.hasOwn(told, kind) ? told[kind] : undefined;
  for (;;) {
    const object = await get();
    if (isTold?.(object) !== false) return object;
    await settled();
  }
}

it("there are manifests of every kind that is stored", () => {
  const covered = new Set(cases.map(({ row }) => row.kind));
  const missing = registry.filter(
    ({ stored, verbs, kind }) => stored && verbs.includes("create") && !covered.has(kind),
  );
  expect(missing.map(({ kind }) => kind)).toEqual([]);
});

describe.each(cases.map((one) => [one.file, one] as const))("%s", (_, one) => {
  const name = one.object.metadata?.name ?? "";
  let created: KubeObject;

  beforeAll(async () => {
    const url = urlOf(one);
    await send({ method: "POST", url: `${url}?dryRun=All`, body: one.object });
    expect((await raw("GET", `${url}/${name}`, {})).status).toBe(404);
    const { status, bytes } = await raw("POST", url, { "content-type": "application/yaml" }, Buffer.from(one.yaml));
    expect([status, status === 201 ? "" : Buffer.from(bytes).toString()]).toEqual([201, ""]);
    created = parseJson(bytes, { duplicates: false }).value as KubeObject;
    if (Object.hasOwn(told, one.row.kind))
      created = await settledObject(one.row.kind, () => send({ method: "GET", url: `${url}/${name}` }));
  });

  // Others of its name follow.
  afterAll(async () => void (await send({ method: "DELETE", url: `${urlOf(one)}/${name}?gracePeriodSeconds=0` })));

  it("comes back as it was answered, in JSON, YAML and protobuf, and each of them can be put back without a change", async () => {
    const url = `${urlOf(one)}/${name}`;
    expect(await send({ method: "GET", url })).toEqual(created);
    expect((await send({ method: "PUT", url, body: created })).metadata?.resourceVersion).toBe(
      created.metadata?.resourceVersion,
    );
    expect(await send({ method: "PUT", url, body: reversed(created) as object })).toEqual(created);
    for (const type of ["application/yaml", protobuf]) {
      const { bytes } = await raw("GET", url, { accept: type });
      const { status, bytes: answer } = await raw(
        "PUT",
        url,
        { "content-type": type, accept: "application/json" },
        bytes,
      );
      if (status !== 200) throw new Error(`${type}: ${Buffer.from(answer).toString()}`);
      expect([type, parseJson(answer, { duplicates: false }).value]).toEqual([type, created]);
    }
  });

  it("stays as it is by patches that change nothing", async () => {
    const url = `${urlOf(one)}/${name}`;
    for (const type of ["merge-patch", "strategic-merge-patch", "json-patch"]) {
      const body = type === "json-patch" ? [] : {};
      expect([type, await send({ method: "PATCH", url, body, contentType: `application/${type}+json` })]).toEqual([
        type,
        created,
      ]);
    }
    const strategic = await send({
      method: "PATCH",
      url,
      body: created,
      contentType: "application/strategic-merge-patch+json",
    });
    expect(strategic).toEqual(created);
  });

  it("is the same object in every version that serves it, and can be put back in each", async () => {
    for (const served of one.row.served) {
      const url = `${urlOf(one, apiVersionOf(served))}/${name}`;
      const object = await send({ method: "GET", url });
      expect(object).toMatchObject({
        apiVersion: apiVersionOf(served),
        kind: one.row.kind,
        metadata: { uid: created.metadata?.uid },
      });
      // Another version may order what it cannot show by itself; after that it stays.
      const put = await send({ method: "PUT", url, body: object });
      const { resourceVersion } = put.metadata ?? {};
      expect(put).toEqual({ ...object, metadata: { ...object.metadata, resourceVersion } });
      expect(await send({ method: "PUT", url, body: put })).toEqual(put);
    }
  });

  it("is listed in every form", async () => {
    for (const served of one.row.served) {
      const url = `${urlOf(one, apiVersionOf(served))}?fieldSelector=metadata.name%3D${encodeURIComponent(name)}`;
      const list = (await send({ method: "GET", url })) as { items: KubeObject[] };
      const object = await send({ method: "GET", url: `${urlOf(one, apiVersionOf(served))}/${name}` });
      expect(list.items.map((item) => ({ kind: object.kind, apiVersion: object.apiVersion, ...item }))).toEqual([
        object,
      ]);
      for (const accept of [
        protobuf,
        "application/yaml",
        "application/json;as=Table;g=meta.k8s.io;v=v1",
        `${protobuf};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1`,
      ])
        expect([accept, (await raw("GET", url, { accept })).status]).toEqual([accept, 200]);
    }
  });
});

it("is read from the store as it was answered when it was written, whatever its kind, also after it was changed and marked for deletion", async () => {
  await using before = await startTrial();
  await before.ok("POST", "/apis/networking.k8s.io/v1/servicecidrs", {
    metadata: { name: "kubernetes" },
    spec: { cidrs: ["10.96.0.0/16"] },
  });
  const written = new Map<string, KubeObject>();
  const merge = { "content-type": "application/merge-patch+json" };
  for (const one of cases) {
    const { name = "", namespace } = one.object.metadata ?? {};
    if (namespace !== undefined)
      await before.send("POST", "/api/v1/namespaces", { body: { metadata: { name: namespace } } });
    const made = await before.send("POST", urlOf(one), { body: one.object });
    if (made.status === 409) continue;
    const url = `${urlOf(one)}/${name}`;
    await before.ok(
      "PATCH",
      url,
      { metadata: { annotations: { b: "1", a: "2" }, finalizers: ["example.com/held"] } },
      merge,
    );
    await before.ok("DELETE", url);
    const get = async (): Promise<KubeObject> =>
      parseJson((await before.send("GET", url)).bytes, { duplicates: false }).value as KubeObject;
    written.set(url, await settledObject(one.row.kind, get));
  }
  await using decoding = await startTrial({ store: before.store });
  // As if it had been written by this very build before it was started again.
  await using trusting = await startTrial({ store: before.store, ownSince: 0 });
  for (const after of [decoding, trusting])
    for (const [url, object] of written) {
      const { bytes } = await after.send("GET", url);
      expect([url, bytes.toString()]).toEqual([url, stringifyJson(object)]);
    }
});
