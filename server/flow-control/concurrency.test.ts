import { describe, expect, it } from "vitest";
import { allocate, type Want } from "./allocation.ts";
import { limitsOf, maxSeatsOf } from "./concurrency.ts";
import { RetryAfter } from "./retry-after.ts";
import { SeatDemand } from "./seat-demand.ts";
import { dealHand } from "./shuffle-shard.ts";

const queuing = { queues: 64, handSize: 6, queueLengthLimit: 50 };

/** Upstream's own levels: 245 shares of 600 seats. */
it.each([
  ["system", 30, 33, { nominal: 74, lower: 50, upper: 674 }],
  ["node-high", 40, 25, { nominal: 98, lower: 73, upper: 698 }],
  ["leader-election", 10, 0, { nominal: 25, lower: 25, upper: 625 }],
  ["workload-low", 100, 90, { nominal: 245, lower: 24, upper: 845 }],
])("the seats of %s", (_name, nominalConcurrencyShares, lendablePercent, expected) => {
  const limited = { nominalConcurrencyShares, lendablePercent };
  expect(limitsOf({ type: "Limited", limited }, 245, 600)).toEqual(expected);
});

it("a level borrows no more than it may, and holds no request that is too wide for it", () => {
  const limitResponse = { type: "Queue", queuing };
  const limited = { nominalConcurrencyShares: 10, borrowingLimitPercent: 50, limitResponse };
  expect(limitsOf({ type: "Limited", limited }, 100, 600)).toEqual({ nominal: 60, lower: 60, upper: 90 });
  expect(maxSeatsOf({ type: "Limited", limited }, 60)).toBe(9);
  expect(maxSeatsOf({ type: "Limited", limited }, 12)).toBe(2);
  expect(maxSeatsOf({ type: "Limited", limited }, 3)).toBe(1);
  expect(maxSeatsOf({ type: "Limited", limited: { limitResponse: { type: "Reject" } } }, 60)).toBeUndefined();
});

describe("seats are shared", () => {
  const want = (wanted: number, least: number, most: number): Want => ({ wanted, least, most });
  it.each<[string, number, readonly Want[], readonly number[]]>([
    ["by what is wanted", 12, [want(1, 0, 100), want(2, 0, 100)], [4, 8]],
    ["with somebody who needs more", 12, [want(8, 8, 100), want(2, 0, 100)], [9.6, 2.4]],
    ["with somebody at the lower bound", 10, [want(8, 8, 100), want(8, 0, 100)], [8, 2]],
    ["with somebody at the upper bound", 12, [want(8, 0, 3), want(1, 0, 100)], [3, 9]],
    ["where nobody wants any", 10, [want(0, 0, 100), want(0, 0, 100)], [5, 5]],
    ["up to what all may have", 100, [want(1, 0, 10), want(2, 0, 20)], [10, 20]],
    ["when there are too few", 2, [want(3, 2, 10), want(5, 3, 10)], [2, 3]],
    ["among nobody", 5, [], []],
  ])("%s", (_what, total, wants, expected) => {
    const { parts } = allocate(total, wants);
    expect(parts).toHaveLength(expected.length);
    for (const [index, part] of parts.entries()) expect(part).toBeCloseTo(expected[index] ?? NaN, 6);
  });
});

it("demand is averaged over a period, and forgotten slowly", () => {
  const demand = new SeatDemand(0);
  demand.set(4, 0);
  demand.set(0, 5000);
  expect(demand.take(10_000)).toEqual({ average: 2, deviation: 2, highest: 4, smoothed: 4 });
  const quiet = demand.take(20_000);
  expect(quiet).toMatchObject({ average: 0, deviation: 0, highest: 0 });
  expect(quiet.smoothed).toBeCloseTo(4 * 0.977);
});

it("a flow always has the same hand of different queues", () => {
  for (let flow = 0; flow < 200; flow += 1) {
    const hand = dealHand(`flow ${flow}`, 16, 4);
    expect(hand).toEqual(dealHand(`flow ${flow}`, 16, 4));
    expect(new Set(hand).size).toBe(4);
    expect(hand.every((index) => index >= 0 && index < 16)).toBe(true);
  }
  expect(dealHand("all", 3, 3).toSorted()).toEqual([0, 1, 2]);
  expect(dealHand("more than there are", 2, 5)).toHaveLength(2);
});

it("refused clients are sent away for longer while it goes on, and for less when it ends", () => {
  const retryAfter = new RetryAfter();
  const seen: number[] = [];
  for (let second = 0; second < 40; second += 1) {
    for (let count = 0; count < 10; count += 1) retryAfter.refused(second * 1000);
    seen.push(retryAfter.seconds);
  }
  expect(seen[0]).toBe(1);
  expect(seen[1]).toBe(2);
  expect(Math.max(...seen)).toBe(32);
  for (let step = 0; step < 40; step += 1) retryAfter.refused((100 + step * 40) * 1000);
  expect(retryAfter.seconds).toBe(1);
});
