import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Event as CoreEvent } from "../../api/generated/types/core-v1.ts";
import type { Event } from "../../api/generated/types/events-v1.ts";
import type { KubeObject } from "../../api/machinery/object.ts";
import type { Transport } from "../../api/wire.ts";
import { ActivityGauge } from "../../base/activity.ts";
import { type LogFields, type Logger, silentLogger } from "../../base/log.ts";
import { systemRandom } from "../../base/random.ts";
import { SimulatedClock } from "../../base/simulated-clock.ts";
import { startTrial, type Trial } from "../../server/trial.testing.ts";
import { call } from "../call.ts";
import { ConnectionError } from "../connection-error.ts";
import type { ObjectEvent } from "../event-recorder.ts";
import { createEventRecorder, type EventRecorderOptions, type WritingEventRecorder } from "./create-event-recorder.ts";

let server: Trial;
let activity: ActivityGauge;
let clock: SimulatedClock;
let link: { fails: boolean; requests: string[] };
let logged: (readonly [level: string, message: string, fields: LogFields])[];
const recorders: WritingEventRecorder[] = [];

beforeEach(async () => {
  activity = new ActivityGauge();
  clock = new SimulatedClock(Date.UTC(2026, 0, 1), () => activity.idle());
  server = await startTrial({ clock });
  link = { fails: false, requests: [] };
  logged = [];
});
afterEach(async () => {
  for (const recorder of recorders.splice(0)) await recorder[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const user = { name: "x", groups: ["system:masters"] };
const transport: Transport = (request) => {
  link.requests.push(request.method);
  if (link.fails) return Promise.reject(new ConnectionError("cannot reach the server"));
  return server.transport({ ...request, peer: { ...request.peer, user } });
};
const at =
  (level: string) =>
  (message: string, fields: LogFields = {}): void =>
    void logged.push([level, message, fields]);
const log: Logger = { ...silentLogger, error: at("error"), warn: at("warn"), debug: at("debug") };

function recorderFor(options: Partial<EventRecorderOptions> = {}): WritingEventRecorder {
  const common = { component: "deployment-controller", api: "v1", transport, clock, log, activity } as const;
  const recorder = createEventRecorder({ random: systemRandom, ...common, ...options });
  recorders.push(recorder);
  return recorder;
}
const recorderOfScheduler = (): WritingEventRecorder =>
  recorderFor({ api: "events.k8s.io/v1", component: "default-scheduler", instance: "default-scheduler-host" });

const pod: KubeObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { namespace: "default", name: "web", uid: "1-2", resourceVersion: "7" },
};
const told = (more: Partial<ObjectEvent> = {}): ObjectEvent => ({
  type: "Normal",
  reason: "Scaled",
  message: "scaled up",
  ...more,
});

async function coreEvents(): Promise<CoreEvent[]> {
  await activity.idle();
  return (await call<{ items: CoreEvent[] }>(transport, { method: "GET", url: "/api/v1/events" })).items;
}
async function newEvents(): Promise<Event[]> {
  await activity.idle();
  return (await call<{ items: Event[] }>(transport, { method: "GET", url: "/apis/events.k8s.io/v1/events" })).items;
}

describe("an event of a controller", () => {
  it("can be read in both versions of the API", async () => {
    recorderFor().event(pod, told());
    const [core] = await coreEvents();
    expect(core).toMatchObject({
      metadata: { namespace: "default", name: expect.stringMatching(/^web\.[\da-f]{16}$/) as string },
      involvedObject: {
        apiVersion: "v1",
        kind: "Pod",
        namespace: "default",
        name: "web",
        uid: "1-2",
        resourceVersion: "7",
      },
      reason: "Scaled",
      message: "scaled up",
      type: "Normal",
      count: 1,
      source: { component: "deployment-controller" },
      firstTimestamp: "2026-01-01T00:00:00Z",
      lastTimestamp: "2026-01-01T00:00:00Z",
      reportingComponent: "deployment-controller",
      reportingInstance: "",
      eventTime: null,
    });
    expect((await newEvents())[0]).toMatchObject({
      regarding: { kind: "Pod", name: "web" },
      note: "scaled up",
      reportingController: "deployment-controller",
      deprecatedCount: 1,
    });
  });

  it("is counted when it comes again", async () => {
    const recorder = recorderFor();
    recorder.event(pod, told());
    await clock.advance(60_000);
    recorder.event(pod, told());
    await clock.advance(60_000);
    recorder.event(pod, told());
    const events = await coreEvents();
    expect(events).toMatchObject([
      { count: 3, firstTimestamp: "2026-01-01T00:00:00Z", lastTimestamp: "2026-01-01T00:02:00Z" },
    ]);
    expect(link.requests).toEqual(["POST", "PATCH", "PATCH", "GET"]);
  });

  it("is written once with the last count where many come at once", async () => {
    const recorder = recorderFor();
    for (let count = 0; count < 20; count += 1) recorder.event(pod, told());
    expect(await coreEvents()).toMatchObject([{ count: 20 }]);
    expect(link.requests).toEqual(["POST", "PATCH", "GET"]);
  });

  it("is listed after those that were told before it, in the same millisecond too", async () => {
    const recorder = recorderFor();
    const reasons = Array.from({ length: 12 }, (_, number) => `Reason${number}`);
    for (const reason of reasons) recorder.event(pod, told({ reason }));
    expect((await coreEvents()).map(({ reason }) => reason)).toEqual(reasons);
  });

  it("is created anew, with its count, when it has gone meanwhile", async () => {
    const recorder = recorderFor();
    recorder.event(pod, told());
    const [first] = await coreEvents();
    await call(transport, { method: "DELETE", url: `/api/v1/namespaces/default/events/${first?.metadata.name}` });
    recorder.event(pod, told());
    expect(await coreEvents()).toMatchObject([{ metadata: { name: first?.metadata.name }, count: 2 }]);
  });

  it("is combined with those that differ in the message only, from the tenth in ten minutes on", async () => {
    const recorder = recorderFor();
    for (let number = 1; number <= 12; number += 1) recorder.event(pod, told({ message: `number ${number}` }));
    const events = await coreEvents();
    expect(events).toHaveLength(10);
    const combined = events.filter(({ message }) => message?.startsWith("(combined"));
    expect(combined).toMatchObject([{ message: "(combined from similar events): number 12", count: 3 }]);
    await clock.advance(600_001);
    recorder.event(pod, told({ message: "number 13" }));
    expect((await coreEvents()).filter(({ message }) => message === "number 13")).toHaveLength(1);
  });

  it("is not told where there are more than 25 of one object, but one more each five minutes", async () => {
    const recorder = recorderFor();
    for (let number = 0; number < 40; number += 1) recorder.event(pod, told({ reason: `Reason${number}` }));
    recorder.event({ ...pod, metadata: { ...pod.metadata, name: "other" } }, told());
    expect(await coreEvents()).toHaveLength(26);
    await clock.advance(300_000);
    recorder.event(pod, told({ reason: "Later" }));
    recorder.event(pod, told({ reason: "TooMuch" }));
    const reasons = (await coreEvents()).map(({ reason }) => reason);
    expect(reasons).toContain("Later");
    expect(reasons).not.toContain("TooMuch");
  });

  it("of a part of an object, or one that is not at hand, is told by its reference", async () => {
    const recorder = recorderFor({ component: "kubelet", instance: "node-1" });
    const reference = {
      apiVersion: "v1",
      kind: "Pod",
      namespace: "default",
      name: "web",
      fieldPath: "spec.containers{app}",
    };
    recorder.event(reference, told({ reason: "Pulled" }));
    recorder.event({ kind: "Node", name: "node-1", uid: "node-1" }, told({ reason: "Starting", message: "" }));
    expect(await coreEvents()).toMatchObject([
      {
        involvedObject: { kind: "Node", uid: "node-1" },
        metadata: { namespace: "default" },
        reportingInstance: "node-1",
      },
      { involvedObject: reference, source: { component: "kubelet", host: "node-1" } },
    ]);
  });

  it("of an object whose name an event cannot have gets another name", async () => {
    const role = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: "system:node" } };
    recorderFor().event(role, told());
    expect((await coreEvents())[0]?.metadata.name).toMatch(/^[\da-f]{8}-[-\da-f]{27}$/);
  });

  it("about nothing is said in the log, and nowhere else", async () => {
    recorderFor().event({ metadata: { name: "x" } }, told());
    expect(await coreEvents()).toEqual([]);
    expect(logged).toMatchObject([["error", "an event is about nothing that can be named", {}]]);
  });
});

