import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Lease } from "../api/generated/types/coordination-v1.ts";
import { ApiError } from "../api/machinery/status.ts";
import type { Transport } from "../api/wire.ts";
import { ActivityGauge } from "../base/activity.ts";
import { silentLogger } from "../base/log.ts";
import { systemRandom } from "../base/random.ts";
import { SimulatedClock } from "../base/simulated-clock.ts";
import { startTrial, type Trial } from "../server/trial.testing.ts";
import { call } from "./call.ts";
import type { EventRecorder } from "./event-recorder.ts";
import { lead, type LeadOptions, type LeadOutcome } from "./leader-election.ts";

const start = Date.UTC(2026, 0, 1);
const url = "/apis/coordination.k8s.io/v1/namespaces/default/leases";

let server: Trial;
let activity: ActivityGauge;
let clock: SimulatedClock;
const stops: AbortController[] = [];

beforeEach(async () => {
  server = await startTrial();
  activity = new ActivityGauge();
  clock = new SimulatedClock(start, () => activity.idle());
});
afterEach(async () => {
  for (const stop of stops.splice(0)) stop.abort();
  await server[Symbol.asyncDispose]();
});

const user = { name: "x", groups: ["system:masters"] };

/** Time waits for what is asked of it. */
const transport: Transport = async (request) => {
  const end = activity.begin();
  try {
    return await server.transport({ ...request, peer: { ...request.peer, user } });
  } finally {
    end();
  }
};

const leaseNow = (): Promise<Lease> => call<Lease>(transport, { method: "GET", url: `${url}/main` });

interface Contender {
  readonly stop: AbortController;
  /** Leads at this moment. */
  isLeading: boolean;
  outcome: LeadOutcome | Error | undefined;
  /** Makes its work end. */
  finish: () => void;
  fail: (error: Error) => void;
}

