import { expect, it } from "vitest";
import type { EventLimit } from "./event-rate-limit.ts";
import { validateEventLimits } from "./validate-event-limits.ts";

const told = (...limits: EventLimit[]): readonly string[] =>
  validateEventLimits(limits).map(({ field, detail }) => `${field}: ${detail}`);

it("takes limits of every type", () => {
  expect(told({ type: "Server", qps: 1, burst: 1 }, { type: "User", qps: 1, burst: 2, cacheSize: 10 })).toEqual([]);
  expect(told({ type: "Server", qps: 1, burst: 1, cacheSize: -1 })).toEqual([]);
});

it("wants at least one, and positive numbers", () => {
  expect(told()).toEqual(["limits: must not be empty"]);
  expect(told({ type: "Namespace", qps: 0, burst: -1, cacheSize: -1 })).toEqual([
    "limits[0].burst: must be positive",
    "limits[0].qps: must be positive",
    "limits[0].cacheSize: must not be negative",
  ]);
});
