import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openMemoryStore } from "../../storage/engines/memory/memory-engine.ts";
import type { Revision, Store } from "../../storage/store.ts";
import { markOwnValues } from "./own-values.ts";

const put = async (store: Store, key: string, value: string): Promise<Revision> =>
  (await store.put(key, Buffer.from(value), { expect: "any" })).modRevision;

describe("what a build has written itself", () => {
  it("is what came after its mark, which stays for as long as the build does", async () => {
    await using store = await openMemoryStore();
    const since = await markOwnValues(store, "a");
    await put(store, "/registry/pods/default/x", "a");
    expect(await markOwnValues(store, "a")).toBe(since);
    const later = await markOwnValues(store, "b");
    expect(later).toBe(await store.revision());
    expect(await markOwnValues(store, "a")).toBeGreaterThan(later ?? 0);
  });

  it("is nothing where nobody can tell which build it is, and the mark goes", async () => {
    await using store = await openMemoryStore();
    expect(await markOwnValues(store, undefined)).toBeUndefined();
    expect(await store.revision()).toBe(0);
    await markOwnValues(store, "a");
    expect(await markOwnValues(store, undefined)).toBeUndefined();
    const foreign = await put(store, "/registry/pods/default/x", "not by a");
    expect(await markOwnValues(store, "a")).toBeGreaterThan(foreign);
  });

  it("is nothing without the mark's own write: a start that cannot mark fails", async () => {
    const store = await openMemoryStore();
    await store[Symbol.asyncDispose]();
    await expect(markOwnValues(store, "a")).rejects.toThrow(/closed/);
  });

  it("is never another build's, whatever was started after what, and wherever it ended", async () => {
    const run = fc.record({
      build: fc.constantFrom("a", "b", undefined),
      /** As many writes as there were before the process was killed. */
      writes: fc.array(fc.constantFrom("/registry/pods/x", "/registry/pods/y", "/registry/nodes/z"), { maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(run, { maxLength: 8 }), async (runs) => {
        await using store = await openMemoryStore();
        for (const { build, writes } of runs) {
          const since = await markOwnValues(store, build);
          for (const { value, modRevision } of (await store.list("/registry/")).items)
            if (since !== undefined && modRevision > since) expect(value.toString()).toBe(build);
          for (const key of writes) await put(store, key, String(build));
        }
      }),
    );
  });
});
