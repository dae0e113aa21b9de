import fc from "fast-check";
import { expect, test } from "vitest";
import { compareKeys, KeyIndex } from "./key-index.ts";
import type { Version } from "./version.ts";

const version = (key: string, mod: number): Version => ({
  key,
  mod,
  create: mod,
  version: 1,
  size: 0,
  expiresAt: 0,
  older: undefined,
});

test("keys compare as their UTF-8 bytes do", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (left, right) => {
      expect(Math.sign(compareKeys(left, right))).toBe(Buffer.compare(Buffer.from(left), Buffer.from(right)));
    }),
  );
});

test("inserts and removals in any order leave a sorted index, over many chunks", () => {
  const index = new KeyIndex();
  const keys = Array.from({ length: 5000 }, (_, at) => `/k/${(at * 7919) % 5000}`);
  for (const [at, key] of keys.entries()) index.set(version(key, at + 1));
  for (let at = 0; at < 5000; at += 3) index.remove(`/k/${at}`);
  const left = keys.filter((_, at) => ((at * 7919) % 5000) % 3 !== 0).sort();
  const found: string[] = [];
  index.walk({ prefix: "/k/", after: undefined, revision: 5000 }, ({ key }) => found.push(key) > 0);
  expect(found).toEqual(left);
  expect(index.get("/k/1")?.key).toBe("/k/1");
  expect(index.get("/k/3")).toBeUndefined();
  const tail: string[] = [];
  index.walk({ prefix: "/k/4", after: "/k/4998", revision: 5000 }, ({ key }) => tail.push(key) > 0);
  expect(tail).toEqual(left.filter((key) => key.startsWith("/k/4") && key > "/k/4998"));
});
