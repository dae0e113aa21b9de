import { describe, expect, it } from "vitest";
import { ManualClock } from "../../storage/manual-clock.testing.ts";
import type { Leave } from "./flow-control.ts";
import { QueueSet, type Entering, type Response } from "./queue-set.ts";

const queued: Response = { type: "queue", queues: 64, handSize: 6, queueLengthLimit: 50 };

interface Trial {
  readonly clock: ManualClock;
  readonly set: QueueSet;
  /** What happened, in order. */
  readonly told: string[];
  enter(name: string, more?: Partial<Entering> & { readonly seats?: number }): Promise<Leave>;
  /** Whether it went on in the same tick. */
  immediate(name: string): boolean;
}

function trial(response: Response, seats: number): Trial {
  const clock = new ManualClock(1_000_000);
  const set = new QueueSet(clock, () => undefined);
  const told: string[] = [];
  const immediate = new Set<string>();
  set.configure(response, seats);
  return {
    clock,
    set,
    told,
    immediate: (name) => immediate.has(name),
    async enter(name, { seats: width = 1, ...more } = {}) {
      const entered = set.enter({
        flow: "flow",
        width: { seats: width },
        patience: 15_000,
        signal: () => new AbortController().signal,
        refusal: () => new Error(`${name} refused`),
        progress: {
          queued: () => void told.push(`${name} waits`),
          unqueued: () => undefined,
          started: (waited) => void told.push(`${name} starts after ${waited}`),
          ended: () => undefined,
          refused: (why) => void told.push(`${name} ${why}`),
        },
        ...more,
      });
      if (!(entered instanceof Promise)) immediate.add(name);
      return entered;
    },
  };
}

it("an exempt level never waits", async () => {
  const { enter, set } = trial({ type: "exempt" }, 0);
  for (let count = 0; count < 100; count += 1) void enter(`${count}`);
  expect(set.counts.executing).toBe(100);
});

it("a level that rejects turns away what finds no seat", async () => {
  const { enter, told } = trial({ type: "reject" }, 2);
  const leave = await enter("a");
  await enter("b");
  await expect(enter("c")).rejects.toThrow("c refused");
  leave();
  await enter("d");
  expect(told).toEqual(["a starts after 0", "b starts after 0", "c concurrency-limit", "d starts after 0"]);
});

describe("a level with queues", () => {
  it("lets in at once what finds a seat, and the next when one is given back", async () => {
    const { enter, told, clock, immediate } = trial(queued, 1);
    const leave = await enter("a");
    const waiting = enter("b");
    expect(immediate("a")).toBe(true);
    clock.advance(700);
    leave();
    await waiting;
    expect(told).toEqual(["a starts after 0", "b waits", "b starts after 700"]);
    expect(immediate("b")).toBe(false);
  });

  it("waits no longer than it is patient, and not for those who are gone", async () => {
    const { enter, told, clock, set } = trial(queued, 1);
    await enter("a");
    const gone = new AbortController();
    const late = enter("late");
    const left = enter("left", { signal: () => gone.signal });
    gone.abort();
    await expect(left).rejects.toThrow("left refused");
    clock.advance(14_999);
    expect(set.counts.waiting).toBe(1);
    clock.advance(1);
    await expect(late).rejects.toThrow("late refused");
    expect(set.counts).toMatchObject({ waiting: 0, executing: 1, wanted: 1 });
    expect(told.slice(3)).toEqual(["left cancelled", "late time-out"]);
  });

  it("is full at last", async () => {
    const { enter, told } = trial({ type: "queue", queues: 1, handSize: 1, queueLengthLimit: 2 }, 1);
    void enter("a");
    void enter("b");
    void enter("c");
    await expect(enter("d")).rejects.toThrow("d refused");
    expect(told.at(-1)).toBe("d queue-full");
  });

  it("serves flows in turn: a flow of many does not hold up a flow of few", async () => {
    const { enter, told, clock } = trial(queued, 1);
    let leave = await enter("first", { flow: "many" });
    const order: string[] = [];
    const come = async (name: string, flow: string): Promise<void> => {
      leave = await enter(name, { flow });
      order.push(name);
    };
    const turns = Array.from({ length: 12 }, (_, count) => come(`many ${count}`, "many"));
    turns.push(come("few", "few"));
    for (let turn = 1; turn <= turns.length; turn += 1) {
      clock.advance(10);
      leave();
      while (order.length < turn) await Promise.resolve();
    }
    await Promise.all(turns);
    // The many have six queues, the few has one of its own.
    expect(order.indexOf("few")).toBeLessThan(7);
    expect(told).toContain("few waits");
  });

  it("keeps the seats of a wide request together, and lets in what is wider than the level alone", async () => {
    const { enter, told, set } = trial({ type: "queue", queues: 1, handSize: 1, queueLengthLimit: 50 }, 4);
    const one = await enter("one");
    const wide = enter("wide", { seats: 4 });
    const late = enter("late", { flow: "other" });
    expect(set.counts).toMatchObject({ waiting: 2, seatsInUse: 1 });
    one();
    (await wide)();
    (await late)();
    const whale = await enter("whale", { seats: 9 });
    expect(set.counts.seatsInUse).toBe(9);
    const next = enter("next");
    whale();
    await next;
    expect(told.filter((line) => line.includes("starts")).map((line) => line.split(" ")[0])).toEqual([
      "one",
      "wide",
      "late",
      "whale",
      "next",
    ]);
  });

  it("keeps the seats that a write costs its watchers for a while", async () => {
    const { enter, clock, set } = trial(queued, 10);
    const leave = await enter("write", { width: { seats: 1, final: { seats: 3, milliseconds: 5 } } });
    leave();
    expect(set.counts.seatsInUse).toBe(3);
    clock.advance(5);
    expect(set.counts.seatsInUse).toBe(0);
    expect(set.idle).toBe(true);
  });

  it("gives way when it gets more seats, and keeps no queues that nobody is in", async () => {
    const { enter, set } = trial({ type: "queue", queues: 10_000_000, handSize: 2, queueLengthLimit: 50 }, 1);
    const first = await enter("a");
    const second = enter("b");
    set.configure({ type: "queue", queues: 64, handSize: 6, queueLengthLimit: 50 }, 2);
    const leave = await second;
    expect(set.counts.executing).toBe(2);
    first();
    leave();
    expect([...set.dump()]).toEqual([]);
  });
});
