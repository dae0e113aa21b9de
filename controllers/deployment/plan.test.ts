import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { broken, Model, type Shape } from "./model.testing.ts";
import { sizeOf } from "./replica-sets.ts";

const intOrPercent = fc.oneof(
  fc.nat(8),
  fc.nat(100).map((share) => `${share}%`),
);
const shapes: fc.Arbitrary<Shape> = fc.record({
  replicas: fc.nat(12),
  maxSurge: intOrPercent,
  maxUnavailable: intOrPercent,
});

type Act =
  | { readonly act: "reconcile"; readonly writes: number }
  | { readonly act: "sync" | "ready" | "silently ready"; readonly set: number }
  | { readonly act: "roll out"; readonly image: string }
  | { readonly act: "scale"; readonly replicas: number };

const set = fc.nat(4);
const lives: fc.Arbitrary<Act>[] = [
  fc.record({ act: fc.constant("reconcile" as const), writes: fc.constantFrom(0, 1, 2, Infinity) }),
  fc.record({ act: fc.constantFrom("sync" as const, "ready" as const, "silently ready" as const), set }),
];
const rollOut = fc.record({
  act: fc.constant("roll out" as const),
  image: fc.constantFrom("one", "two", "three", broken),
});
const scale = fc.record({ act: fc.constant("scale" as const), replicas: fc.nat(15) });

function perform(model: Model, act: Act): void {
  switch (act.act) {
    case "reconcile":
      model.reconcile(act.writes);
      return;
    case "sync":
      return model.sync(act.set);
    case "ready":
      return model.ready(act.set);
    case "silently ready":
      return model.ready(act.set, false);
    case "roll out":
      return model.change({ image: act.image });
    case "scale":
      return model.change({ replicas: act.replicas });
  }
}

describe("a rolling update", () => {
  it("never makes more pods than the surge allows, nor takes more than may be missed, whatever happens meanwhile", () => {
    const story = fc.array(fc.oneof({ weight: 6, arbitrary: fc.oneof(...lives) }, rollOut), { maxLength: 60 });
    fc.assert(
      fc.property(shapes, story, (shape, acts) => {
        const model = new Model(shape);
        model.converge();
        for (const act of acts) {
          const before = { total: model.total, available: model.available };
          perform(model, act);
          expect(model.total, JSON.stringify(act)).toBeLessThanOrEqual(Math.max(before.total, model.most));
          expect(model.available, JSON.stringify(act)).toBeGreaterThanOrEqual(Math.min(before.available, model.least));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("never makes more pods than the surge allows while it is scaled, too", () => {
    const story = fc.array(fc.oneof({ weight: 6, arbitrary: fc.oneof(...lives) }, rollOut, scale), { maxLength: 60 });
    fc.assert(
      fc.property(shapes, story, (shape, acts) => {
        const model = new Model(shape);
        for (const act of acts) {
          const before = model.total;
          perform(model, act);
          expect(model.total, JSON.stringify(act)).toBeLessThanOrEqual(Math.max(before, model.most));
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each(["RollingUpdate", "Recreate"] as const)("ends with all pods of the newest template: %s", (strategy) => {
    const story = fc.array(fc.oneof({ weight: 4, arbitrary: fc.oneof(...lives) }, rollOut, scale), { maxLength: 40 });
    fc.assert(
      fc.property(shapes, story, (shape, acts) => {
        const model = new Model({ ...shape, strategy });
        for (const act of acts) perform(model, act);
        if (model.image === broken) model.change({ image: "four" });
        expect(model.converge()).toBe(true);
        const wanted = model.deployment.spec?.replicas;
        const sizes = model.sets.filter(({ pods }) => pods.length > 0);
        expect(sizes.map(({ set: { spec } }) => spec?.template?.spec?.containers[0]?.image)).toEqual(
          wanted === 0 ? [] : [model.image],
        );
        expect(model.total).toBe(wanted);
        expect(model.deployment.status?.availableReplicas ?? 0).toBe(wanted);
        expect(model.sets.length).toBeLessThanOrEqual(3);
        expect(model.sets.filter((one) => sizeOf(one.set) > 0).length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 100 },
    );
  });
});

describe("recreation", () => {
  it("never has pods of two templates at once", () => {
    const story = fc.array(fc.oneof({ weight: 6, arbitrary: fc.oneof(...lives) }, rollOut, scale), { maxLength: 60 });
    fc.assert(
      fc.property(shapes, story, (shape, acts) => {
        const model = new Model({ ...shape, strategy: "Recreate" });
        for (const act of acts) {
          perform(model, act);
          expect(model.sets.filter(({ pods }) => pods.length > 0).length).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 200 },
    );
  });
});
