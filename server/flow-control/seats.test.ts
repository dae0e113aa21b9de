import { describe, expect, it } from "vitest";
import { requestOf } from "./requests.testing.ts";
import { widthOf, type Load, type StoredObjects } from "./seats.ts";

const pods = "/api/v1/namespaces/a/pods";

function load(stored: StoredObjects | undefined, watches = 0): Load {
  return { objects: () => stored, watches: () => watches };
}

describe("the width of a list", () => {
  const kilobytes = (count: number, each: number): StoredObjects => ({ count, averageBytes: each * 1000 });
  it.each<[string, StoredObjects | undefined, string, number]>([
    ["of what nobody knows", undefined, "", 1],
    ["of little", kilobytes(10, 1), "", 1],
    ["of a megabyte from the cache", kilobytes(1000, 1), "?resourceVersion=0", 10],
    ["of very much from the cache", kilobytes(100_000, 1), "", 10],
    ["of very much from the store", kilobytes(100_000, 1), "?continue=x", 100],
    ["of a page from the store", kilobytes(100_000, 1), "?continue=x&limit=500", 5],
    ["of a page that was chosen from much", kilobytes(100_000, 1), "?continue=x&limit=500&labelSelector=a", 100],
    ["of an exact revision", kilobytes(3000, 1), "?resourceVersion=5&resourceVersionMatch=Exact", 30],
    ["of one", kilobytes(100_000, 1), "?fieldSelector=metadata.name%3Dx", 1],
    ["of many, of whose size nothing is known", { count: 750 }, "", 8],
    ["of pages of many", { count: 750 }, "?continue=x&limit=100", 2],
  ])("%s", (_what, stored, query, seats) => {
    expect(widthOf(requestOf("GET", pods + query), load(stored), undefined)).toEqual({ seats });
  });

  it("is bounded by its level", () => {
    expect(widthOf(requestOf("GET", pods), load(kilobytes(1000, 1)), 7)).toEqual({ seats: 7 });
  });

  it("is also that of a watch that begins with all there is", () => {
    const much = load(kilobytes(1000, 1));
    expect(widthOf(requestOf("GET", `${pods}?watch=1&sendInitialEvents=true`), much, undefined)).toEqual({ seats: 10 });
    expect(widthOf(requestOf("GET", `${pods}?watch=1`), much, undefined)).toEqual({ seats: 1 });
  });
});

it.each<[number, number, object]>([
  [0, 10, { seats: 1 }],
  [9, 10, { seats: 1 }],
  [10, 10, { seats: 1, final: { seats: 1, milliseconds: 5 } }],
  [95, 10, { seats: 1, final: { seats: 10, milliseconds: 5 } }],
  [400, 10, { seats: 1, final: { seats: 10, milliseconds: 20 } }],
  [400, 1, { seats: 1 }],
])("a change that %i watches see, where %i seats are the most", (watches, most, expected) => {
  expect(widthOf(requestOf("POST", pods), load(undefined, watches), most)).toEqual(expected);
});
