import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import { silentLogger } from "../../base/log.ts";
import { SimulatedClock } from "../../base/simulated-clock.ts";
import type { Action, ClusterEvent } from "../framework/events.ts";
import type { RejectingPlugins } from "../framework/fit-error.ts";
import type { Plugin } from "../framework/plugin.ts";
import { createPodInfo, type PodInfo } from "../framework/pod-info.ts";
import type { Profile } from "../framework/profile.ts";
import { unresolvable } from "../framework/status.ts";
import { prioritySort } from "../plugins/priority-sort.ts";
import { schedulingGates } from "../plugins/scheduling-gates.ts";
import { createSchedulingQueue, rejectedByNobody, type SchedulingQueue } from "./scheduling-queue.ts";
import { nobody, type WaitingPod } from "./waiting-pod.ts";

const second = 1_000;

/** Rejects for want of a node, and is glad of those that are large. */
const picky: Plugin = {
  name: "Picky",
  events: [
    {
      resource: "Node",
      actions: ["Add"],
      hint: (_, __, node) => (node?.metadata?.labels?.["size"] === "large" ? "Queue" : "QueueSkip"),
    },
  ],
};
const broken: Plugin = {
  name: "Broken",
  events: [
    {
      resource: "Service",
      actions: ["Update"],
      hint() {
        throw new Error("no idea");
      },
    },
  ],
};

interface Bench {
  readonly queue: SchedulingQueue;
  readonly clock: SimulatedClock;
  popped(): string | undefined;
}

function bench(plugins: readonly Plugin[] = [picky, broken]): Bench {
  const clock = new SimulatedClock(0, () => Promise.resolve());
  const none: readonly Plugin[] = [];
  const profile: Profile = {
    schedulerName: "default-scheduler",
    points: {
      ...{ preEnqueue: [schedulingGates, ...plugins], queueSort: [prioritySort], preFilter: none, filter: plugins },
      ...{ postFilter: none, preScore: none, score: none, reserve: none, permit: none },
      ...{ preBind: none, bind: none, postBind: none },
    },
    weights: new Map(),
  };
  const queue = createSchedulingQueue({
    profiles: new Map([[profile.schedulerName, profile]]),
    backoff: { first: second, most: 10 * second },
    clock,
    log: silentLogger,
    onReady: () => {},
  });
  return { queue, clock, popped: () => queue.pop()?.info.name };
}

function pod(name: string, { priority = 0, gates = [] as readonly string[] } = {}): PodInfo {
  const made: Pod = {
    metadata: { name, namespace: "default", uid: `uid-${name}` },
    spec: {
      schedulerName: "default-scheduler",
      containers: [],
      priority,
      schedulingGates: gates.map((gate) => ({ name: gate })),
    },
  };
  return createPodInfo(made);
}

function nodeAdded(size: string): ClusterEvent<"Node"> {
  return {
    resource: "Node",
    actions: new Set<Action>(["Add"]),
    before: undefined,
    after: { metadata: { name: size, labels: { size } } },
  };
}

const rejected: RejectingPlugins = { unschedulable: new Set(["Picky"]), pending: nobody };

function take(queue: SchedulingQueue): WaitingPod {
  const taken = queue.pop();
  if (taken === undefined) throw new Error("nothing is ready");
  return taken;
}

function reject(queue: SchedulingQueue, by = rejected): void {
  const taken = take(queue);
  queue.requeue(taken, taken.info, by);
}

describe("the active pods", () => {
  it("come by priority, then as they came", () => {
    const { queue, popped } = bench();
    for (const [name, priority] of [
      ["a", 0],
      ["b", 5],
      ["c", 0],
      ["d", 5],
    ] as const)
      queue.add(pod(name, { priority }));
    expect([popped(), popped(), popped(), popped(), popped()]).toEqual(["b", "d", "a", "c", undefined]);
  });

  it("are there once, as they are now", () => {
    const { queue, popped } = bench();
    queue.add(pod("a"));
    queue.add(pod("b", { priority: 1 }));
    queue.update(pod("a").pod, pod("a", { priority: 2 }));
    expect([popped(), popped(), popped()]).toEqual(["a", "b", undefined]);
  });
});

