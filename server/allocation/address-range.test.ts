import { describe, expect, test } from "vitest";
import { parseIp } from "../../api/machinery/ip.ts";
import type { Random } from "../../base/random.ts";
import { addressRange, candidates, holds, type AddressRange } from "./address-range.ts";

/** Draws the number that is given, or the highest that is allowed. */
const drawing = (number: number): Random => ({ uuid: () => "", integer: (below) => Math.min(number, below - 1) });

function rangeOf(cidr: string): AddressRange {
  const range = addressRange(cidr);
  if (range === undefined) throw new Error(`${cidr} is no range`);
  return range;
}

function allOf(cidr: string, random = drawing(0)): string[] {
  return [...candidates(rangeOf(cidr), random)];
}

test("a small range has no band for people: every address but the network's and the broadcast one", () => {
  expect(allOf("10.0.0.0/29", drawing(4))).toEqual([
    "10.0.0.5",
    "10.0.0.6",
    "10.0.0.1",
    "10.0.0.2",
    "10.0.0.3",
    "10.0.0.4",
  ]);
  expect(allOf("fd00::/125")).toEqual(["fd00::1", "fd00::2", "fd00::3", "fd00::4", "fd00::5", "fd00::6", "fd00::7"]);
});

test.each([
  ["10.96.0.0/16", "10.96.1.1"],
  ["10.96.0.0/20", "10.96.1.1"],
  ["10.96.0.0/24", "10.96.0.17"],
  ["10.96.0.0/27", "10.96.0.17"],
  ["fd00:10:96::/112", "fd00:10:96::101"],
])("in %s the dynamic band starts at %s", (cidr, first) => {
  expect(candidates(rangeOf(cidr), drawing(0)).next().value).toBe(first);
});

test("the lower band comes when the upper one is used up, and nothing comes twice", () => {
  const all = allOf("10.96.0.0/24", drawing(100));
  expect(all).toHaveLength(254);
  expect(new Set(all).size).toBe(254);
  expect(all[0]).toBe("10.96.0.117");
  expect(all.slice(-16).sort()).toContain("10.96.0.1");
});

test("a draw from the widest IPv6 range stays in it", () => {
  const range = rangeOf("fd00::/64");
  const { value } = candidates(range, drawing(Number.MAX_SAFE_INTEGER)).next();
  expect(holds(range, parseIp(value as string) ?? { family: "IPv4", value: 0n })).toBe(true);
});

test.each(["10.0.0.0/31", "10.0.0.0/32", "fd00::/128"])("%s has no address to give", (cidr) => {
  expect(allOf(cidr)).toEqual([]);
});

test.each(["fd00::/63", "10.0.0.0", "nonsense"])("%s is no range for services", (cidr) => {
  expect(addressRange(cidr)).toBeUndefined();
});

describe("10.0.0.0/29 holds", () => {
  test.each([
    ["10.0.0.0", false],
    ["10.0.0.1", true],
    ["10.0.0.6", true],
    ["10.0.0.7", false],
    ["10.0.0.8", false],
    ["::a00:1", false],
  ])("%s: %s", (text, expected) => {
    const ip = parseIp(text);
    expect(ip !== undefined && holds(rangeOf("10.0.0.0/29"), ip)).toBe(expected);
  });
});
