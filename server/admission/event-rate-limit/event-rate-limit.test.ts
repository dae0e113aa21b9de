import { describe, expect, it } from "vitest";
import { admissionRequest, refusal } from "../objects.testing.ts";
import { eventRateLimit, type EventLimit } from "./event-rate-limit.ts";

interface Trial {
  clock: { time: number };
  send(namespace: string, name?: string, user?: string): Promise<string | undefined>;
}

function trial(...limits: EventLimit[]): Trial {
  const clock = { time: 0 };
  const plugin = eventRateLimit({ limits, clock: { now: () => clock.time } });
  return {
    clock,
    send: (namespace, name = "about", user = "ann") =>
      refusal(
        plugin,
        admissionRequest("events", {
          object: { metadata: { name: "e" }, ...{ involvedObject: { kind: "Pod", name } } },
          namespace,
          user: { name: user, groups: [] },
        }),
      ),
  };
}

describe("EventRateLimit", () => {
  it("lets a burst through, and then so many a second", async () => {
    const { clock, send } = trial({ type: "Server", qps: 2, burst: 2 });
    expect([await send("a"), await send("b")]).toEqual([undefined, undefined]);
    expect(await send("a")).toBe("Too many requests: limit reached on type Server for key ");
    clock.time = 500;
    expect(await send("a")).toBeUndefined();
    expect(await send("a")).toBeDefined();
  });

  it.each<readonly [EventLimit["type"], readonly [string, string, string], string]>([
    ["Namespace", ["other", "about", "ann"], "ns"],
    ["User", ["ns", "about", "bob"], "ann"],
    ["SourceAndObject", ["ns", "something else", "ann"], "Podabout"],
  ])("counts by %s", async (type, other, key) => {
    const { send } = trial({ type, qps: 1, burst: 1 });
    expect(await send("ns")).toBeUndefined();
    expect(await send("ns")).toBe(`Too many requests: limit reached on type ${type} for key ${key}`);
    expect(await send(...other)).toBeUndefined();
  });

  it("remembers only so many keys", async () => {
    const { send } = trial({ type: "Namespace", qps: 1, burst: 1, cacheSize: 2 });
    for (const namespace of ["a", "b", "c", "a"]) expect(await send(namespace)).toBeUndefined();
    expect(await send("c")).toBeDefined();
  });
});
