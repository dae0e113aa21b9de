import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HPAScalingRules, HorizontalPodAutoscalerBehavior } from "../../api/generated/types/autoscaling-v2.ts";
import { beginning, type History, recommended, rescaled } from "./history.ts";
import { normalize, type Wish } from "./normalize.ts";

const now = Date.UTC(2026, 0, 2);
const none: History = { recommendations: [], ups: [], downs: [] };
const wish = (desired: number, current: number, more: Partial<Wish> = {}): Wish => ({
  desired,
  current,
  min: 1,
  max: 1000,
  history: none,
  now,
  ...more,
});
const told = (one: Wish, behavior?: HorizontalPodAutoscalerBehavior): string => {
  const { desired, findings } = normalize(one, behavior);
  return [desired, ...findings.map(({ status, reason }) => `${status} ${reason}`)].join(", ");
};

describe("a wish without rules", () => {
  it.each<[Wish, string]>([
    [wish(3, 2), "3, True ReadyForNewScale, False DesiredWithinRange"],
    [wish(100, 10), "20, True ReadyForNewScale, True ScaleUpLimit"],
    [wish(10, 1), "4, True ReadyForNewScale, True ScaleUpLimit"],
    [wish(100, 10, { max: 15 }), "15, True ReadyForNewScale, True TooManyReplicas"],
    [wish(0, 10, { min: 2 }), "2, True ReadyForNewScale, True TooFewReplicas"],
    [wish(2, 10, { history: beginning(7, now - 300_000) }), "7, True ScaleDownStabilized, False DesiredWithinRange"],
    [wish(2, 10, { history: beginning(7, now - 301_000) }), "2, True ReadyForNewScale, False DesiredWithinRange"],
  ])("%#", (one, expected) => {
    expect(told(one)).toBe(expected);
  });
});

const open: HPAScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: "Max",
  policies: [{ type: "Percent", value: 1000, periodSeconds: 60 }],
};
const rules = (more: Partial<HPAScalingRules>): HPAScalingRules => ({ ...open, ...more });
const pods = (value: number, periodSeconds = 60): { type: string; value: number; periodSeconds: number } => ({
  type: "Pods",
  value,
  periodSeconds,
});
const percent = (value: number, periodSeconds = 60): { type: string; value: number; periodSeconds: number } => ({
  type: "Percent",
  value,
  periodSeconds,
});

