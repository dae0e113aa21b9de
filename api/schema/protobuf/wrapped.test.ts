import { expect, test } from "vitest";
import { formatDuration, parseDuration } from "./wrapped.ts";

/** Pairs from Go's time package documentation and behaviour. */
test.each([
  ["0s", 0n],
  ["1ns", 1n],
  ["1.1µs", 1100n],
  ["2.2ms", 2_200_000n],
  ["3.3s", 3_300_000_000n],
  ["4m5s", 245_000_000_000n],
  ["4m5.001s", 245_001_000_000n],
  ["5h6m7.001s", 18_367_001_000_000n],
  ["8m0.000000001s", 480_000_000_001n],
  ["2562047h47m16.854775807s", 2n ** 63n - 1n],
  ["-1h0m0s", -3_600_000_000_000n],
])("%s is %d ns", (text, nanoseconds) => {
  expect(formatDuration(nanoseconds)).toBe(text);
  expect(parseDuration(text)).toBe(nanoseconds);
});

test.each([
  ["1h", 3_600_000_000_000n],
  ["1.5h", 5_400_000_000_000n],
  [".5s", 500_000_000n],
  ["+1us", 1000n],
  ["0", 0n],
])("%s is read as %d ns", (text, nanoseconds) => {
  expect(parseDuration(text)).toBe(nanoseconds);
});

test.each(["", "1", "s", "1x", "1h ", "-", "1.2.3s"])("%j is no duration", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});