describe("a rejected pod", () => {
  it("waits for an event that its plugin asked for, and that may help", () => {
    const { queue } = bench();
    queue.add(pod("a"));
    reject(queue);
    expect(queue.placeOf("uid-a")).toBe("unschedulable");
    queue.happened(nodeAdded("small"));
    expect(queue.placeOf("uid-a")).toBe("unschedulable");
    queue.happened(nodeAdded("large"));
    expect(queue.placeOf("uid-a")).toBe("backoff");
  });

  it("does not miss what happened while it was in flight", () => {
    const { queue } = bench();
    queue.add(pod("a"));
    const taken = take(queue);
    queue.happened(nodeAdded("large"));
    queue.requeue(taken, taken.info, rejected);
    expect(queue.placeOf("uid-a")).toBe("backoff");
  });

  it("is tried during its back-off only when nothing else is", () => {
    const { queue, popped } = bench();
    queue.add(pod("a"));
    reject(queue);
    queue.happened(nodeAdded("large"));
    queue.add(pod("b"));
    expect([popped(), popped()]).toEqual(["b", "a"]);
  });

  it("comes back at once where its plugin waits for something outside", () => {
    const { queue } = bench();
    queue.add(pod("a"));
    reject(queue, { unschedulable: nobody, pending: new Set(["Picky"]) });
    queue.happened(nodeAdded("large"));
    expect(queue.placeOf("uid-a")).toBe("active");
  });

  it("comes back where a hint fails", () => {
    const { queue } = bench();
    queue.add(pod("a"));
    reject(queue, { unschedulable: new Set(["Broken"]), pending: nobody });
    queue.happened({ resource: "Service", actions: new Set<Action>(["Update"]), before: {}, after: {} });
    expect(queue.placeOf("uid-a")).toBe("backoff");
  });

  it("comes back after five minutes, whatever happens", async () => {
    const { queue, clock } = bench();
    queue.add(pod("a"));
    reject(queue);
    await clock.advance(299 * second);
    expect(queue.placeOf("uid-a")).toBe("unschedulable");
    await clock.advance(31 * second);
    expect(queue.placeOf("uid-a")).toBe("active");
  });
});

describe("a pod that errors kept from being tried", () => {
  it("waits for 1 s, then twice as long each time, up to 10 s, even if nothing else is to be done", async () => {
    const { queue, clock } = bench();
    queue.add(pod("a"));
    const waits: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      const taken = take(queue);
      queue.requeue(taken, taken.info, rejectedByNobody);
      expect(queue.isReady).toBe(false);
      const from = clock.now();
      await clock.until(() => queue.isReady, 60 * second);
      waits.push((clock.now() - from) / second);
    }
    // Whole windows of a second.
    expect(waits).toEqual([2, 3, 5, 9, 11, 11]);
  });
});

describe("a gated pod", () => {
  it("waits until its gates are gone", async () => {
    const { queue, clock, popped } = bench();
    queue.add(pod("a", { gates: ["example.com/later"] }));
    expect(queue.placeOf("uid-a")).toBe("gated");
    await clock.advance(3_600 * second);
    queue.happened(nodeAdded("large"));
    expect(popped()).toBeUndefined();
    queue.update(pod("a", { gates: ["example.com/later"] }).pod, pod("a"));
    expect(popped()).toBe("a");
  });

  it("is looked at again when it comes out of where it waited", () => {
    let isHeld = false;
    const holding: Plugin = { ...picky, preEnqueue: () => (isHeld ? unresolvable("Picky", "held") : undefined) };
    const { queue } = bench([holding]);
    queue.add(pod("a"));
    reject(queue);
    isHeld = true;
    queue.happened(nodeAdded("large"));
    expect(queue.placeOf("uid-a")).toBe("gated");
    isHeld = false;
    queue.activate("uid-a");
    expect(queue.placeOf("uid-a")).toBe("active");
  });
});

