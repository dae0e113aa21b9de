import { expect, it } from "vitest";
import { ActivityGauge } from "./activity.ts";

it("is idle when nothing is under way, and nothing new came of it", async () => {
  const activity = new ActivityGauge();
  const order: string[] = [];
  const first = activity.begin();
  setImmediate(() => {
    order.push("first");
    first();
    setImmediate(() => {
      const second = activity.begin();
      setImmediate(() => {
        order.push("second");
        second();
      });
    });
  });
  await activity.idle();
  order.push("idle");
  expect(order).toEqual(["first", "second", "idle"]);
  expect(activity.running).toBe(0);
});

it("counts an end once", async () => {
  const activity = new ActivityGauge();
  const end = activity.begin();
  const other = activity.begin();
  end();
  end();
  expect(activity.running).toBe(1);
  other();
  await activity.idle();
});

it("is idle while what is under way rests", async () => {
  const activity = new ActivityGauge();
  const end = activity.begin();
  const takeUp = activity.rest();
  await activity.idle();
  takeUp();
  takeUp();
  expect(activity.running).toBe(1);
  setImmediate(end);
  await activity.idle();
  expect(activity.running).toBe(0);
});
