import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../../storage/manual-clock.testing.ts";
import { parseLabelSelector } from "../../api/machinery/label-query.ts";
import { everything } from "../../api/machinery/labels.ts";
import type { Selection } from "./selection.ts";
import { everyPod, podKind, takeAll, watchedPods, type PodState, type WatchedPods } from "./watched-pods.testing.ts";
import type { Watcher } from "./watcher.ts";

const kind = podKind();

const pod = (name: string, app = "web", node = "a"): PodState => ({ namespace: "default", name, app, node });

/** Waits until so many events were told. */
async function takeCount(watch: Watcher, count: number): Promise<readonly string[]> {
  const events: string[] = [];
  while (events.length < count && !watch.ended) {
    events.push(...takeAll(watch));
    if (events.length < count && !watch.ended) await new Promise<void>((resolve) => watch.onReadable(resolve));
  }
  return events;
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe("a watcher that reads too slowly", () => {
  it("goes on from history with more than it may queue, without loss, duplicates or disorder", async () => {
    await using pods = await watchedPods(kind);
    const watch = pods.watch({});
    for (let index = 0; index < 2600; index += 1) await pods.put(pod(`p${index % 7}`, `app-${index}`));
    expect(await takeCount(watch, 2600)).toEqual(pods.expected(() => true, 0));
    await settled();
    expect(watch.take(1)).toBeUndefined();
    await pods.put(pod("late"));
    expect(takeAll(watch)).toHaveLength(1);
  });

  it("keeps no more than its bound, whatever the window holds when it joins", async () => {
    await using pods = await watchedPods(kind);
    for (let index = 0; index < 3000; index += 1) await pods.put(pod(`p${index}`));
    const watch = pods.watch({ after: 0 });
    await settled();
    const ready = takeAll(watch);
    expect(ready.length).toBeLessThan(1500);
    const rest = await takeCount(watch, 3000 - ready.length);
    expect([...ready, ...rest]).toEqual(pods.expected(() => true, 0));
  });

  it("is told 410 when history was compacted away under it", async () => {
    const clock = new ManualClock(0);
    await using pods = await watchedPods(kind, clock);
    for (let index = 0; index < 10; index += 1) await pods.put(pod(`p${index}`));
    clock.advance(80_000);
    await pods.put(pod("p10"));
    clock.advance(80_000);
    const newest = await pods.put(pod("p11"));
    await pods.store.compact(newest);
    const watch = pods.watch({ after: 3 });
    await new Promise<void>((resolve) => watch.onReadable(resolve));
    const [line = ""] = Buffer.from(watch.take(1000) ?? [])
      .toString()
      .split("\n");
    expect(JSON.parse(line)).toMatchObject({
      type: "ERROR",
      object: { kind: "Status", code: 410, reason: "Expired", message: `too old resource version: 3 (${newest})` },
    });
    expect(watch.ended).toBe(true);
  });

  it("is not told of a failure of the history that it has left", async () => {
    await using pods = await watchedPods(kind);
    const watch = pods.watch({});
    for (let index = 0; index < 1200; index += 1) await pods.put(pod(`p${index}`));
    watch.close();
    await pods.store.compact(1200);
    await settled();
    expect(takeAll(watch).every((event) => event.startsWith("ADDED"))).toBe(true);
    expect(watch.ended).toBe(true);
  });
});

describe("a watch", () => {
  it("from a revision that is still to come tells only what comes after it", async () => {
    await using pods = await watchedPods(kind);
    const first = await pods.put(pod("a"));
    const watch = pods.watch({ after: first + 2, bookmarks: true });
    await pods.put(pod("b"));
    watch.offerBookmark();
    await pods.put(pod("c"));
    const told = await pods.put(pod("d"));
    expect(takeAll(watch)).toEqual([`BOOKMARK ${first + 2}`, `ADDED default/d ${told}`]);
  });

  it("that expires with events waiting tells them first, then how far it has seen", async () => {
    await using pods = await watchedPods(kind);
    const watch = pods.watch({ bookmarks: true, selection: { ...everyPod, labels: parseLabelSelector("app=web") } });
    const first = await pods.put(pod("a"));
    const last = await pods.put(pod("b", "other"));
    watch.expire();
    expect(watch.ended).toBe(false);
    expect(takeAll(watch)).toEqual([`ADDED default/a ${first}`, `BOOKMARK ${last}`]);
    expect(watch.ended).toBe(true);
  });

  it("that expires before it has told its first objects gives no bookmark, which would hide the rest", async () => {
    await using pods = await watchedPods(kind);
    await pods.put(pod("a"));
    await pods.put(pod("b"));
    const records = [...pods.resource.select(everyPod)];
    const watch = pods.watch({ initial: { records, bookmark: true }, bookmarks: true });
    expect(takeAll(watch, 1)).toHaveLength(1);
    watch.expire();
    expect(takeAll(watch)).toEqual([]);
    expect(watch.ended).toBe(true);
  });

  it("leaves nothing behind in the cache when it is closed in any state", async () => {
    await using pods = await watchedPods(kind);
    for (let index = 0; index < 1500; index += 1) await pods.put(pod(`p${index}`));
    const watches = [
      pods.watch({}),
      pods.watch({ after: 1 }),
      pods.watch({ initial: { records: [...pods.resource.select(everyPod)], bookmark: true } }),
      pods.watch({ selection: { ...everyPod, fields: [{ field: "spec.nodeName", operator: "=", value: "a" }] } }),
    ];
    expect(pods.resource.listenerCount).toBeGreaterThan(0);
    for (const watch of watches) watch.close();
    await settled();
    expect(pods.resource.listenerCount).toBe(0);
    expect([...pods.resource.listeners()]).toEqual([]);
  });

  it("of one node costs nothing when pods of other nodes change", async () => {
    await using pods = await watchedPods(kind);
    const offered: string[] = [];
    for (const node of ["a", "b"]) {
      const watch = pods.watch({
        selection: { ...everyPod, fields: [{ field: "spec.nodeName", operator: "=", value: node }] },
      });
      const offer = watch.offer.bind(watch);
      watch.offer = (event) => {
        offered.push(node);
        offer(event);
      };
    }
    await pods.put(pod("x", "web", "a"));
    await pods.put(pod("x", "web", "c"));
    await pods.put(pod("y", "web", "c"));
    expect(offered).toEqual(["a", "a"]);
  });
});

interface Wish {
  readonly selection: Selection;
  readonly wants: (pod: PodState) => boolean;
}

const wishes: readonly Wish[] = [
  { selection: everyPod, wants: () => true },
  { selection: { ...everyPod, namespace: "one" }, wants: ({ namespace }) => namespace === "one" },
  { selection: { ...everyPod, labels: parseLabelSelector("app=web") }, wants: ({ app }) => app === "web" },
  { selection: { ...everyPod, labels: parseLabelSelector("app notin (web)") }, wants: ({ app }) => app !== "web" },
  {
    selection: { ...everyPod, fields: [{ field: "spec.nodeName", operator: "=", value: "" }] },
    wants: ({ node }) => node === "",
  },
  {
    selection: { ...everyPod, namespace: "two", fields: [{ field: "spec.nodeName", operator: "=", value: "n1" }] },
    wants: ({ node, namespace }) => node === "n1" && namespace === "two",
  },
  {
    selection: { namespace: "", labels: everything, fields: [{ field: "metadata.name", operator: "=", value: "p1" }] },
    wants: ({ name }) => name === "p1",
  },
  {
    selection: { ...everyPod, fields: [{ field: "metadata.namespace", operator: "!=", value: "one" }] },
    wants: ({ namespace }) => namespace !== "one",
  },
];

type Step =
  | { readonly does: "write"; readonly times: number; readonly seed: number }
  | { readonly does: "open"; readonly wish: number; readonly back: number; readonly initial: boolean }
  | { readonly does: "read"; readonly watch: number; readonly bytes: number }
  | { readonly does: "pause" };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        does: fc.constant("write" as const),
        times: fc.integer({ min: 1, max: 300 }),
        seed: fc.nat(),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        does: fc.constant("open" as const),
        wish: fc.nat(wishes.length - 1),
        back: fc.nat(1500),
        initial: fc.boolean(),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        does: fc.constant("read" as const),
        watch: fc.nat(20),
        bytes: fc.integer({ min: 1, max: 50_000 }),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ does: "pause" as const }) },
  ),
  { minLength: 5, maxLength: 40 },
);

