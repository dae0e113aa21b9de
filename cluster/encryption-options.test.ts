import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Registry } from "prom-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConfigMap, Secret } from "../api/generated/types/core-v1.ts";
import { registry } from "../api/registry.ts";
import { silentLogger } from "../base/log.ts";
import { call } from "../client/call.ts";
import { openMemoryStore } from "../storage/engines/memory/memory-engine.ts";
import { startPlugin } from "../storage/encryption/kms/plugin.testing.ts";
import { openEncryption } from "./encryption-options.ts";
import { storedResource } from "./encryption/stored-resource.ts";
import { apiServerOnly, createCluster, type TestCluster } from "./testing.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "wherry-"));
});
afterEach(() => rm(folder, { recursive: true }));

const admin = { name: "admin", groups: ["system:masters"] };
const secrets = "/api/v1/namespaces/default/secrets";
const configMaps = "/api/v1/namespaces/default/configmaps";
const key = (name: string, byte: number): object => ({ name, secret: Buffer.alloc(32, byte).toString("base64") });
const head = { apiVersion: "apiserver.config.k8s.io/v1", kind: "EncryptionConfiguration" };
const secretsBy = (...providers: readonly object[]): object => ({
  ...head,
  resources: [{ resources: ["secrets", "boats.example.com"], providers }],
});

async function configured(configuration: object): Promise<string> {
  const file = join(folder, "encryption.yaml");
  await writeFile(file, JSON.stringify(configuration));
  return file;
}

async function start(configuration: object | undefined): Promise<TestCluster> {
  const encryption = configuration === undefined ? {} : { configFile: await configured(configuration) };
  return createCluster({ ...apiServerOnly, dataDir: join(folder, "data"), durable: false, encryption });
}

const create = <T extends object>(cluster: TestCluster, url: string, body: object): Promise<T> =>
  call<T>(cluster.as(admin), { method: "POST", url, body });
const read = <T extends object>(cluster: TestCluster, url: string): Promise<T> =>
  call<T>(cluster.as(admin), { method: "GET", url });
const value = "open-sesame-".repeat(20);
const encoded = Buffer.from(value).toString("base64");

async function allBytes(path: string): Promise<Buffer> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name)));
  return Buffer.concat(await Promise.all(files));
}

it("keeps secrets from those who read the folder, through changes of keys, and says when they cannot be read", async () => {
  const one = { aesgcm: { keys: [key("one", 1)] } };
  const two = { secretbox: { keys: [key("two", 2)] } };
  {
    await using cluster = await start(secretsBy(one, { identity: {} }));
    await create(cluster, configMaps, { metadata: { name: "a" }, data: { p: "in-the-open" } });
    for (const name of ["a", "b"]) await create(cluster, secrets, { metadata: { name }, data: { p: encoded } });
  }
  const bytes = await allBytes(join(folder, "data", "store"));
  expect(bytes.includes("in-the-open")).toBe(true);
  expect(bytes.includes("k8s:enc:aesgcm:v1:one:")).toBe(true);
  for (const text of [value, encoded, encoded.slice(0, 24), '"kind":"Secret"'])
    expect(bytes.includes(text)).toBe(false);
  {
    await using cluster = await start(secretsBy(two, one));
    const before = await read<Secret>(cluster, `${secrets}/a`);
    expect(before.data).toEqual({ p: encoded });
    // `kubectl get secrets -o json | kubectl replace -f -`: what is the same is written anew, once.
    const replace = (body: object): Promise<Secret> =>
      call<Secret>(cluster.as(admin), { method: "PUT", url: `${secrets}/a`, body });
    const after = await replace(before);
    expect(after.metadata?.resourceVersion).not.toBe(before.metadata?.resourceVersion);
    expect((await replace(after)).metadata?.resourceVersion).toBe(after.metadata?.resourceVersion);
  }
  {
    await using cluster = await start(secretsBy(two));
    await expect(read(cluster, `${secrets}/a`)).rejects.toMatchObject({
      code: 500,
      reason: "InternalError",
      message:
        'Internal error occurred: unable to transform key "/registry/secrets/default/b": no matching prefix found',
    });
    expect((await read<ConfigMap>(cluster, `${configMaps}/a`)).data).toEqual({ p: "in-the-open" });
  }
  {
    await using cluster = await start(undefined);
    await expect(read(cluster, secrets)).rejects.toThrow("identity transformer tried to read encrypted data");
    expect((await read<ConfigMap>(cluster, `${configMaps}/a`)).data).toEqual({ p: "in-the-open" });
  }
});

