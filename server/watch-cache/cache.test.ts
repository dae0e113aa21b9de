import { describe, expect, it } from "vitest";
import { realClock } from "../../base/clock.ts";
import { openMemoryStore } from "../../storage/engines/memory/memory-engine.ts";
import { ManualClock } from "../../storage/manual-clock.testing.ts";
import type { Store } from "../../storage/store.ts";
import { Cache, storageKey } from "./cache.ts";
import { everyPod, podKind, takeAll, watchedPods, type PodState } from "./watched-pods.testing.ts";

const kind = podKind();

const pod = (name: string): PodState => ({ namespace: "default", name, app: "web", node: "a" });
const value = (name: string, app: string): Buffer =>
  Buffer.from(
    JSON.stringify({
      kind: "Pod",
      apiVersion: "v1",
      metadata: { name, namespace: "default", uid: name, labels: { app } },
      spec: { containers: [] },
    }),
  );

/** A store whose lists take as long as a test wants. */
function slow(store: Store): { store: Store; answer: () => void } {
  let answer = (): void => {};
  const gate = new Promise<void>((resolve) => (answer = resolve));
  const list: Store["list"] = async (prefix, options) => {
    const page = await store.list(prefix, options);
    await gate;
    return page;
  };
  return { store: { ...bound(store), list }, answer: () => answer() };
}

describe("a resource that is loaded", () => {
  it("has what was written, changed and deleted while it was being read", async () => {
    await using store = await openMemoryStore();
    for (const name of ["kept", "changed", "deleted"])
      await store.put(storageKey(kind, "default", name), value(name, "old"), { expect: "absent" });
    const held = slow(store);
    const cache = new Cache(held.store, { clock: realClock });
    const loading = cache.resource(kind);
    const again = cache.resource(kind);
    await store.put(storageKey(kind, "default", "changed"), value("changed", "new"), { expect: "any" });
    await store.delete(storageKey(kind, "default", "deleted"), { expect: "any" });
    const { modRevision } = await store.put(storageKey(kind, "default", "added"), value("added", "new"), {
      expect: "absent",
    });
    held.answer();
    const resource = await loading;
    expect(await again).toBe(resource);
    expect([...resource.select(everyPod)].map(({ meta }) => `${meta.name} ${meta.labels?.["app"]}`)).toEqual([
      "added new",
      "changed new",
      "kept old",
    ]);
    expect(resource.window.after(3)?.map(({ revision }) => revision)).toEqual([4, 5, 6]);
    expect(cache.revision).toBe(modRevision);
    cache.close();
  });

  it("is tried again after a failure", async () => {
    await using store = await openMemoryStore();
    let failures = 1;
    const list: Store["list"] = async (...wanted) => {
      if (failures-- > 0) throw new Error("the disk is gone");
      return store.list(...wanted);
    };
    const cache = new Cache({ ...bound(store), list }, { clock: realClock });
    await expect(Promise.resolve(cache.resource(kind))).rejects.toThrow("the disk is gone");
    expect((await cache.resource(kind)).size).toBe(0);
    cache.close();
  });

  it("has its objects in the store's order, also where UTF-16 has another", async () => {
    await using pods = await watchedPods(kind);
    const names = ["a", "\uff5e", "\u{1f600}", "z", "\u{10ffff}"];
    for (const name of names.toReversed()) await pods.put(pod(name));
    const other = new Cache(pods.store, { clock: realClock });
    const loaded = await other.resource(kind);
    const inStore = (await pods.store.list("/registry/pods/")).items.map(({ key }) => key);
    expect([...pods.resource.select(everyPod)].map(({ key }) => key)).toEqual(inStore);
    expect([...loaded.select(everyPod)].map(({ key }) => key)).toEqual(inStore);
    for (const name of names) await pods.remove(pod(name));
    expect([loaded.size, pods.resource.size]).toEqual([0, 0]);
    other.close();
  });

  it("counts what follows a key in a namespace", async () => {
    await using pods = await watchedPods(kind);
    for (const name of ["a", "b", "c"]) await pods.put(pod(name));
    await pods.put({ ...pod("a"), namespace: "later" });
    const key = storageKey(kind, "default", "a");
    expect([pods.resource.countAfter("default", key), pods.resource.countAfter("", key)]).toEqual([2, 3]);
  });

  it("reads what another writer stored in another order of members", async () => {
    await using store = await openMemoryStore();
    const text =
      '{"spec":{"containers":[]},"metadata":{"uid":"u","resourceVersion":"9","namespace":"default","name":"x"},"apiVersion":"v1","kind":"Pod"}';
    await store.put(storageKey(kind, "default", "x"), Buffer.from(text), { expect: "absent" });
    const cache = new Cache(store, { clock: realClock });
    const record = (await cache.resource(kind)).get(storageKey(kind, "default", "x"));
    expect(record?.object()).toMatchObject({ metadata: { name: "x", resourceVersion: "1" } });
    cache.close();
  });
});

describe("a read that waits for a revision", () => {
  it("goes on as soon as it is there", async () => {
    await using pods = await watchedPods(kind);
    const reached = pods.cache.reached(2);
    await pods.put(pod("a"));
    await pods.put(pod("b"));
    expect(await reached).toBe(true);
  });

  it("gives up when its signal says so, and is forgotten", async () => {
    await using pods = await watchedPods(kind);
    const stop = new AbortController();
    const reached = pods.cache.reached(5, stop.signal);
    stop.abort();
    expect(await reached).toBe(false);
    expect(await pods.cache.reached(5, AbortSignal.abort())).toBe(false);
  });
});

describe("the window of recent changes", () => {
  it("keeps at least 75 seconds and lets go of what is older", async () => {
    const clock = new ManualClock(0);
    await using pods = await watchedPods(kind, clock);
    const first = await pods.put(pod("a"));
    clock.advance(74_000);
    await pods.put(pod("b"));
    expect(pods.resource.window.after(first - 1)).toHaveLength(2);
    clock.advance(2_000);
    await pods.put(pod("c"));
    expect(pods.resource.window.after(first - 1)).toBeUndefined();
    expect(pods.resource.window.after(first)).toHaveLength(2);
  });

  it("lets a watcher that stands before it read on from history", async () => {
    const clock = new ManualClock(0);
    await using pods = await watchedPods(kind, clock);
    await pods.put(pod("a"));
    clock.advance(80_000);
    await pods.put(pod("b"));
    clock.advance(80_000);
    await pods.put(pod("c"));
    const watch = pods.watch({ after: 0 });
    await new Promise<void>((resolve) => watch.onReadable(resolve));
    expect(takeAll(watch)).toEqual(["ADDED default/a 1", "ADDED default/b 2", "ADDED default/c 3"]);
    await pods.put(pod("d"));
    expect(takeAll(watch)).toEqual(["ADDED default/d 4"]);
  });
});

function bound(store: Store): Store {
  return {
    revision: () => store.revision(),
    get: (...wanted) => store.get(...wanted),
    list: (...wanted) => store.list(...wanted),
    put: (...wanted) => store.put(...wanted),
    delete: (...wanted) => store.delete(...wanted),
    watch: (...wanted) => store.watch(...wanted),
    subscribe: (...wanted) => store.subscribe(...wanted),
    compact: (...wanted) => store.compact(...wanted),
    get compacted() {
      return store.compacted;
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