/** Writes that are reproduced by their seed: creations, changes of labels and nodes, deletions. */
async function write(pods: WatchedPods, times: number, seed: number): Promise<void> {
  let state = seed;
  const next = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  for (let time = 0; time < times; time += 1) {
    const name = `p${next(4)}`;
    const namespace = ["one", "two"][next(2)] ?? "one";
    if (next(4) === 0) await pods.remove({ namespace, name });
    else await pods.put({ namespace, name, app: ["web", "db"][next(2)] ?? "", node: ["", "n1", "n2"][next(3)] ?? "" });
  }
}

describe("any number of watchers", () => {
  it(
    "see every change that concerns them exactly once and in order, at whatever pace they read",
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (history) => {
          await using pods = await watchedPods(kind);
          const open: {
            readonly watch: Watcher;
            readonly wish: Wish;
            readonly after: number;
            readonly first: readonly string[];
            readonly seen: string[];
          }[] = [];
          for (const step of history) {
            switch (step.does) {
              case "write":
                await write(pods, step.times, step.seed);
                break;
              case "open": {
                const wish = wishes[step.wish] ?? { selection: everyPod, wants: () => true };
                const after = Math.max(0, pods.cache.revision - (step.initial ? 0 : step.back));
                const initial = { records: [...pods.resource.select(wish.selection)], bookmark: true };
                const watch = pods.watch({ selection: wish.selection, after, ...(step.initial ? { initial } : {}) });
                const first = step.initial ? [...pods.present(wish.wants), `BOOKMARK ${after}`] : [];
                open.push({ watch, wish, after, first, seen: [] });
                break;
              }
              case "read": {
                const reader = open[step.watch % Math.max(1, open.length)];
                reader?.seen.push(...takeAll(reader.watch, step.bytes));
                break;
              }
              case "pause":
                await settled();
            }
          }
          for (const { watch, wish, after, first, seen } of open) {
            const expected = [...first, ...pods.expected(wish.wants, after)];
            seen.push(...(await takeCount(watch, expected.length - seen.length)));
            expect(seen).toEqual(expected);
            await settled();
            expect(watch.take(1)).toBeUndefined();
            watch.close();
          }
          expect(pods.resource.listenerCount).toBe(0);
        }),
        { numRuns: 25 },
      );
    },
  );
});
