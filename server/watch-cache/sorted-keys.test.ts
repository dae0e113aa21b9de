import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareKeys } from "../../storage/mvcc/key-index.ts";
import { SortedKeys } from "./sorted-keys.ts";

describe("sorted keys", () => {
  it("stay in the store's order through any additions and removals", () => {
    const key = fc.string({ unit: "grapheme", maxLength: 3 });
    const change = fc.record({ adds: fc.boolean(), key });
    fc.assert(
      fc.property(fc.uniqueArray(key), fc.array(change), key, (initial, changes, asked) => {
        const model = new Set(initial);
        const keys = new SortedKeys(initial.toSorted(compareKeys));
        for (const { adds, key: changed } of changes) {
          if (!adds) keys.remove(changed);
          else if (!model.has(changed)) keys.add(changed);
          if (adds) model.add(changed);
          else model.delete(changed);
        }
        const sorted = [...model].sort(compareKeys);
        const from = sorted.filter((one) => compareKeys(one, asked) >= 0);
        expect([...keys.from("")]).toEqual(sorted);
        expect([...keys.from(asked)]).toEqual(from);
        expect(keys.countBefore(asked)).toBe(sorted.length - from.length);
        expect(keys.size).toBe(sorted.length);
      }),
    );
  });

  it("stay in order over many chunks", () => {
    const all = Array.from({ length: 5000 }, (_, at) => `/k/${String((at * 7919) % 5000).padStart(4, "0")}`);
    const keys = new SortedKeys([]);
    for (const key of all) keys.add(key);
    for (const key of all.slice(0, 2500)) keys.remove(key);
    const left = all.slice(2500).sort();
    expect([...keys.from("")]).toEqual(left);
    for (const at of [0, 1, 1249, 2499]) expect(keys.countBefore(left[at] ?? "")).toBe(at);
    for (const key of left) keys.remove(key);
    expect([keys.size, ...keys.from("")]).toEqual([0]);
  });
});