describe("an event of the scheduler", () => {
  it("can be read in both versions of the API", async () => {
    const node = { apiVersion: "v1", kind: "Node", metadata: { name: "n1" } };
    recorderOfScheduler().event(pod, told({ reason: "Scheduled", action: "Binding", related: node }));
    expect((await newEvents())[0]).toMatchObject({
      metadata: { name: expect.stringMatching(/^web\.[\da-f]{16}$/) as string },
      eventTime: "2026-01-01T00:00:00.000000Z",
      regarding: { kind: "Pod", name: "web" },
      related: { kind: "Node", name: "n1" },
      action: "Binding",
      note: "scaled up",
      reportingController: "default-scheduler",
      reportingInstance: "default-scheduler-host",
    });
    expect((await coreEvents())[0]).toMatchObject({
      involvedObject: { name: "web" },
      message: "scaled up",
      reportingComponent: "default-scheduler",
      firstTimestamp: null,
    });
  });

  it("becomes a series when it comes again, whatever its message, that is told at its begin and its end", async () => {
    const recorder = recorderOfScheduler();
    for (let count = 1; count <= 5; count += 1) {
      recorder.event(pod, told({ message: `try ${count}` }));
      await clock.advance(30_000);
    }
    const series = (count: number, lastObservedTime: string): object => ({
      note: "try 1",
      series: { count, lastObservedTime },
    });
    expect(await newEvents()).toMatchObject([series(2, "2026-01-01T00:00:30.000000Z")]);
    // Looked at each six minutes: nothing new for six minutes at the second look.
    await clock.advance(720_000);
    expect(await newEvents()).toMatchObject([series(5, "2026-01-01T00:02:00.000000Z")]);
    expect((await coreEvents())[0]).toMatchObject({ series: { count: 5 } });
    recorder.event(pod, told({ message: "a new one" }));
    expect(await newEvents()).toHaveLength(2);
  });

  it("is written anew each half hour as long as it goes on, so that it does not expire", async () => {
    const recorder = recorderOfScheduler();
    for (let minute = 0; minute < 100; minute += 1) {
      recorder.event(pod, told());
      await clock.advance(60_000);
    }
    expect(await newEvents()).toMatchObject([{ series: { count: 90 } }]);
  });

  it("has a message of a kilobyte at most, cut between characters", async () => {
    recorderOfScheduler().event(pod, told({ message: "ü".repeat(1000) }));
    expect((await newEvents())[0]?.note).toBe(`${"ü".repeat(510)} ...`);
  });

  it("leaves no timer behind when nothing goes on", async () => {
    recorderOfScheduler().event(pod, told());
    await activity.idle();
    await clock.advance(720_000);
    let fired = 0;
    clock.after(3_600_000, () => (fired += 1));
    await clock.advance(3_600_000);
    expect(fired).toBe(1);
    expect(link.requests).toEqual(["POST"]);
  });
});

