import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ActivityGauge } from "../base/activity.ts";
import { SimulatedClock } from "../base/simulated-clock.ts";
import { WorkQueue } from "./work-queue.ts";

function queueAt0(): { queue: WorkQueue; clock: SimulatedClock; activity: ActivityGauge } {
  const activity = new ActivityGauge();
  const clock = new SimulatedClock(0, () => Promise.resolve());
  return { queue: new WorkQueue({ clock, activity }), clock, activity };
}

describe("a work queue", () => {
  it("gives keys in order, each once however often it was added", () => {
    const { queue } = queueAt0();
    for (const key of ["a", "b", "a", "c", "b"]) queue.add(key);
    expect([queue.take(), queue.take(), queue.take(), queue.take()]).toEqual(["a", "b", "c", undefined]);
  });

  it("gives a key that is worked on to nobody else, and once more if it was added meanwhile", () => {
    const { queue } = queueAt0();
    queue.add("a");
    queue.take();
    queue.add("a");
    queue.add("a");
    expect(queue.take()).toBeUndefined();
    queue.done("a");
    expect(queue.take()).toBe("a");
    queue.done("a");
    expect(queue.take()).toBeUndefined();
  });

  it("gives a delayed key when its time has come, the earlier of two", async () => {
    const { queue, clock } = queueAt0();
    queue.addAfter("a", 100);
    queue.addAfter("a", 50);
    queue.addAfter("a", 70);
    await clock.advance(49);
    expect(queue.take()).toBeUndefined();
    await clock.advance(1);
    expect(queue.take()).toBe("a");
    queue.done("a");
    await clock.advance(100);
    expect(queue.take()).toBeUndefined();
  });

  it("doubles the wait with each failure, up to a bound, and begins anew after a success", async () => {
    const { queue, clock } = queueAt0();
    const waits: number[] = [];
    for (let failure = 0; failure < 20; failure += 1) {
      const before = clock.now();
      queue.retry("a");
      await clock.until(() => queue.size > 0, 2_000_000);
      waits.push(clock.now() - before);
      queue.done(queue.take() ?? "");
    }
    expect(waits.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(waits.at(-1)).toBe(1_000_000);
    queue.forget("a");
    expect(queue.retries("a")).toBe(0);
  });

  it("is under way as long as a key waits or is worked on, and not for a delayed one", () => {
    const { queue, activity } = queueAt0();
    queue.addAfter("later", 10);
    expect(activity.running).toBe(0);
    queue.add("a");
    expect(activity.running).toBe(1);
    queue.take();
    queue.add("a");
    queue.done("a");
    expect(activity.running).toBe(1);
    queue.done(queue.take() ?? "");
    expect(activity.running).toBe(0);
  });

  it("never loses a key and never gives one to two workers, whatever the order", () => {
    const action = fc.oneof(
      fc.record({ do: fc.constant("add" as const), key: fc.constantFrom("a", "b", "c") }),
      fc.record({ do: fc.constant("take" as const) }),
      fc.record({ do: fc.constant("done" as const) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const { queue } = queueAt0();
        const owed = new Set<string>();
        const held: string[] = [];
        for (const step of actions) {
          if (step.do === "add") {
            queue.add(step.key);
            owed.add(step.key);
          } else if (step.do === "take") {
            const key = queue.take();
            if (key === undefined) continue;
            expect(held).not.toContain(key);
            expect(owed.delete(key)).toBe(true);
            held.push(key);
          } else queue.done(held.shift() ?? "none");
        }
        while (held.length > 0) queue.done(held.shift() ?? "");
        for (let key = queue.take(); key !== undefined; key = queue.take()) {
          owed.delete(key);
          queue.done(key);
        }
        expect([...owed]).toEqual([]);
      }),
    );
  });
});