it("asks a key management service, and tells of its health", async () => {
  await using plugin = await startPlugin();
  const kms = { kms: { apiVersion: "v2", name: "toy", endpoint: plugin.endpoint } };
  {
    await using cluster = await start(secretsBy(kms, { identity: {} }));
    await create(cluster, secrets, { metadata: { name: "a" }, data: { p: encoded } });
    const healthy = await cluster.as(admin)({
      method: "GET",
      url: "/readyz?verbose",
      headers: {},
      signal: new AbortController().signal,
      peer: { address: "" },
    });
    expect(healthy.body.type === "bytes" && Buffer.from(healthy.body.bytes).toString()).toContain(
      "[+]kms-providers ok",
    );
  }
  expect((await allBytes(join(folder, "data", "store"))).includes("k8s:enc:kms:v2:toy:")).toBe(true);
  await using cluster = await start(secretsBy(kms));
  expect((await read<Secret>(cluster, `${secrets}/a`)).data).toEqual({ p: encoded });
});

it("takes a changed file in, and keeps the one before where the new one is wrong", async () => {
  const told: string[] = [];
  const log = {
    ...silentLogger,
    info: (text: string) => void told.push(text),
    error: (_text: string, fields = {}) => void told.push(String((fields as { error?: unknown }).error)),
  };
  const until = async (text: string): Promise<void> => {
    while (!told.some((one) => one.includes(text))) await new Promise((resolve) => setImmediate(resolve));
  };
  const metrics = new Registry();
  const configFile = await configured(secretsBy({ aesgcm: { keys: [key("one", 1)] } }));
  await using encryption = await openEncryption(
    { configFile, automaticReload: true },
    { rows: registry, log, registry: metrics, pollMs: 5 },
  );
  await using inner = await openMemoryStore();
  const store = await encryption.wrap(inner);
  const stored = async (name: string): Promise<string> => {
    await store.put(`/registry/secrets/default/${name}`, Buffer.from("{}"), { expect: "absent" });
    return (await inner.get(`/registry/secrets/default/${name}`))?.value.toString("latin1") ?? "";
  };
  expect(await stored("a")).toMatch(/^k8s:enc:aesgcm:v1:one:/);
  await writeFile(configFile, "resources: [");
  await until("it is no YAML");
  await writeFile(configFile, JSON.stringify(secretsBy({ aesgcm: { keys: [key("two", 2), key("one", 1)] } })));
  await until("read again");
  expect(await stored("b")).toMatch(/^k8s:enc:aesgcm:v1:two:/);
  expect((await store.get("/registry/secrets/default/a"))?.value.toString()).toBe("{}");
  const counted = await metrics.metrics();
  expect(counted).toContain('automatic_reloads_total{status="success"} 1');
  expect(counted).toContain(
    'operations_total{resource="secrets",transformation_type="to_storage",transformer_prefix="k8s:enc:aesgcm:v1:",status="OK"} 2',
  );
  expect(encryption.healthChecks.map(({ name }) => name)).toEqual(["kms-providers"]);
});

describe("whose value it is", () => {
  const resourceOf = storedResource(registry);

  it.each([
    ["/registry/secrets/default/a", { group: "", resource: "secrets" }],
    ["/registry/services/specs/default/a", { group: "", resource: "services" }],
    ["/registry/minions/node-1", { group: "", resource: "nodes" }],
    ["/registry/deployments/default/web", { group: "apps", resource: "deployments" }],
    ["/registry/events/default/a", { group: "", resource: "events" }],
    ["/registry/example.com/boats/default/a", { group: "example.com", resource: "boats" }],
    ["/registry/example.com/boats/a", { group: "example.com", resource: "boats" }],
    ["/registry/ranges/serviceips", undefined],
    ["/wherry/codecs", undefined],
  ])("%s", (at, expected) => {
    expect(resourceOf(at)).toEqual(expected);
  });
});