describe("an event that cannot be written", () => {
  it("is tried again until the server is there, with its last count", async () => {
    const recorder = recorderFor();
    link.fails = true;
    recorder.event(pod, told());
    await clock.advance(35_000);
    recorder.event(pod, told());
    link.fails = false;
    await clock.advance(10_000);
    expect(await coreEvents()).toMatchObject([{ count: 2 }]);
  });

  it("is given up after twelve tries", async () => {
    link.fails = true;
    recorderFor().event(pod, told());
    await clock.advance(3_600_000);
    expect(link.requests).toHaveLength(12);
    expect(logged.at(-1)).toMatchObject(["error", "unable to write event (retry limit exceeded!)", {}]);
  });

  it("is given up at once where the server refuses it", async () => {
    recorderFor().event({ ...pod, metadata: { ...pod.metadata, namespace: "none" } }, told());
    await clock.advance(3_600_000);
    expect(link.requests).toEqual(["POST"]);
    expect(logged).toMatchObject([["warn", "server rejected event (will not retry!)", {}]]);
  });

  it("is given up without a word in a namespace that is being deleted", async () => {
    const metadata = { name: "ending", finalizers: ["test/held"] };
    await call(transport, { method: "POST", url: "/api/v1/namespaces", body: { metadata } });
    await call(transport, { method: "DELETE", url: "/api/v1/namespaces/ending" });
    link.requests.length = 0;
    recorderFor().event({ ...pod, metadata: { ...pod.metadata, namespace: "ending" } }, told());
    await clock.advance(3_600_000);
    expect(link.requests).toEqual(["POST"]);
    expect(logged).toMatchObject([["debug", "server rejected event (will not retry!)", {}]]);
  });

  it("is dropped where a thousand wait, which is said once", async () => {
    link.fails = true;
    const recorder = recorderFor();
    for (let number = 0; number < 2000; number += 1)
      recorder.event({ ...pod, metadata: { ...pod.metadata, name: `pod-${number}` } }, told());
    await activity.idle();
    expect(logged.filter(([, message]) => message.startsWith("events are dropped"))).toHaveLength(1);
    link.fails = false;
    await clock.advance(60_000);
    expect(await coreEvents()).toHaveLength(1008);
  });

  it("does not keep its recorder from ending, which writes what waits", async () => {
    link.fails = true;
    const recorder = recorderFor();
    recorder.event(pod, told());
    await activity.idle();
    link.fails = false;
    recorder.event({ ...pod, metadata: { ...pod.metadata, name: "other" } }, told());
    await recorder[Symbol.asyncDispose]();
    recorder.event(pod, told({ reason: "TooLate" }));
    expect((await coreEvents()).map(({ involvedObject }) => involvedObject.name)).toEqual(["other"]);
  });
});
