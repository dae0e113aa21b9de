import { expect, it } from "vitest";
import { warningHeaders } from "./warnings.ts";

it("quotes what is told, on one line of printable characters", () => {
  expect(warningHeaders(new Set(['say "a\\b"\nand é']))).toEqual(['299 - "say \\"a\\\\b\\" and ?"']);
});

it("cuts each where all together are too long, and leaves out what is still too much", () => {
  const long = Array.from({ length: 40 }, (_, index) => `${index} `.padEnd(300, "x"));
  const told = warningHeaders(new Set(long));
  expect(told).toHaveLength(16);
  expect(told[0]).toBe(`299 - "${long[0]?.slice(0, 256)}"`);
});
