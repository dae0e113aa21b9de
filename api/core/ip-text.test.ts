import { isIP } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { cidrFamily, ipFamily } from "./ip-text.ts";

test.each<[string, string | undefined]>([
  ["10.0.0.1", "IPv4"],
  ["010.0.0.1", undefined],
  ["256.0.0.1", undefined],
  ["10.0.0", undefined],
  ["::", "IPv6"],
  ["::1", "IPv6"],
  ["fd00::ffff:10.0.0.1", "IPv6"],
  ["1:2:3:4:5:6:7:8", "IPv6"],
  ["1:2:3:4:5:6:7::8", undefined],
  ["1::2::3", undefined],
  ["10.0.0.1::", undefined],
  [":::", undefined],
  ["1:2:3", undefined],
  ["", undefined],
])("%s is %s", (text, family) => {
  expect(ipFamily(text)).toBe(family);
});

test("agrees with node on addresses of any form", () => {
  const family = (text: string): number => (ipFamily(text) === undefined ? 0 : ipFamily(text) === "IPv4" ? 4 : 6);
  const noise = fc.string({ unit: fc.constantFrom("0", "1", "f", "25", ":", "::", "."), maxLength: 12 });
  fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), noise), (text) => family(text) === isIP(text)));
});

test.each<[string, string | undefined]>([
  ["10.0.0.0/8", "IPv4"],
  ["10.0.0.0/33", undefined],
  ["fd00::/112", "IPv6"],
  ["fd00::/129", undefined],
  ["10.0.0.0", undefined],
  ["10.0.0.0/8/8", undefined],
  ["10.0.0.0/08", undefined],
])("%s is a range of %s", (text, family) => {
  expect(cidrFamily(text)).toBe(family);
});
