import { describe, expect, it } from "vitest";
import { age } from "./age.ts";
import { formatLabels, formatLabelSelector } from "./labels.ts";

describe("cells", () => {
  it("show labels sorted", () => {
    expect(formatLabels({ b: "2", a: "1" })).toBe("a=1,b=2");
    expect(formatLabels({})).toBe("<none>");
    expect(formatLabels(undefined)).toBe("<none>");
  });

  it("show selectors", () => {
    expect(
      formatLabelSelector({
        matchLabels: { app: "web" },
        matchExpressions: [{ key: "tier", operator: "In", values: ["b", "a"] }],
      }),
    ).toBe("app=web,tier in (a,b)");
    expect(formatLabelSelector({})).toBe("<none>");
    expect(formatLabelSelector(undefined)).toBe("<none>");
    expect(formatLabelSelector({ matchExpressions: [{ key: "a", operator: "Odd" }] })).toBe("<error>");
  });

  it("show ages", () => {
    const now = Date.UTC(2026, 0, 2, 0, 2, 3);
    expect(age("2026-01-02T00:00:00Z", now)).toBe("2m3s");
    expect(age(undefined, now)).toBe("<unknown>");
    expect(age("2026-01-02T00:10:00Z", now)).toBe("<invalid>");
  });
});
