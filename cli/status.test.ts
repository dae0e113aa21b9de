import { expect, it } from "vitest";
import { duration } from "./status.ts";

it.each([
  [0, "0s"],
  [59_999, "59s"],
  [60_000, "1m"],
  [3_725_000, "1h2m"],
  [86_400_000 * 2 + 61_000, "2d"],
  [-5, "0s"],
])("tells %d ms as %s", (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});
