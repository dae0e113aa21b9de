import { expect, it } from "vitest";
import { ManualClock } from "../../storage/manual-clock.testing.ts";
import { onceLate } from "./once-late.ts";

it.each([1, 99, 100, 101, 60_000])("calls back when %i ms are over, and not before", (milliseconds) => {
  const clock = new ManualClock(1000);
  const late: number[] = [];
  onceLate(1000 + milliseconds, clock, () => late.push(clock.now()));
  clock.advance(milliseconds - 1);
  expect(late).toEqual([]);
  clock.advance(1);
  expect(late).toEqual([1000 + milliseconds]);
  clock.advance(100_000);
  expect(late).toHaveLength(1);
});

it("keeps those apart that began together, and forgets what was canceled, soon or later", () => {
  const clock = new ManualClock(0);
  const late: string[] = [];
  const wait = (name: string, end: number): (() => void) => onceLate(end, clock, () => late.push(name));
  const soon = wait("canceled soon", 500);
  wait("short", 200);
  const later = wait("canceled later", 500);
  soon();
  clock.advance(150);
  later();
  wait("another", 400);
  clock.advance(1000);
  expect(late).toEqual(["short", "another"]);
});
