import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { chooseTransformer } from "./choose-transformer.ts";
import type { EncryptionConfiguration, ProviderConfiguration } from "./configuration.ts";
import { createTransformers } from "./create-transformers.ts";
import { envelope } from "./kms/envelope.ts";
import { KmsState } from "./kms/kms-state.ts";
import { toyService } from "./kms/toy-service.testing.ts";
import { ManualClock } from "../manual-clock.testing.ts";
import type { Transformer } from "./transformer.ts";

/** Written by kube-apiserver's own code (k8s.io/apiserver v0.36.2). */
interface UpstreamValue {
  readonly provider: "aesgcm" | "aescbc" | "secretbox" | "kms";
  readonly name: string;
  readonly secret: string;
  readonly key: string;
  readonly plain: string;
  readonly stored: string;
}

const upstream = JSON.parse(
  readFileSync(new URL("upstream-values.testing.json", import.meta.url), "utf8"),
) as readonly UpstreamValue[];
const key = "/registry/secrets/default/db";
const value = Buffer.from('{"kind":"Secret"}');
const secret = (byte: number, length = 32): string => Buffer.alloc(length, byte).toString("base64");
const named = (name: string, byte: number): { name: string; secret: string } => ({ name, secret: secret(byte) });
const kmsOf = (name: string): ProviderConfiguration => ({
  kms: { apiVersion: "v2", name, endpoint: "unix:///none", timeoutMs: 1000 },
});

async function transformer(...providers: readonly ProviderConfiguration[]): Promise<Transformer> {
  const configuration: EncryptionConfiguration = { resources: [{ resources: ["secrets"], providers }] };
  const made = await createTransformers(configuration, async ({ name }) => {
    const service = toyService();
    const state = new KmsState({ name, service, timers: new ManualClock(0) });
    await state.probe();
    return {
      transformer: envelope(service, () => state.current()),
      check: () => Promise.resolve(undefined),
      close() {},
    };
  });
  return chooseTransformer(made.transformers, { group: "", resource: "secrets" });
}

async function reads(one: Transformer, stored: Buffer, at = key): Promise<unknown> {
  const { value: found, stale } = await one.fromStorage(stored, at);
  return [found.toString(), stale];
}

const providers = {
  aesgcm: { aesgcm: { keys: [named("a", 1)] } },
  aescbc: { aescbc: { keys: [named("a", 1)] } },
  secretbox: { secretbox: { keys: [named("a", 1)] } },
  kms: kmsOf("service"),
} satisfies Record<string, ProviderConfiguration>;

describe("what kube-apiserver has written", () => {
  it.each(upstream)("with $provider is read", async ({ provider, name, secret: of, key: at, plain, stored }) => {
    const one = await transformer(provider === "kms" ? kmsOf(name) : { [provider]: { keys: [{ name, secret: of }] } });
    // A key without a seed is what upstream wrote before v1.29: it is written anew.
    const [found] = (await reads(one, Buffer.from(stored, "base64"), at)) as [string, boolean];
    expect(found).toBe(plain);
  });

  it("is stale where the service has given a plain key instead of a seed", async () => {
    const one = await transformer(kmsOf("remote"));
    const stale = upstream
      .filter(({ provider }) => provider === "kms")
      .map(async ({ key: at, stored }) => (await one.fromStorage(Buffer.from(stored, "base64"), at)).stale);
    expect(await Promise.all(stale)).toEqual([false, true]);
  });
});

describe.each(Object.entries(providers))("%s", (name, provider) => {
  it("reads what it has written, which says by whom and shows nothing", async () => {
    const one = await transformer(provider);
    const stored = await one.toStorage(value, key);
    const prefix = name === "kms" ? "k8s:enc:kms:v2:service:" : `k8s:enc:${name}:v1:a:`;
    expect(stored.subarray(0, prefix.length).toString()).toBe(prefix);
    expect(stored.includes("Secret")).toBe(false);
    expect(await reads(one, stored)).toEqual([value.toString(), false]);
    expect((await one.toStorage(value, key)).equals(stored)).toBe(false);
  });

  it("is read by nobody who knows nothing of it", async () => {
    const stored = await (await transformer(provider)).toStorage(value, key);
    await expect(reads(await transformer({ identity: {} }), stored)).rejects.toThrow("no matching prefix found");
    const other: ProviderConfiguration = { aesgcm: { keys: [named("b", 2)] } };
    await expect(reads(await transformer(other, { identity: {} }), stored)).rejects.toThrow(/^no matching/);
  });
});

/** CBC does not authenticate what it encrypts. */
const authenticating = Object.entries(providers).filter(([name]) => name !== "aescbc");