describe("a deleted pod", () => {
  it("does not come back from where it was", () => {
    const { queue } = bench();
    queue.add(pod("a"));
    const taken = take(queue);
    queue.delete("uid-a");
    queue.requeue(taken, taken.info, rejected);
    expect(queue.has("uid-a")).toBe(false);
    expect(queue.counts()).toEqual({ active: 0, backoff: 0, unschedulable: 0, gated: 0 });
  });
});

describe("nominations", () => {
  it("follow the status, and outlive an update that does not know of them yet", () => {
    const { queue } = bench();
    const waiting = pod("a");
    const nominated = createPodInfo({ ...waiting.pod, status: { nominatedNodeName: "n" } } as Pod);
    queue.add(waiting);
    queue.nominations.set(waiting, "m");
    queue.update(waiting.pod, pod("a", { priority: 1 }));
    expect(queue.nominations.on("m").map(({ name }) => name)).toEqual(["a"]);
    queue.update(waiting.pod, nominated);
    expect([queue.nominations.on("m").length, queue.nominations.on("n").length]).toEqual([0, 1]);
    queue.update(nominated.pod, waiting);
    expect(queue.nominations.on("n")).toEqual([]);
  });
});

const command = fc.oneof(
  fc.record({ do: fc.constantFrom("add", "update", "delete", "activate"), pod: fc.nat(5) }),
  fc.record({
    do: fc.constantFrom("pop", "error", "reject", "wait", "bind", "event", "second", "minute"),
    pod: fc.nat(5),
  }),
);

it("property: no pod is lost or there twice, whatever happens", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 80 }), async (commands) => {
      const { queue, clock } = bench();
      const known = new Set<string>();
      let taken: WaitingPod[] = [];
      const giveBack = (by: Parameters<SchedulingQueue["requeue"]>[2]): void => {
        const [first, ...others] = taken;
        taken = others;
        if (first !== undefined) queue.requeue(first, first.info, by);
      };
      const steps: Readonly<Record<string, (name: string) => unknown>> = {
        add(name) {
          if (!known.has(name)) queue.add(pod(name));
          known.add(name);
        },
        update: (name) => known.has(name) && queue.update(pod(name).pod, pod(name, { priority: 1 })),
        delete(name) {
          queue.delete(`uid-${name}`);
          known.delete(name);
        },
        activate: (name) => queue.activate(`uid-${name}`),
        pop() {
          const next = queue.pop();
          if (next !== undefined) taken.push(next);
        },
        error: () => giveBack(rejectedByNobody),
        reject: () => giveBack(rejected),
        wait: () => giveBack({ unschedulable: nobody, pending: new Set(["Picky"]) }),
        bind: () => taken[0] !== undefined && queue.binding(taken[0]),
        event: () => queue.happened(nodeAdded("large")),
        second: () => clock.advance(second),
        minute: () => clock.advance(60 * second),
      };
      for (const { do: what, pod: index } of commands) {
        await steps[what]?.(`pod-${index}`);
        const { active, backoff, unschedulable, gated } = queue.counts();
        const waiting = [...known].filter((name) => isWaiting(queue.placeOf(`uid-${name}`)));
        expect(active + backoff + unschedulable + gated).toBe(waiting.length);
        expect([...known].every((name) => queue.has(`uid-${name}`))).toBe(true);
      }
      while (taken.length > 0) giveBack(rejected);
      await clock.advance(400 * second);
      const left = new Set<string>();
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) left.add(next.info.name);
      expect([...left].toSorted()).toEqual([...known].toSorted());
    }),
  );
});

function isWaiting(place: string | undefined): boolean {
  return place !== undefined && place !== "inFlight" && place !== "binding";
}
