import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDuration, humanDuration, parseDuration } from "./duration.ts";

describe("Go durations", () => {
  it.each([
    ["0", 0n, "0s"],
    ["5s", 5_000_000_000n, "5s"],
    ["1h30m", 5_400_000_000_000n, "1h30m0s"],
    ["1.5s", 1_500_000_000n, "1.5s"],
    ["-.5m", -30_000_000_000n, "-30s"],
    ["+1m", 60_000_000_000n, "1m0s"],
    ["100ms", 100_000_000n, "100ms"],
    ["1.5us", 1_500n, "1.5\u00b5s"],
    ["2\u03bcs", 2_000n, "2\u00b5s"],
    ["7ns", 7n, "7ns"],
    ["1.h", 3_600_000_000_000n, "1h0m0s"],
    ["90s", 90_000_000_000n, "1m30s"],
    ["8m0.000000001s", 480_000_000_001n, "8m0.000000001s"],
    ["2562047h47m16.854775807s", 2n ** 63n - 1n, "2562047h47m16.854775807s"],
    ["-2562047h47m16.854775808s", -(2n ** 63n), "-2562047h47m16.854775808s"],
  ])("%s", (text, nanos, canonical) => {
    expect(parseDuration(text)).toBe(nanos);
    expect(formatDuration(nanos)).toBe(canonical);
  });

  it.each([
    "",
    "1",
    "s",
    "1d",
    "-",
    ".s",
    "1h 2m",
    "1e3s",
    "9999999h",
    "2562047h47m16.854775808s",
    "1.2.3s",
    "1".repeat(200),
  ])("%j is none", (text) => expect(parseDuration(text)).toBeUndefined());

  it("survive their text", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }), (nanos) => {
        expect(parseDuration(formatDuration(nanos))).toBe(nanos);
      }),
    );
  });
});

describe("human durations", () => {
  const [minute, hour, day] = [60, 3600, 86_400];
  it.each([
    [-2, "<invalid>"],
    [-1.5, "0s"],
    [0, "0s"],
    [119, "119s"],
    [120, "2m"],
    [123, "2m3s"],
    [10 * minute - 1, "9m59s"],
    [10 * minute, "10m"],
    [179 * minute, "179m"],
    [3 * hour, "3h"],
    [7 * hour + 5 * minute, "7h5m"],
    [8 * hour, "8h"],
    [47 * hour, "47h"],
    [48 * hour, "2d"],
    [5 * day + hour, "5d1h"],
    [8 * day + hour, "8d"],
    [729 * day, "729d"],
    [730 * day, "2y"],
    [3 * 365 * day + 45 * day, "3y45d"],
    [8 * 365 * day + 45 * day, "8y"],
  ])("%d seconds: %s", (seconds, text) => expect(humanDuration(seconds)).toBe(text));
});