describe.each(authenticating)("%s", (name, provider) => {
  it("notices what was changed", async () => {
    const one = await transformer(provider);
    const stored = await one.toStorage(value, key);
    stored[45] = (stored[45] ?? 0) ^ 1;
    await expect(reads(one, stored)).rejects.toThrow(/message authentication failed|not large enough|EOF|encrypted/);
    for (const length of [23, 24, 30, 40]) await expect(reads(one, stored.subarray(0, length))).rejects.toThrow(Error);
  });

  it(`${name === "secretbox" ? "does not notice" : "notices"} a value that was moved to another key`, async () => {
    const one = await transformer(provider);
    const moved = reads(one, await one.toStorage(value, key), "/registry/secrets/kube-system/db");
    if (name === "secretbox") expect(await moved).toEqual([value.toString(), false]);
    else await expect(moved).rejects.toThrow("cipher: message authentication failed");
  });
});

describe("keys are changed", () => {
  const keys = (...all: readonly { name: string; secret: string }[]): ProviderConfiguration => ({
    aesgcm: { keys: all },
  });

  it("by putting the new one first: old values are read, and are to be written anew", async () => {
    const old = await transformer(keys(named("old", 1)));
    const stored = await old.toStorage(value, key);
    const both = await transformer(keys(named("new", 2), named("old", 1)));
    expect(await reads(both, stored)).toEqual([value.toString(), true]);
    const again = await both.toStorage(value, key);
    expect(again.subarray(0, 22).toString()).toBe("k8s:enc:aesgcm:v1:new:");
    expect(await reads(await transformer(keys(named("new", 2))), again)).toEqual([value.toString(), false]);
    await expect(reads(old, again)).rejects.toThrow("no matching key was found for the provided AES transformer");
  });

  it("also under one name, and between providers", async () => {
    const stored = await (await transformer(keys(named("a", 1)))).toStorage(value, key);
    const moved = await transformer(keys(named("a", 2)), providers.secretbox, keys(named("a", 1)));
    expect(await reads(moved, stored)).toEqual([value.toString(), true]);
    const wrong = await transformer(keys(named("a", 2)), keys(named("a", 3)));
    await expect(reads(wrong, stored)).rejects.toThrow("cipher: message authentication failed");
  });

  it("from plain values, and back to them", async () => {
    const on = await transformer(providers.aesgcm, { identity: {} });
    expect(await reads(on, value)).toEqual([value.toString(), true]);
    const off = await transformer({ identity: {} }, providers.aesgcm);
    expect(await off.toStorage(value, key)).toBe(value);
    expect(await reads(off, await on.toStorage(value, key))).toEqual([value.toString(), true]);
    expect(await reads(off, value)).toEqual([value.toString(), false]);
  });
});

describe("which transformer", () => {
  const configuration = (...resources: readonly (readonly string[])[]): EncryptionConfiguration => ({
    resources: resources.map((names, index) => ({
      resources: names,
      providers: [{ aesgcm: { keys: [named(`key${index}`, index)] } }],
    })),
  });
  const open = (one: EncryptionConfiguration): ReturnType<typeof createTransformers> =>
    createTransformers(one, () => Promise.reject(new Error("there is no service")));

  it.each([
    [{ group: "", resource: "secrets" }, "key0"],
    [{ group: "", resource: "configmaps" }, "key1"],
    [{ group: "apps", resource: "deployments" }, "key2"],
    [{ group: "apps", resource: "daemonsets" }, "key3"],
    [{ group: "batch", resource: "jobs" }, "key4"],
    [{ group: "example.com", resource: "boats" }, "key4"],
  ])("%j has, is settled by the resource, its group, or all", async (resource, name) => {
    const { transformers } = await open(configuration(["secrets"], ["*."], ["deployments.apps"], ["*.apps"], ["*.*"]));
    const stored = await chooseTransformer(transformers, resource).toStorage(value, key);
    expect(stored.toString("latin1")).toContain(`:${name}:`);
  });

  it("leaves the others as they are", async () => {
    const { transformers } = await open(configuration(["secrets"]));
    expect(chooseTransformer(transformers, { group: "", resource: "pods" }).toStorage(value, key)).toBe(value);
  });

  it.each([
    [[["*."], ["secrets"]], 'resource "secrets" is masked by earlier rule "*."'],
    [[["*.*"], ["*.apps"]], 'resource "*.apps" is masked by earlier rule "*.*"'],
    [[["*.apps"], ["deployments.apps"]], 'resource "deployments.apps" is masked by earlier rule "*.apps"'],
  ])("is not hidden by an earlier one: %j", async (resources, message) => {
    await expect(open(configuration(...resources))).rejects.toThrow(message);
  });
});
