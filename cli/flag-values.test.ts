import { describe, expect, it } from "vitest";
import {
  address,
  boolean,
  count,
  gathered,
  port,
  portRange,
  serviceRanges,
  timeout,
  tolerationSeconds,
  verbosity,
} from "./flag-values.ts";

describe("ports and levels", () => {
  it.each([
    ["0", 0],
    ["6443", 6443],
    ["65535", 65_535],
  ])("takes port %s", (text, value) => {
    expect(port(text)).toBe(value);
  });
  it.each(["65536", "-1", "", "1e3", "0x10", " 1", "http"])("refuses port %j", (text) => {
    expect(() => port(text)).toThrow("a port is a number from 0 (any free one) to 65535");
  });
  it("takes levels from 0 to 10", () => {
    expect(verbosity("4")).toBe(4);
    expect(() => verbosity("11")).toThrow("a level is a number from 0 to 10");
  });
});

describe("numbers, durations and truths", () => {
  it("takes counts", () => {
    expect(["0", "400", "999999999"].map((text) => count(text))).toEqual([0, 400, 999_999_999]);
  });
  it.each(["-1", "1.5", "", "many", "1e3", "9999999999"])("refuses the count %j", (text) => {
    expect(() => count(text)).toThrow("it must be a whole number from 0 on");
  });
  it("takes seconds, also such as are over", () => {
    expect(["0", "300", "-1"].map((text) => tolerationSeconds(text))).toEqual([0, 300, -1]);
    for (const text of ["5m", "", "1.5", "9999999999999999"])
      expect(() => tolerationSeconds(text)).toThrow("a whole number of seconds");
  });
  it("takes Go's durations, in milliseconds", () => {
    expect(["60s", "1m30s", "1000.5ms", "1h"].map((text) => timeout(text))).toEqual([
      60_000, 90_000, 1000.5, 3_600_000,
    ]);
    for (const text of ["60", "0", "999ms", "-1s", "", "soon"])
      expect(() => timeout(text)).toThrow("it must be a duration from 1s on, such as 60s or 1m30s");
  });
  it("takes upstream's truths", () => {
    expect(["true", "T", "1", "false", "F", "0"].map((text) => boolean(text))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
    for (const text of ["yes", "off", ""]) expect(() => boolean(text)).toThrow("it must be true or false");
  });
});

describe("ranges of node ports", () => {
  it("takes both of upstream's forms", () => {
    expect(portRange("30000-32767")).toEqual({ first: 30_000, last: 32_767 });
    expect(portRange("30000+2767")).toEqual({ first: 30_000, last: 32_767 });
    expect(portRange("443-443")).toEqual({ first: 443, last: 443 });
  });
  it.each(["", "30000", "32767-30000", "0-10", "60000-70000", "a-b", "1-2-3"])("refuses %j", (text) => {
    expect(() => portRange(text)).toThrow("first-last within 1-65535");
  });
});

describe("ranges of services", () => {
  it("takes one range, or one of each family, in their canonical form", () => {
    expect(serviceRanges("10.96.0.0/16")).toEqual(["10.96.0.0/16"]);
    expect(serviceRanges("10.0.0.0/29, FD00:0::/108")).toEqual(["10.0.0.0/29", "fd00::/108"]);
  });
  it("says what is wrong with others", () => {
    expect(() => serviceRanges("10.96.0.0")).toThrow('"10.96.0.0" is not a range such as 10.96.0.0/16');
    expect(() => serviceRanges("10.96.0.0/33")).toThrow("is not a range");
    expect(() => serviceRanges("")).toThrow("is not a range");
    expect(() => serviceRanges("10.96.0.1/16")).toThrow('"10.96.0.1/16" is an address within 10.96.0.0/16; give that');
    expect(() => serviceRanges("10.96.0.0/30")).toThrow("too small");
    expect(() => serviceRanges("10.96.0.0/16,10.97.0.0/16")).toThrow("one IPv4 and one IPv6 range");
  });
});

it("takes addresses and nothing else", () => {
  expect(address("192.168.1.10")).toBe("192.168.1.10");
  expect(address("fd00::1")).toBe("fd00::1");
  expect(() => address("example.com")).toThrow("it must be an IP address");
});

it("gathers repeated and comma-separated values", () => {
  expect(gathered("b, c", gathered("a"))).toEqual(["a", "b", "c"]);
});
