import { expect, it } from "vitest";
import { requestLimits } from "./request-limits.ts";

it("has upstream's defaults, and takes one limit without the other", () => {
  expect(requestLimits({})).toEqual({ inFlight: { readOnly: 400, mutating: 200 }, priorityAndFairness: true });
  expect(requestLimits({ inFlight: { mutating: 5 }, requestTimeout: 1500 })).toEqual({
    inFlight: { readOnly: 400, mutating: 5 },
    priorityAndFairness: true,
    requestTimeout: 1500,
  });
});

it("has seats for somebody, unless nobody is counted", () => {
  const inFlight = { readOnly: 0, mutating: 0 };
  expect(() => requestLimits({ inFlight })).toThrow("must add up to something positive");
  expect(requestLimits({ inFlight, priorityAndFairness: false })).toEqual({ inFlight, priorityAndFairness: false });
});

it.each([-1, 1.5, Number.NaN, Infinity])("refuses %d requests", (count) => {
  expect(() => requestLimits({ inFlight: { readOnly: count } })).toThrow(`--max-requests-inflight: ${count} is not`);
  expect(() => requestLimits({ inFlight: { mutating: count } })).toThrow("--max-mutating-requests-inflight");
});

it.each([0, -1, 2 ** 31, Number.NaN])("refuses a timeout of %d ms", (requestTimeout) => {
  expect(() => requestLimits({ requestTimeout })).toThrow("--request-timeout: it must be longer than 0s");
});
