import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatIp,
  formatNetwork,
  ipProblems,
  networkContains,
  networkProblems,
  networkStart,
  parseIp,
  parseNetwork,
} from "./ip.ts";

describe("addresses", () => {
  it.each([
    ["1.2.3.4", "1.2.3.4"],
    ["255.255.255.255", "255.255.255.255"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["0:0:0:1:0:0:0:0", "0:0:0:1::"],
    ["64:ff9b::1.2.3.4", "64:ff9b::102:304"],
    ["::ffff:1.2.3.4", "1.2.3.4"],
  ])("%s is %s", (text, canonical) => {
    const ip = parseIp(text);
    expect(ip && formatIp(ip)).toBe(canonical);
  });

  it.each([
    "",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "1.2.3.4 ",
    "1.2.3.a",
    ":",
    ":::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1::2::3",
    "1:2:3:4:5:6:7::8",
    "::g",
    "::10000",
    "fe80::1%eth0",
    "::1.2.3",
    "1.2.3.4::",
    "0x1.2.3.4",
    "-1.2.3.4",
    "1".repeat(200),
  ])("%j is none", (text) => expect(parseIp(text)).toBeUndefined());

  it.each([
    ["x", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"],
    ["010.0.0.1", "must not have leading 0s"],
    ["::ffff:1.2.3.4", "must not be an IPv4-mapped IPv6 address"],
  ])("%s: %s", (text, problem) => expect(ipProblems(text)).toEqual([problem]));

  it("must be canonical where that is asked", () => {
    expect(ipProblems("2001:DB8::1")).toEqual([]);
    expect(ipProblems("2001:DB8::1", { canonical: true })).toEqual(['must be in canonical form ("2001:db8::1")']);
    expect(ipProblems("10.0.0.1", { canonical: true })).toEqual([]);
  });

  it("agree with node on what is valid and survive their text", () => {
    const noise = fc.string({ unit: fc.constantFrom("0", "1", "f", "25", ":", "::", "."), maxLength: 12 });
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), noise), (text) => {
        const problems = ipProblems(text).filter((problem) => problem !== "must not be an IPv4-mapped IPv6 address");
        expect(problems.length === 0).toBe(isIP(text) !== 0);
        const ip = parseIp(text);
        if (ip === undefined) return;
        expect(isIP(formatIp(ip))).toBe(ip.family === "IPv4" ? 4 : 6);
        expect(parseIp(formatIp(ip))).toEqual(ip);
      }),
    );
  });
});

describe("networks", () => {
  it.each([
    ["10.0.0.0/8", []],
    ["0.0.0.0/0", []],
    ["2001:db8::/64", []],
    ["10.0.0.1/8", ["must not have bits set beyond the prefix length"]],
    ["10.0.0.0/08", ["must not have leading 0s in IP or prefix length"]],
    ["010.0.0.0/8", ["must not have leading 0s in IP or prefix length"]],
    ["::ffff:10.0.0.0/104", ["must not have an IPv4-mapped IPv6 address"]],
    ["10.0.0.0/33", ["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"]],
    ["10.0.0.0", ["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"]],
    ["10.0.0.0/-1", ["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"]],
    ["::/129", ["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"]],
  ])("%s: %j", (text, problems) => expect(networkProblems(text)).toEqual(problems));

  it("must be canonical where that is asked", () => {
    expect(networkProblems("2001:DB8::/32", { canonical: true })).toEqual([
      'must be in canonical form ("2001:db8::/32")',
    ]);
  });

  it("know what they contain", () => {
    const network = parseNetwork("10.1.2.3/16");
    const [inside, outside, other] = [parseIp("10.1.255.255"), parseIp("10.2.0.0"), parseIp("::1")];
    if (!network || !inside || !outside || !other) throw new Error("not parsed");
    expect(networkContains(network, inside)).toBe(true);
    expect(networkContains(network, outside)).toBe(false);
    expect(networkContains(network, other)).toBe(false);
    expect(formatNetwork({ ip: networkStart(network), prefix: network.prefix })).toBe("10.1.0.0/16");
  });
});
