import { expect, it } from "vitest";
import { ManualClock } from "../../manual-clock.testing.ts";
import type { Transformer } from "../transformer.ts";
import { openKms } from "./open-kms.ts";
import { startPlugin, type Plugin } from "./plugin.testing.ts";
import type { KmsProvider } from "../create-transformers.ts";

const key = "/registry/secrets/default/db";
const value = Buffer.from('{"kind":"Secret"}');

interface Scene extends AsyncDisposable {
  readonly plugin: Plugin;
  readonly timers: ManualClock;
  readonly provider: KmsProvider;
  readonly failures: string[];
}

async function scene(prepare: (plugin: Plugin) => void = () => undefined): Promise<Scene> {
  const plugin = await startPlugin();
  prepare(plugin);
  const timers = new ManualClock(0);
  const failures: string[] = [];
  const failed = (name: string, error: unknown): void => void failures.push(`${name}: ${String(error)}`);
  const configuration = { apiVersion: "v2", name: "toy", endpoint: plugin.endpoint, timeoutMs: 2000 };
  const provider = await openKms(configuration, { timers, failed });
  return {
    plugin,
    timers,
    provider,
    failures,
    async [Symbol.asyncDispose]() {
      provider.close();
      await plugin[Symbol.asyncDispose]();
    },
  };
}

async function read(transformer: Transformer, stored: Buffer): Promise<readonly [string, boolean]> {
  const { value: found, stale } = await transformer.fromStorage(stored, key);
  return [found.toString(), stale];
}

/** Until the plugin was asked again, and has answered. */
async function later({ timers, provider }: Scene, milliseconds: number): Promise<string | undefined> {
  timers.advance(milliseconds);
  return provider.check();
}

it("writes under a key that the service has encrypted, and asks it once for each key that it reads", async () => {
  await using writing = await scene();
  const stored = await Promise.all([1, 2, 3].map(async () => writing.provider.transformer.toStorage(value, key)));
  expect(await read(writing.provider.transformer, stored[0] ?? value)).toEqual([value.toString(), false]);
  expect(writing.plugin.service.decrypted).toBe(0);
  await using other = await scene();
  const all = await Promise.all(stored.map((one) => read(other.provider.transformer, one)));
  expect(all).toEqual(Array.from({ length: 3 }, () => [value.toString(), false]));
  expect(other.plugin.service.decrypted).toBe(1);
});

it("follows the service to another key: what the old one wrote is stale", async () => {
  await using one = await scene();
  const { transformer } = one.provider;
  const stored = await transformer.toStorage(value, key);
  one.plugin.service.keyId = "key-2";
  expect(await later(one, 60_000)).toBeUndefined();
  expect(await read(transformer, stored)).toEqual([value.toString(), true]);
  expect(await read(transformer, await transformer.toStorage(value, key))).toEqual([value.toString(), false]);
});

it("goes on for three minutes without the service, and reads on what it knows", async () => {
  await using one = await scene();
  const { transformer } = one.provider;
  const stored = await transformer.toStorage(value, key);
  one.plugin.service.broken = new Error("the vault is closed");
  expect(await later(one, 170_000)).toBe(
    "failed to perform status section of the healthz check for KMS Provider toy, error: rpc error: code = Unknown desc = the vault is closed",
  );
  await transformer.toStorage(value, key);
  one.timers.advance(20_000);
  expect(() => transformer.toStorage(value, key)).toThrow(
    /^encryptedDEKSource with keyID hash "sha256:[0-9a-f]{64}" expired at 1970-01-01T00:03:00Z/,
  );
  expect(await read(transformer, stored)).toEqual([value.toString(), false]);
  one.plugin.service.broken = undefined;
  expect(await later(one, 3000)).toBeUndefined();
  await transformer.toStorage(value, key);
});

it("starts without the service, and is there as soon as it is", async () => {
  await using one = await scene((plugin) => (plugin.service.broken = new Error("not yet")));
  expect(one.failures).toHaveLength(1);
  expect(() => one.provider.transformer.toStorage(value, key)).toThrow("got unexpected nil transformer");
  one.plugin.service.broken = undefined;
  expect(await later(one, 10_000)).toBeUndefined();
  await one.provider.transformer.toStorage(value, key);
});

it.each<[string, (plugin: Plugin) => void, string]>([
  ["is not healthy", ({ service }) => (service.healthz = "sealed"), "got unexpected healthz status: sealed"],
  ["speaks another version", ({ service }) => (service.version = "v3"), "expected KMSv2 API version v2, got v3"],
  ["has no key", ({ service }) => (service.keyId = ""), 'got invalid KMSv2 KeyID hash "": keyID is empty'],
  [
    "has too long a name for its key",
    ({ service }) => (service.keyId = "k".repeat(1025)),
    "exceeds the max size of 1024",
  ],
])("says when the service %s", async (_name, prepare, message) => {
  await using one = await scene(prepare);
  const said = await one.provider.check();
  expect(said).toMatch(/^kmsv2 Provider toy is not healthy, error: /);
  expect(said).toContain(message);
});

it("waits for no service for ever", async () => {
  const plugin = await startPlugin();
  plugin.hang = true;
  const failures: unknown[] = [];
  const provider = await openKms(
    { apiVersion: "v2", name: "toy", endpoint: plugin.endpoint, timeoutMs: 50 },
    { timers: new ManualClock(0), failed: (_name, error) => void failures.push(String(error)) },
  );
  expect(failures).toEqual([expect.stringContaining("code = DeadlineExceeded")]);
  provider.close();
  await plugin[Symbol.asyncDispose]();
});

it("says when nobody is there", async () => {
  const failures: unknown[] = [];
  const provider = await openKms(
    { apiVersion: "v2", name: "toy", endpoint: "unix:///nowhere/kms.sock", timeoutMs: 1000 },
    { timers: new ManualClock(0), failed: (_name, error) => void failures.push(String(error)) },
  );
  expect(failures).toEqual([expect.stringContaining("code = Unavailable")]);
  provider.close();
});
