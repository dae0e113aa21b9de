import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalMicroTime, canonicalTime, formatMicroTime, formatTime, parseTime, timeMillis } from "./time.ts";

describe("times", () => {
  it.each([
    ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000Z"],
    ["2026-01-02T03:04:05.678901234Z", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.678901Z"],
    ["2026-01-02T03:04:05.5+02:00", "2026-01-02T01:04:05Z", "2026-01-02T01:04:05.500000Z"],
    ["2025-12-31T23:59:59-00:30", "2026-01-01T00:29:59Z", "2026-01-01T00:29:59.000000Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z"],
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"],
    ["0050-06-01T00:00:00+01:00", "0050-05-31T23:00:00Z", "0050-05-31T23:00:00.000000Z"],
    ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000000Z"],
  ])("%s", (text, time, microTime) => {
    expect(canonicalTime(text)).toBe(time);
    expect(canonicalMicroTime(text)).toBe(microTime);
  });

  it.each([
    "",
    "2026-01-02",
    "2026-01-02 03:04:05Z",
    "2026-01-02T03:04:05",
    "2026-13-02T03:04:05Z",
    "2025-02-29T00:00:00Z",
    "2026-01-02T24:00:00Z",
    "2026-01-02T03:04:60Z",
    "2026-04-31T00:00:00Z",
    "2026-01-02T03:04:05z",
    "2026-01-02T03:04:05.Z",
    "2026-01-02T03:04:05+25:00",
    "x".repeat(200),
  ])("%j is none", (text) => {
    expect(parseTime(text)).toBeUndefined();
    expect(canonicalTime(text)).toBeUndefined();
  });

  it("come from milliseconds and go back to them", () => {
    fc.assert(
      fc.property(fc.integer({ min: -62135596800000, max: 253402300799999 }), (now) => {
        expect(timeMillis(formatMicroTime(now))).toBe(now);
        expect(timeMillis(formatTime(now))).toBe(Math.floor(now / 1000) * 1000);
      }),
    );
    expect(formatMicroTime(1_767_323_045_678.25)).toBe("2026-01-02T03:04:05.678250Z");
  });

  it("may be absent", () => {
    expect(timeMillis(undefined)).toBeUndefined();
    expect(timeMillis(null)).toBeUndefined();
    expect(timeMillis("x")).toBeUndefined();
  });
});