function contend(identity: string, options: Partial<LeadOptions> = {}): Contender {
  const stop = new AbortController();
  stops.push(stop);
  const contender: Contender = {
    stop,
    isLeading: false,
    outcome: undefined,
    finish: () => undefined,
    fail: () => undefined,
  };
  const common = { namespace: "default", name: "main", random: systemRandom, log: silentLogger };
  void lead({ ...common, transport, identity, clock, signal: stop.signal, ...options }, async (signal) => {
    contender.isLeading = true;
    await new Promise<void>((resolve, reject) => {
      contender.finish = resolve;
      contender.fail = reject;
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    contender.isLeading = false;
  }).then(
    (outcome) => (contender.outcome = outcome),
    (thrown: Error) => (contender.outcome = thrown),
  );
  return contender;
}

const leaders = (contenders: readonly Contender[]): number => contenders.filter(({ isLeading }) => isLeading).length;

/** A transport that can be told to fail, or to say nothing at all. */
function breakable(): { transport: Transport; broken: "no" | "refuses" | "hangs" } {
  const link: { transport: Transport; broken: "no" | "refuses" | "hangs" } = {
    broken: "no",
    transport: (request) => {
      if (link.broken === "refuses") return Promise.reject(new ApiError("ServiceUnavailable", "no"));
      if (link.broken === "hangs") return new Promise(() => undefined);
      return transport(request);
    },
  };
  return link;
}

describe("a candidate", () => {
  it("makes the lease, holds it and renews it", async () => {
    const one = contend("one");
    await clock.advance(0);
    expect(one.isLeading).toBe(true);
    expect((await leaseNow()).spec).toEqual({
      holderIdentity: "one",
      leaseDurationSeconds: 15,
      acquireTime: "2026-01-01T00:00:00.000000Z",
      renewTime: "2026-01-01T00:00:00.000000Z",
      leaseTransitions: 0,
    });
    await clock.advance(300_000);
    expect(one.isLeading).toBe(true);
    expect((await leaseNow()).spec).toMatchObject({
      acquireTime: "2026-01-01T00:00:00.000000Z",
      renewTime: "2026-01-01T00:05:00.000000Z",
      leaseTransitions: 0,
    });
  });

  it("gives the lease back when it is stopped, and another has it soon", async () => {
    const one = contend("one");
    await clock.advance(0);
    const two = contend("two");
    await clock.advance(60_000);
    expect([one.isLeading, two.isLeading]).toEqual([true, false]);
    one.stop.abort();
    await clock.advance(0);
    expect(one.outcome).toBe("stopped");
    expect((await leaseNow()).spec).toEqual({
      leaseDurationSeconds: 1,
      acquireTime: "2026-01-01T00:01:00.000000Z",
      renewTime: "2026-01-01T00:01:00.000000Z",
      leaseTransitions: 0,
    });
    await clock.advance(4_400);
    expect(two.isLeading).toBe(true);
    expect((await leaseNow()).spec).toMatchObject({ holderIdentity: "two", leaseTransitions: 1 });
  });

  it("gives it back when its work is done, or fails", async () => {
    const one = contend("one");
    await clock.advance(0);
    one.finish();
    await clock.advance(0);
    expect(one.outcome).toBe("finished");
    const two = contend("two");
    await clock.advance(0);
    two.fail(new Error("broken"));
    await clock.advance(0);
    expect(two.outcome).toEqual(new Error("broken"));
    expect((await leaseNow()).spec?.holderIdentity).toBeUndefined();
  });

  it("renews the lease while its work takes time to end", async () => {
    let finish: () => void = () => undefined;
    const stop = new AbortController();
    const common = { namespace: "default", name: "main", random: systemRandom, log: silentLogger };
    const outcome = lead(
      { ...common, transport, identity: "one", clock, activity, signal: stop.signal },
      () => new Promise((resolve) => (finish = resolve)),
    );
    const two = contend("two");
    await clock.advance(0);
    stop.abort();
    await clock.advance(60_000);
    expect(two.isLeading).toBe(false);
    finish();
    expect(await outcome).toBe("stopped");
    await clock.advance(4_400);
    expect(two.isLeading).toBe(true);
  });

  it("waits until a holder that died has not renewed for as long as the lease lasts", async () => {
    const spec = { holderIdentity: "dead", leaseDurationSeconds: 15, renewTime: "2020-01-01T00:00:00.000000Z" };
    await call(transport, { method: "POST", url, body: { metadata: { name: "main", labels: { a: "b" } }, spec } });
    const two = contend("two");
    // However old the lease says it is: only what passes here counts.
    await clock.advance(14_000);
    expect(two.isLeading).toBe(false);
    await clock.advance(6_000);
    expect(two.isLeading).toBe(true);
    expect(await leaseNow()).toMatchObject({
      metadata: { labels: { a: "b" } },
      spec: { holderIdentity: "two", leaseTransitions: 1 },
    });
  });

  it("ends at once where it is stopped while it waits, or before", async () => {
    contend("one");
    await clock.advance(0);
    const two = contend("two");
    await clock.advance(10_000);
    two.stop.abort();
    await clock.advance(0);
    expect(two.outcome).toBe("stopped");
    expect((await leaseNow()).spec?.holderIdentity).toBe("one");
    const three = contend("three", { signal: AbortSignal.abort() });
    await clock.advance(10_000);
    expect(three.outcome).toBe("stopped");
  });

  it("tells of it by events", async () => {
    const told: unknown[] = [];
    const recorder: EventRecorder = {
      event: (object, event) => told.push([object.kind, object.metadata?.name, event]),
    };
    const one = contend("one", { recorder });
    await clock.advance(0);
    one.finish();
    await clock.advance(0);
    const event = { type: "Normal", reason: "LeaderElection" };
    expect(told).toEqual([
      ["Lease", "main", { ...event, message: "one became leader" }],
      ["Lease", "main", { ...event, message: "one stopped leading" }],
    ]);
  });

  it("takes no times that make no sense", async () => {
    const one = contend("one", { timing: { renew: 20_000 } });
    await clock.advance(0);
    expect(one.outcome).toBeInstanceOf(Error);
  });
});

describe("a leader", () => {
  it.each(["refuses", "hangs"] as const)("steps down when the server %s for too long", async (how) => {
    const link = breakable();
    const one = contend("one", { transport: link.transport });
    const two = contend("two");
    await clock.advance(10_000);
    expect(leaders([one, two])).toBe(1);
    expect(one.isLeading).toBe(true);
    link.broken = how;
    await clock.advance(9_000);
    expect(one.isLeading).toBe(true);
    await clock.advance(4_000);
    expect(one).toMatchObject({ isLeading: false, outcome: "lost" });
    expect(two.isLeading).toBe(false);
    await clock.advance(10_000);
    expect(two.isLeading).toBe(true);
  });

  it("gets over a server that is away for a while, conflicts, and a lease that somebody deletes", async () => {
    const link = breakable();
    const one = contend("one", { transport: link.transport });
    await clock.advance(1000);
    link.broken = "refuses";
    await clock.advance(8_000);
    link.broken = "no";
    await clock.advance(8_000);
    expect(one.isLeading).toBe(true);
    const contentType = "application/merge-patch+json";
    const patch = { metadata: { labels: { a: "b" } } };
    await call(transport, { method: "PATCH", url: `${url}/main`, body: patch, contentType });
    await clock.advance(8_000);
    expect(one.isLeading).toBe(true);
    expect(await leaseNow()).toMatchObject({ metadata: { labels: { a: "b" } }, spec: { leaseTransitions: 0 } });
    await call(transport, { method: "DELETE", url: `${url}/main` });
    await clock.advance(8_000);
    expect(one.isLeading).toBe(true);
    expect((await leaseNow()).spec?.holderIdentity).toBe("one");
  });

  it("steps down at once when another holds the lease", async () => {
    const one = contend("one");
    await clock.advance(0);
    const contentType = "application/merge-patch+json";
    const patch = { spec: { holderIdentity: "usurper" } };
    await call(transport, { method: "PATCH", url: `${url}/main`, body: patch, contentType });
    await clock.advance(2_000);
    expect(one.outcome).toBe("lost");
    expect((await leaseNow()).spec?.holderIdentity).toBe("usurper");
  });

  it.each([3_600_000, -3_600_000])("stays one when the clock is set by %d ms", async (milliseconds) => {
    const one = contend("one");
    await clock.advance(0);
    const two = contend("two");
    await clock.advance(10_000);
    clock.jump(milliseconds);
    for (let step = 0; step < 60; step += 1) {
      await clock.advance(500);
      expect(leaders([one, two])).toBeLessThanOrEqual(1);
    }
    expect(leaders([one, two])).toBe(1);
  });
});

it("is one at most at any time, whatever happens to the contenders", { timeout: 20_000 }, async () => {
  const seeds = [1, 2, 3];
  for (const seed of seeds) {
    let state = seed;
    const chance = (below: number): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state % below;
    };
    const links = Array.from({ length: 4 }, breakable);
    const make = (index: number): Contender =>
      contend(`${seed}-${index}-${chance(1e6)}`, {
        name: `main-${seed}`,
        transport: links[index]?.transport ?? transport,
      });
    const contenders = links.map((_link, index) => make(index));
    let led = 0;
    for (let step = 0; step < 60; step += 1) {
      const index = chance(4);
      const link = links[index];
      if (link !== undefined) link.broken = (["no", "no", "refuses", "hangs"] as const)[chance(4)] ?? "no";
      if (chance(10) === 0) contenders[index]?.stop.abort();
      await clock.advance(chance(5_000));
      if (contenders[index]?.outcome !== undefined) contenders[index] = make(index);
      expect(leaders(contenders)).toBeLessThanOrEqual(1);
      led += leaders(contenders);
    }
    expect(led).toBeGreaterThan(10);
  }
});
