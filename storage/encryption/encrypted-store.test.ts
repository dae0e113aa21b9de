import { describe, expect, it } from "vitest";
import { ManualClock } from "../manual-clock.testing.ts";
import { openMemoryStore } from "../engines/memory/memory-engine.ts";
import type { Store, WatchBatch } from "../store.ts";
import { storeSuite } from "../suite.testing.ts";
import { aesGcm } from "./aes-gcm.ts";
import { encryptedStore } from "./encrypted-store.ts";
import { identity } from "./identity.ts";
import { envelope } from "./kms/envelope.ts";
import { KmsState } from "./kms/kms-state.ts";
import { toyService } from "./kms/toy-service.testing.ts";
import { prefixed } from "./prefixed.ts";
import type { Transformer } from "./transformer.ts";

const none = Buffer.alloc(0);
const secretOf = (byte: number): Buffer => Buffer.alloc(32, byte);
const keyed = (byte: number): { prefix: Buffer; transformer: Transformer } => ({
  prefix: Buffer.from(`k8s:enc:aesgcm:v1:${byte}:`),
  transformer: aesGcm(secretOf(byte)),
});
const one = prefixed([keyed(1)], "no matching prefix found");
const wrap = (store: Store, transformer: Transformer, told: unknown[] = []): Store =>
  encryptedStore(store, { transformerOf: () => transformer, unreadable: (error) => void told.push(error) });

async function kms(): Promise<Transformer> {
  const service = toyService();
  const state = new KmsState({ name: "toy", service, timers: new ManualClock(0) });
  await state.probe();
  return envelope(service, () => state.current());
}

storeSuite("a store with encrypted values", async (options) => wrap(await openMemoryStore(options), one));
storeSuite("a store with values that a service has the key of", async (options) =>
  wrap(await openMemoryStore(options), await kms()),
);

describe("an encrypted store", () => {
  it("gives nothing away below, and hands the writer's own Buffer to those who are subscribed", async () => {
    await using inner = await openMemoryStore();
    const store = wrap(inner, one);
    const batches: WatchBatch[] = [];
    store.subscribe("/", (batch) => void batches.push(batch));
    const value = Buffer.from("sesame");
    await store.put("/a", value, { expect: "absent" });
    expect((await inner.get("/a"))?.value.toString("latin1")).toMatch(/^k8s:enc:aesgcm:v1:1:(?!.*sesame)/s);
    const [event] = batches.flatMap(({ events }) => events);
    expect(event?.type === "put" && event.current.value).toBe(value);
    expect((await store.get("/a"))?.value.toString()).toBe("sesame");
  });

  it("tells what cannot be read by its key, and reads the others", async () => {
    await using inner = await openMemoryStore();
    await wrap(inner, prefixed([keyed(2)], "")).put("/a/lost", Buffer.from("x"), { expect: "absent" });
    const store = wrap(inner, one);
    await store.put("/a/kept", Buffer.from("y"), { expect: "absent" });
    expect((await store.get("/a/kept"))?.value.toString()).toBe("y");
    const message = 'unable to transform key "/a/lost": no matching prefix found';
    await expect(store.get("/a/lost")).rejects.toThrow(message);
    await expect(store.list("/a/")).rejects.toThrow(message);
    expect((await store.list("/a/k")).items).toHaveLength(1);
    const { previous } = await store.delete("/a/lost", { expect: "any" });
    expect(previous.modRevision).toBe(1);
    expect(() => previous.value).toThrow('unable to transform key "/a/lost"');
  });

  it("knows which values are stored in an older way", async () => {
    await using inner = await openMemoryStore();
    await wrap(inner, identity).put("/plain", Buffer.from("x"), { expect: "absent" });
    await wrap(inner, one).put("/old", Buffer.from("x"), { expect: "absent" });
    const rotated = prefixed([keyed(2), keyed(1), { prefix: none, transformer: identity }], "");
    const store = wrap(inner, rotated);
    await store.put("/new", Buffer.from("x"), { expect: "absent" });
    const stale = ["/plain", "/old", "/new", "/none"].map(async (key) => store.isStale?.(key));
    expect(await Promise.all(stale)).toEqual([true, true, false, false]);
  });

  it("leaves values alone that are no objects", async () => {
    await using inner = await openMemoryStore();
    const store = encryptedStore(inner, { transformerOf: () => undefined, unreadable: () => undefined });
    const value = Buffer.from("x");
    await store.put("/wherry/mark", value, { expect: "absent" });
    expect((await inner.get("/wherry/mark"))?.value).toBe(value);
  });

  it("keeps the order of changes that others have written and a service has to be asked about", async () => {
    await using inner = await openMemoryStore();
    const told: unknown[] = [];
    const ours = wrap(inner, await kms(), told);
    const theirs = wrap(inner, await kms());
    const seen: string[] = [];
    let tell = (): void => undefined;
    const all = new Promise<void>((resolve) => (tell = resolve));
    ours.subscribe("/", ({ events }) => {
      for (const event of events) if (event.type === "put") seen.push(event.current.value.toString());
      if (seen.length === 4) tell();
    });
    await theirs.put("/a", Buffer.from("1"), { expect: "absent" });
    await ours.put("/b", Buffer.from("2"), { expect: "absent" });
    await inner.put("/c", Buffer.from("not encrypted"), { expect: "absent" });
    await theirs.put("/d", Buffer.from("3"), { expect: "absent" });
    await ours.put("/e", Buffer.from("4"), { expect: "absent" });
    await all;
    expect(seen).toEqual(["1", "2", "3", "4"]);
    expect(told.map(String)).toEqual([expect.stringContaining('unable to transform key "/c"')]);
  });
});
