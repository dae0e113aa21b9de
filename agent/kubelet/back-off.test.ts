import { expect, it } from "vitest";
import { type BackOff, heldUntil, longer } from "./back-off.ts";

it("holds nobody back at first, then ever longer up to five minutes", () => {
  let backOff: BackOff | undefined;
  let now = 0;
  const waits: number[] = [];
  for (let tries = 0; tries < 8; tries += 1) {
    waits.push((heldUntil(backOff, now) ?? now) - now);
    backOff = longer(backOff, now, now);
    now += backOff.ms;
  }
  expect(waits.map((ms) => ms / 1000)).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
});

it("forgets failures of what ran well for ten minutes", () => {
  const backOff = { ms: 300_000, since: 0 };
  expect(heldUntil(backOff, 600_000)).toBe(900_000);
  expect(heldUntil(backOff, 600_001)).toBeUndefined();
  expect(longer(backOff, 600_001, 700_000)).toEqual({ ms: 10_000, since: 700_000 });
});
