import fc from "fast-check";
import { expect, it } from "vitest";
import { ActivityGauge } from "./activity.ts";
import { SimulatedClock } from "./simulated-clock.ts";

const settled = (): Promise<void> => Promise.resolve();

it("fires what is due, in order of time and then of arrival, and nothing later", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 }),
      fc.integer({ min: 0, max: 60 }),
      async (delays, advanced) => {
        const clock = new SimulatedClock(1000, settled);
        const fired: { readonly delay: number; readonly at: number; readonly index: number }[] = [];
        for (const [index, delay] of delays.entries())
          clock.after(delay, () => fired.push({ delay, at: clock.now() - 1000, index }));
        await clock.advance(advanced);
        const expected = delays
          .map((delay, index) => ({ delay, at: delay, index }))
          .filter(({ delay }) => delay <= advanced)
          .toSorted((left, right) => left.delay - right.delay || left.index - right.index);
        expect(fired).toEqual(expected);
        expect(clock.now()).toBe(1000 + advanced);
      },
    ),
  );
});

it("fires no cancelled timer, also when one of the same instant cancels it", async () => {
  const clock = new SimulatedClock(0, settled);
  const fired: string[] = [];
  clock.after(10, () => {
    fired.push("first");
    cancel();
  });
  const cancel = clock.after(10, () => fired.push("second"));
  await clock.advance(10);
  expect(fired).toEqual(["first"]);
});

it("waits for work that a timer began before time goes on", async () => {
  const activity = new ActivityGauge();
  const clock = new SimulatedClock(0, () => activity.idle());
  const seen: number[] = [];
  clock.after(10, () => {
    const end = activity.begin();
    setImmediate(() => {
      seen.push(clock.now());
      clock.after(5, () => seen.push(clock.now()));
      end();
    });
  });
  clock.after(12, () => seen.push(clock.now()));
  await clock.advance(20);
  expect(seen).toEqual([10, 12, 15]);
});

it("stops where something holds, and tells when it never does", async () => {
  const clock = new SimulatedClock(0, settled);
  let rang = false;
  clock.after(30, () => (rang = true));
  await expect(clock.until(() => rang, 20)).resolves.toBe(false);
  await expect(clock.until(() => rang, 20)).resolves.toBe(true);
  expect(clock.now()).toBe(30);
});
