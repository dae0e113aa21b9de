import { describe, expect, it } from "vitest";
import { ActivityGauge } from "../base/activity.ts";
import { type LogFields, type Logger, silentLogger } from "../base/log.ts";
import { SimulatedClock } from "../base/simulated-clock.ts";
import { Turns } from "../base/turns.ts";
import { ApiError } from "../api/machinery/status.ts";
import { createReconciler, type Outcome, type Reconciler } from "./reconciler.ts";

interface Scene {
  readonly reconciler: Reconciler;
  readonly clock: SimulatedClock;
  readonly activity: ActivityGauge;
  readonly warnings: LogFields[];
}

function scene(reconcile: (key: string) => Promise<Outcome>, workers = 2): Scene {
  const activity = new ActivityGauge();
  const clock = new SimulatedClock(0, () => activity.idle());
  const warnings: LogFields[] = [];
  const log: Logger = { ...silentLogger, warn: (_message, fields = {}) => warnings.push(fields) };
  const deps = { clock, activity, turns: new Turns(), log };
  return { reconciler: createReconciler({ name: "test", workers, reconcile }, deps), clock, activity, warnings };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a reconciler", () => {
  it("works on nothing before it begins, then on all that was added", async () => {
    const worked: string[] = [];
    const { reconciler, activity } = scene((key) => Promise.resolve(void worked.push(key)));
    reconciler.add("a");
    reconciler.add("b");
    await turn();
    expect(worked).toEqual([]);
    reconciler.begin();
    await activity.idle();
    expect(worked).toEqual(["a", "b"]);
  });

  it("never works on one key twice at once, nor on more keys than it has workers", async () => {
    const now: string[] = [];
    let most = 0;
    const { reconciler, activity } = scene(async (key) => {
      expect(now).not.toContain(key);
      now.push(key);
      most = Math.max(most, now.length);
      await turn();
      now.splice(now.indexOf(key), 1);
    }, 3);
    reconciler.begin();
    for (let round = 0; round < 5; round += 1) {
      for (const key of "abcdef") reconciler.add(key);
      await turn();
    }
    await activity.idle();
    expect(most).toBe(3);
  });

  it("tries a failed key again, later each time, and tells why unless it is everyday life", async () => {
    const times: number[] = [];
    const { reconciler, clock, warnings } = scene((key) => {
      times.push(clock.now());
      if (times.length > 3) return Promise.resolve();
      const thrown = key === "a" ? new ApiError("Conflict", "changed meanwhile") : new Error("broken");
      return Promise.reject(thrown);
    });
    reconciler.begin();
    reconciler.add("a");
    await clock.advance(1000);
    expect(times).toEqual([0, 5, 15, 35]);
    expect(warnings).toEqual([]);
    times.length = 0;
    reconciler.add("b");
    await clock.advance(1000);
    expect(warnings).toHaveLength(3);
  });

  it("does not warn of a namespace that is on its way out", async () => {
    const causes = [
      { reason: "NamespaceTerminating", message: "namespace x is being terminated", field: "metadata.namespace" },
    ];
    const { reconciler, clock, warnings } = scene(() =>
      Promise.reject(new ApiError("Forbidden", "being terminated", { details: { causes } })),
    );
    reconciler.begin();
    reconciler.add("a");
    await clock.advance(1000);
    expect(warnings).toEqual([]);
  });

  it("comes back to a key when its reconcile asked for it", async () => {
    const times: number[] = [];
    const { reconciler, clock } = scene(() => {
      times.push(clock.now());
      return Promise.resolve(times.length < 3 ? { after: 100 } : undefined);
    });
    reconciler.begin();
    reconciler.add("a");
    await clock.advance(1000);
    expect(times).toEqual([0, 100, 200]);
  });

  it("finishes what is under way when it ends, and begins nothing more", async () => {
    const worked: string[] = [];
    const { reconciler } = scene(async (key) => {
      await turn();
      worked.push(key);
    }, 1);
    reconciler.begin();
    reconciler.add("a");
    reconciler.add("b");
    await reconciler[Symbol.asyncDispose]();
    reconciler.add("c");
    await turn();
    await turn();
    expect(worked).toEqual(["a"]);
  });
});