describe("a configuration is refused", () => {
  const open = async (configuration: object): Promise<unknown> =>
    openEncryption(
      { configFile: await configured(configuration) },
      { rows: registry, log: silentLogger, registry: new Registry() },
    );
  const one = { identity: {} };

  it.each<[string, object, string]>([
    ["without resources", head, "resources: Required value: at least one resources is required"],
    [
      "with an empty rule",
      { ...head, resources: [{}] },
      "[resources[0].resources: Required value: at least one resources[0].resources is required, resources[0].providers: Required value: at least one resources[0].providers is required]",
    ],
    [
      "of another kind",
      { ...head, kind: "Config" },
      "it must have apiVersion: apiserver.config.k8s.io/v1 and kind: EncryptionConfiguration",
    ],
    ["with an unknown field", { ...head, resource: [] }, "resource: unknown field"],
    [
      "with a provider that is none",
      secretsBy({}),
      "resources[0].providers[0]: Invalid value: {}: provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity",
    ],
    [
      "with two in one",
      secretsBy({ identity: {}, aesgcm: { keys: [key("a", 1)] } }),
      "more than one provider specified in a single element, should split into different list elements",
    ],
    [
      "without keys",
      secretsBy({ aescbc: {} }),
      "resources[0].providers[0].aescbc.keys: Required value: at least one keys is required",
    ],
    [
      "with a short key",
      secretsBy({ secretbox: { keys: [{ name: "a", secret: "c2hvcnQ=" }] } }),
      'resources[0].providers[0].secretbox.keys[0].secret: Invalid value: "REDACTED": secret is not of the expected length, got 5, expected one of [32]',
    ],
    [
      "with a key that is no base64",
      secretsBy({ aesgcm: { keys: [{ name: "a", secret: "so secret" }] } }),
      'resources[0].providers[0].aesgcm.keys[0].secret: Invalid value: "REDACTED": secrets must be base64 encoded',
    ],
    [
      "with a key without a name",
      secretsBy({ aesgcm: { keys: [{ secret: "c2hvcnQ=" }] } }),
      "keys[0].name: Required value: name is a mandatory field for a key",
    ],
    [
      "with resources that overlap",
      { ...head, resources: [{ resources: ["secrets", "*."], providers: [one] }] },
      `resources[0].resources: Invalid value: ["secrets","*."]: using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked`,
    ],
    [
      "with one twice",
      { ...head, resources: [{ resources: ["secrets", "secrets"], providers: [one] }] },
      "the same resource cannot be specified multiple times",
    ],
    [
      "with one that an earlier rule has",
      {
        ...head,
        resources: [
          { resources: ["*."], providers: [one] },
          { resources: ["secrets"], providers: [one] },
        ],
      },
      'resource "secrets" is masked by earlier rule "*."',
    ],
    [
      "for events by their newer name",
      { ...head, resources: [{ resources: ["events.events.k8s.io"], providers: [one] }] },
      "Use 'events' instead in the config file",
    ],
    [
      "with a bare star",
      { ...head, resources: [{ resources: ["*"], providers: [one] }] },
      "use '*.' to encrypt all the resources from core API group",
    ],
    [
      "with capitals",
      { ...head, resources: [{ resources: ["Secrets"], providers: [one] }] },
      "resource name should not contain capital letters",
    ],
    [
      "with a service elsewhere",
      secretsBy({ kms: { apiVersion: "v2", name: "a", endpoint: "https://kms" } }),
      'resources[0].providers[0].kms.endpoint: Invalid value: "https://kms": unsupported scheme "https" for KMS provider, only unix is supported',
    ],
    [
      "with a service of the first version",
      secretsBy({ kms: { name: "a", endpoint: "unix:///a" } }),
      "Use KMSv2 instead",
    ],
    [
      "with two services of one name",
      secretsBy(...[1, 2].map(() => ({ kms: { apiVersion: "v2", name: "a", endpoint: "unix:///a" } }))),
      'resources[0].providers[1].kms.name: Invalid value: "a": duplicate KMS provider name a, names must be unique',
    ],
  ])("%s", async (_what, configuration, message) => {
    await expect(open(configuration)).rejects.toThrow(message);
    await expect(open(configuration)).rejects.toThrow("--encryption-provider-config");
  });

  it("when there is none, or nothing to read again", async () => {
    const deps = { rows: registry, log: silentLogger, registry: new Registry() };
    await expect(openEncryption({ configFile: join(folder, "none") }, deps)).rejects.toThrow(
      "it cannot be read (ENOENT)",
    );
    await expect(openEncryption({ automaticReload: true }, deps)).rejects.toThrow(
      "must be set with --encryption-provider-config",
    );
  });
});
