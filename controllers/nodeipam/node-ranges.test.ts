import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Node } from "../../api/generated/types/core-v1.ts";
import { networkContains, parseNetwork } from "../../api/machinery/ip.ts";
import { NodeRanges } from "./node-ranges.ts";
import { PodRangeError, RangePool } from "./range-pool.ts";

function take(pool: RangePool, count: number): (string | undefined)[] {
  return Array.from({ length: count }, () => pool.take());
}

describe("a range in equal shares", () => {
  it.each([
    ["10.244.0.0/16", 24, ["10.244.0.0/24", "10.244.1.0/24", "10.244.2.0/24"]],
    ["10.244.0.0/23", 24, ["10.244.0.0/24", "10.244.1.0/24", undefined]],
    ["10.244.7.0/24", 24, ["10.244.7.0/24", undefined, undefined]],
    ["fd00:10:244::/56", 64, ["fd00:10:244::/64", "fd00:10:244:1::/64", "fd00:10:244:2::/64"]],
    ["fd00::/112", 120, ["fd00::/120", "fd00::100/120", "fd00::200/120"]],
  ])("%s by /%i", (range, mask, expected) => {
    expect(take(new RangePool(range, mask), 3)).toEqual(expected);
  });

  it.each([
    ["nonsense", 24],
    ["10.0.0.0/24", 16],
    ["10.0.0.0/24", 33],
    ["fd00::/48", 128],
  ])("is not made of %s by /%i", (range, mask) => {
    expect(() => new RangePool(range, mask)).toThrow(PodRangeError);
  });

  it.each([
    ["the first of them", "10.0.0.0/26", ["10.0.0.64/26", "10.0.0.128/26", "10.0.0.192/26", undefined]],
    ["a part of one", "10.0.0.70/32", ["10.0.0.0/26", "10.0.0.128/26", "10.0.0.192/26", undefined]],
    ["two of them", "10.0.0.128/25", ["10.0.0.0/26", "10.0.0.64/26", undefined, undefined]],
    ["all of them and more", "10.0.0.0/8", [undefined, undefined, undefined, undefined]],
    ["something else", "10.0.1.0/24", ["10.0.0.0/26", "10.0.0.64/26", "10.0.0.128/26", "10.0.0.192/26"]],
    ["the other family", "::/0", ["10.0.0.0/26", "10.0.0.64/26", "10.0.0.128/26", "10.0.0.192/26"]],
    ["nonsense", "x/y", ["10.0.0.0/26", "10.0.0.64/26", "10.0.0.128/26", "10.0.0.192/26"]],
  ])("does not give away what is used: %s", (_what, used, expected) => {
    const pool = new RangePool("10.0.0.0/24", 26);
    pool.occupy(used);
    expect(take(pool, 4)).toEqual(expected);
  });

  it("gives a share again when its last user has gone, the longest free one first", () => {
    const pool = new RangePool("10.0.0.0/24", 25);
    expect(take(pool, 3)).toEqual(["10.0.0.0/25", "10.0.0.128/25", undefined]);
    pool.occupy("10.0.0.0/25");
    pool.release("10.0.0.0/25");
    expect(pool.take()).toBeUndefined();
    pool.release("10.0.0.0/25");
    expect(pool.take()).toBe("10.0.0.0/25");
  });
});

describe("the ranges of nodes", () => {
  const node = (name: string, ranges: readonly string[]): Node => ({
    metadata: { name },
    spec: ranges.length === 0 ? {} : { podCIDR: ranges[0] ?? "", podCIDRs: [...ranges] },
  });
  const options = { podRanges: ["10.0.0.0/24", "fd00::/60"], nodeMaskSize: { ipv4: 27, ipv6: 64 } };

  it("are offered again as long as nobody knows whether they were written", () => {
    const ranges = new NodeRanges(options);
    const first = ranges.offer("a");
    expect(first).toEqual(["10.0.0.0/27", "fd00::/64"]);
    ranges.known(node("a", []));
    expect(ranges.offer("a")).toEqual(first);
    expect(ranges.offer("b")).toEqual(["10.0.0.32/27", "fd00:0:0:1::/64"]);
  });

  it("never overlap, whatever comes and goes, and none is lost", () => {
    const action = fc.record({
      what: fc.constantFrom("offer", "write", "bring", "delete"),
      name: fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h", "i", "j"),
      share: fc.integer({ min: 0, max: 7 }),
    });
    const run = (actions: { what: string; name: string; share: number }[]): void => {
      const ranges = new NodeRanges({ ...options, podRanges: ["10.0.0.0/24"] });
      const offered = new Map<string, readonly string[]>();
      const held = new Map<string, readonly string[]>();
      const isUsed = (range: string): boolean =>
        [...held.values(), ...offered.values()].some((own) => own.includes(range));
      for (const { what, name, share } of actions) {
        if (what === "delete") {
          ranges.gone(name);
          held.delete(name);
          offered.delete(name);
        } else if (what === "bring" && !held.has(name) && !isUsed(`10.0.0.${share * 32}/27`)) {
          offered.delete(name);
          held.set(name, [`10.0.0.${share * 32}/27`]);
          ranges.known(node(name, held.get(name) ?? []));
        } else if (what === "offer" && !held.has(name)) {
          const offer = ranges.offer(name);
          expect(offer === undefined).toBe(held.size + offered.size >= 8 && !offered.has(name));
          if (offer !== undefined) offered.set(name, offer);
        } else if (what === "write" && offered.has(name)) {
          held.set(name, offered.get(name) ?? []);
          offered.delete(name);
          ranges.known(node(name, held.get(name) ?? []));
        }
        const all = [...held.values(), ...offered.values()].flat().map((text) => parseNetwork(text));
        for (const [index, one] of all.entries())
          for (const other of all.slice(index + 1))
            expect(one !== undefined && other !== undefined && networkContains(one, other.ip)).toBe(false);
      }
    };
    fc.assert(fc.property(fc.array(action, { maxLength: 60 }), run));
  });
});