describe("a wish with rules", () => {
  it.each<[string, Wish, Partial<HPAScalingRules>, string]>([
    ["pods", wish(20, 10), { policies: [pods(4)] }, "14, True ReadyForNewScale, True ScaleUpLimit"],
    ["percent, rounded up", wish(20, 3), { policies: [percent(10)] }, "4, True ReadyForNewScale, True ScaleUpLimit"],
    [
      "the greater one",
      wish(50, 10),
      { policies: [pods(4), percent(100)] },
      "20, True ReadyForNewScale, True ScaleUpLimit",
    ],
    [
      "the smaller one",
      wish(50, 10),
      { policies: [pods(4), percent(100)], selectPolicy: "Min" },
      "14, True ReadyForNewScale, True ScaleUpLimit",
    ],
    ["never", wish(50, 10), { selectPolicy: "Disabled" }, "10, True ReadyForNewScale, True ScaleUpLimit"],
    ["up to the most", wish(50, 10, { max: 12 }), {}, "12, True ReadyForNewScale, True TooManyReplicas"],
    [
      "what was added counts",
      wish(50, 10, { history: rescaled(none, 7, 10, now - 30_000) }),
      { policies: [pods(4)] },
      "11, True ReadyForNewScale, True ScaleUpLimit",
    ],
    [
      "what was added before does not",
      wish(50, 10, { history: rescaled(none, 7, 10, now - 60_000) }),
      { policies: [pods(4)] },
      "14, True ReadyForNewScale, True ScaleUpLimit",
    ],
    [
      "what was removed counts",
      wish(50, 10, { history: rescaled(none, 12, 10, now - 30_000) }),
      { policies: [pods(4)] },
      "16, True ReadyForNewScale, True ScaleUpLimit",
    ],
    [
      "no further than the lowest of late",
      wish(20, 10, { history: beginning(12, now - 30_000) }),
      { stabilizationWindowSeconds: 60 },
      "12, True ScaleUpStabilized, False DesiredWithinRange",
    ],
  ])("goes up: %s", (_, one, scaleUp, expected) => {
    expect(told(one, { scaleUp: rules(scaleUp), scaleDown: open })).toBe(expected);
  });

  it.each<[string, Wish, Partial<HPAScalingRules>, string]>([
    ["pods", wish(1, 10), { policies: [pods(4)] }, "6, True ReadyForNewScale, True ScaleDownLimit"],
    ["percent, cut off", wish(1, 9), { policies: [percent(50)] }, "4, True ReadyForNewScale, True ScaleDownLimit"],
    [
      "the greater one",
      wish(1, 20),
      { policies: [pods(4), percent(50)] },
      "10, True ReadyForNewScale, True ScaleDownLimit",
    ],
    [
      "the smaller one",
      wish(1, 20),
      { policies: [pods(4), percent(50)], selectPolicy: "Min" },
      "16, True ReadyForNewScale, True ScaleDownLimit",
    ],
    ["never", wish(1, 20), { selectPolicy: "Disabled" }, "20, True ReadyForNewScale, True ScaleDownLimit"],
    ["down to the least", wish(1, 10, { min: 5 }), {}, "5, True ReadyForNewScale, True TooFewReplicas"],
    [
      "what was removed counts",
      wish(1, 10, { history: rescaled(none, 13, 10, now - 30_000) }),
      { policies: [pods(4)] },
      "9, True ReadyForNewScale, True ScaleDownLimit",
    ],
    [
      "no further than the highest of late",
      wish(1, 10, { history: beginning(8, now - 30_000) }),
      { stabilizationWindowSeconds: 60 },
      "8, True ScaleDownStabilized, False DesiredWithinRange",
    ],
    [
      "five minutes, unless it says otherwise",
      wish(1, 10, { history: beginning(8, now - 299_000) }),
      { stabilizationWindowSeconds: undefined as never },
      "8, True ScaleDownStabilized, False DesiredWithinRange",
    ],
  ])("goes down: %s", (_, one, scaleDown, expected) => {
    expect(told(one, { scaleUp: open, scaleDown: rules(scaleDown) })).toBe(expected);
  });
});

it("what comes of a wish is always between what there is and what was wished or recommended, and within the bounds", () => {
  const size = fc.nat(40);
  const rule = fc.record({
    stabilizationWindowSeconds: fc.nat(600),
    selectPolicy: fc.constantFrom("Max", "Min", "Disabled"),
    policies: fc.array(
      fc.record({
        type: fc.constantFrom("Pods", "Percent"),
        value: fc.integer({ min: 1, max: 200 }),
        periodSeconds: fc.integer({ min: 1, max: 1800 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  });
  const behavior = fc.option(fc.record({ scaleUp: rule, scaleDown: rule }), { nil: undefined });
  const story = fc.array(fc.tuple(size, fc.nat(400)), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(
      behavior,
      story,
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 10, max: 30 }),
      (rulesOrNone, acts, min, max) => {
        let at = now;
        let current = min;
        let history = beginning(current, at);
        for (const [desired, seconds] of acts) {
          at += seconds * 1000;
          const seen = [desired, current, ...history.recommendations.map(({ replicas }) => replicas)];
          const { desired: after } = normalize({ desired, current, min, max, history, now: at }, rulesOrNone);
          history = recommended(history, desired, at);
          expect(after).toBeGreaterThanOrEqual(Math.max(min, Math.min(...seen)));
          expect(after).toBeLessThanOrEqual(Math.min(max, Math.max(...seen, min)));
          if (after !== current) history = rescaled(history, current, after, at);
          current = after;
        }
      },
    ),
  );
});
