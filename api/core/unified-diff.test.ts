import { expect, test } from "vitest";
import { unifiedDiff } from "./unified-diff.ts";

test("what is equal has no difference", () => {
  expect(unifiedDiff({ a: 1, b: undefined }, { a: 1 })).toBe("");
  expect(unifiedDiff({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe("");
});

test("shows changes with three lines around them, as difflib does", () => {
  const list = Array.from({ length: 12 }, (_, index) => index);
  expect(unifiedDiff(list, list.with(6, 60)).split("\n")).toEqual([
    "@@ -5,7 +5,7 @@",
    "  3,",
    "  4,",
    "  5,",
    "- 6,",
    "+ 60,",
    "  7,",
    "  8,",
    "  9,",
    "",
  ]);
});

test("changes far apart stand apart", () => {
  const list = Array.from({ length: 20 }, (_, index) => index);
  const heads = unifiedDiff(list, [...list.slice(1), 20]).match(/^@@.*$/gm);
  expect(heads).toEqual(["@@ -1,5 +1,4 @@", "@@ -18,5 +17,6 @@"]);
});
