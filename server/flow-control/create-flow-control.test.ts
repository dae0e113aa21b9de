import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import type { FlowSchema, PriorityLevelConfiguration } from "../../api/generated/types/flowcontrol-v1.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { silentLogger } from "../../base/log.ts";
import { ManualClock } from "../../storage/manual-clock.testing.ts";
import { holding, type HeldObjects } from "../admission/objects.testing.ts";
import { createFlowControl, type PriorityAndFairness } from "./create-flow-control.ts";
import type { Leave } from "./flow-control.ts";
import { requestOf } from "./requests.testing.ts";

const schemas = "flowschemas.flowcontrol.apiserver.k8s.io";
const levels = "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io";
const pods = "/api/v1/namespaces/a/pods";

function level(
  name: string,
  shares: number,
  response: object = { type: "Reject" },
  more: object = {},
): PriorityLevelConfiguration {
  const limited = { nominalConcurrencyShares: shares, limitResponse: response, lendablePercent: 0, ...more };
  return { metadata: { name, uid: `level-${name}` }, spec: { type: "Limited", limited } } as PriorityLevelConfiguration;
}

function schema(name: string, levelName: string, matchingPrecedence: number, user = "*"): FlowSchema {
  return {
    metadata: { name, uid: `schema-${name}` },
    spec: {
      priorityLevelConfiguration: { name: levelName },
      matchingPrecedence,
      distinguisherMethod: { type: "ByUser" },
      rules: [
        {
          subjects: [{ kind: "User", user: { name: user } }],
          resourceRules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"], namespaces: ["*"], clusterScope: true }],
        },
      ],
    },
  };
}

interface Trial {
  readonly control: PriorityAndFairness;
  readonly objects: HeldObjects;
  readonly timers: ManualClock;
  readonly registry: Registry;
  enter(url: string, from?: Parameters<typeof requestOf>[2]): Promise<Leave>;
}

function trial(inFlight = { readOnly: 4, mutating: 2 }): Trial {
  const objects = holding();
  const timers = new ManualClock(1_000_000);
  const registry = new Registry();
  const control = createFlowControl({
    reader: objects,
    writer: objects,
    clock: new ManualClock(Date.UTC(2026, 0, 2, 3, 4, 5)),
    timers,
    load: { objects: () => undefined, watches: () => 0 },
    inFlight,
    metrics: registry,
    log: silentLogger,
  });
  return {
    control,
    objects,
    timers,
    registry,
    enter: async (url, from = {}) => control.classify(requestOf("GET", url, from)).enter(15_000),
  };
}

async function refusal(entering: Promise<Leave>): Promise<unknown> {
  const thrown: unknown = await entering.catch((error: unknown) => error);
  return thrown instanceof ApiError ? thrown.toStatus() : thrown;
}

it("before there are objects, the mandatory ones hold", async () => {
  const { control, enter } = trial();
  expect(control.classify(requestOf("GET", pods)).headers).toEqual({
    "x-kubernetes-pf-flowschema-uid": "",
    "x-kubernetes-pf-prioritylevel-uid": "",
  });
  for (let count = 0; count < 6; count += 1) await enter(pods);
  expect(await refusal(enter(pods))).toMatchObject({
    code: 429,
    reason: "TooManyRequests",
    message: "Too many requests, please try again later.",
    details: { retryAfterSeconds: 1 },
  });
  await enter(pods, { groups: ["system:masters"] });
  // Nobody's request: not even authenticated by a group.
  expect(await refusal(enter(pods, { groups: [] }))).toMatchObject({ code: 429 });
});

it("streams are neither limited nor counted, and a watch only while it begins", async () => {
  const { control, enter } = trial();
  for (let count = 0; count < 20; count += 1) await enter(`${pods}/p/exec`);
  for (let count = 0; count < 20; count += 1) (await enter(`${pods}?watch=1`))();
  expect(control.current).toEqual({ readOnly: 0, mutating: 0 });
});

it("schemas are tried by precedence, then by name, and say so by their uids", async () => {
  const { control, objects } = trial();
  objects.put(levels, level("one", 10));
  for (const one of [schema("b", "one", 10), schema("a", "one", 10), schema("first", "one", 2, "bob")])
    objects.put(schemas, one);
  await control.refresh();
  const uid = (user: string): unknown =>
    control.classify(requestOf("GET", pods, { user })).headers["x-kubernetes-pf-flowschema-uid"];
  expect([uid("ann"), uid("bob")]).toEqual(["schema-a", "schema-first"]);
  expect(control.classify(requestOf("GET", pods)).headers["x-kubernetes-pf-prioritylevel-uid"]).toBe("level-one");
});

it("levels do not take each other's seats", async () => {
  const { control, objects, enter } = trial({ readOnly: 10, mutating: 10 });
  objects.put(levels, level("rich", 15));
  objects.put(levels, level("catch-all", 5));
  objects.put(schemas, schema("rich", "rich", 10, "rich"));
  await control.refresh();
  const anybody = { user: "ann" };
  for (let count = 0; count < 15; count += 1) await enter(pods, { user: "rich" });
  expect(await refusal(enter(pods, { user: "rich" }))).toMatchObject({ code: 429 });
  for (let count = 0; count < 5; count += 1) await enter(pods, anybody);
  expect(await refusal(enter(pods, anybody))).toMatchObject({ code: 429 });
});

it("seats that nobody uses are lent to who needs them, and come back", async () => {
  const { control, objects, enter, timers } = trial({ readOnly: 10, mutating: 10 });
  const response = { type: "Queue", queuing: { queues: 4, handSize: 1, queueLengthLimit: 50 } };
  objects.put(levels, level("lender", 15, { type: "Reject" }, { lendablePercent: 100 }));
  objects.put(levels, level("busy", 5, response));
  objects.put(levels, level("catch-all", 0));
  objects.put(schemas, schema("busy", "busy", 10, "busy"));
  objects.put(schemas, schema("lender", "lender", 10, "lender"));
  await control.refresh();
  const stop = control.start();
  const many = Array.from({ length: 20 }, () => enter(pods, { user: "busy" }));
  const first = await Promise.all(many.slice(0, 5));
  timers.advance(10_000);
  const rest = await Promise.all(many);
  expect(control.current.readOnly).toBe(20);
  for (const leave of rest) leave();
  expect(first).toHaveLength(5);
  await stop();
});

it("what waits in a level that is deleted is served, and what comes later goes elsewhere", async () => {
  const { control, objects, enter } = trial();
  const response = { type: "Queue", queuing: { queues: 4, handSize: 1, queueLengthLimit: 50 } };
  objects.put(levels, level("going", 1_000_000, response));
  objects.put(schemas, schema("s", "going", 10));
  await control.refresh();
  const leaves = await Promise.all(Array.from({ length: 6 }, () => enter(pods)));
  const waiting = enter(pods);
  objects.remove(levels, "", "going");
  await control.refresh();
  expect(control.classify(requestOf("GET", pods)).headers["x-kubernetes-pf-flowschema-uid"]).toBe("");
  for (const leave of leaves) leave();
  await waiting;
});

describe("the Dangling condition", () => {
  it("says whether the level exists, and is not written again", async () => {
    const { control, objects } = trial();
    objects.put(schemas, schema("s", "none", 10));
    await control.refresh();
    const condition = async (): Promise<unknown> =>
      (await objects.find<FlowSchema>(schemas, "", "s"))?.status?.conditions?.[0];
    const named = 'This FlowSchema references the PriorityLevelConfiguration object named "none"';
    expect(await condition()).toEqual({
      type: "Dangling",
      status: "True",
      lastTransitionTime: "2026-01-02T03:04:05Z",
      reason: "NotFound",
      message: `${named} but there is no such object`,
    });
    objects.put(levels, level("none", 1));
    await control.refresh();
    expect(await condition()).toMatchObject({ status: "False", reason: "Found", message: `${named} and it exists` });
    const before = await objects.generation(schemas);
    await control.refresh();
    expect(await objects.generation(schemas)).toBe(before);
  });

  it("follows a write through this server at once", async () => {
    const { control, objects } = trial();
    const url = "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas";
    const leave = await control.classify(requestOf("POST", url)).enter(1000);
    objects.put(levels, level("one", 10));
    objects.put(schemas, schema("s", "one", 10));
    leave();
    await control.refresh();
    expect(control.classify(requestOf("GET", pods)).headers["x-kubernetes-pf-flowschema-uid"]).toBe("schema-s");
  });
});

it("metrics and tables tell who runs, who waits and who was turned away", async () => {
  const { control, objects, enter, registry, timers } = trial();
  const response = { type: "Queue", queuing: { queues: 1, handSize: 1, queueLengthLimit: 1 } };
  objects.put(levels, level("one", 1_000_000, response));
  objects.put(schemas, schema("s", "one", 10));
  await control.refresh();
  for (let count = 0; count < 6; count += 1) await enter(pods);
  const waiting = enter(pods);
  expect(await refusal(enter(pods))).toMatchObject({ code: 429 });
  const text = await registry.metrics();
  const labels = 'priority_level="one",flow_schema="s"';
  for (const line of [
    `apiserver_flowcontrol_dispatched_requests_total{${labels}} 6`,
    `apiserver_flowcontrol_current_executing_requests{${labels}} 6`,
    `apiserver_flowcontrol_current_inqueue_requests{${labels}} 1`,
    `apiserver_flowcontrol_rejected_requests_total{${labels},reason="queue-full"} 1`,
    'apiserver_flowcontrol_nominal_limit_seats{priority_level="one"} 6',
  ])
    expect(text).toContain(line);
  const table = (name: string): string => {
    const body = control.debug(`/debug/api_priority_and_fairness/${name}`)?.body;
    return body?.type === "bytes" ? Buffer.from(body.bytes).toString() : "";
  };
  expect(table("dump_priority_levels")).toMatch(/^one, +1, +false, +false, +1, +6$/m);
  expect(table("dump_queues")).toMatch(/^one, +0, +1, +6, +6, /m);
  expect(table("dump_requests")).toMatch(/^one, +s, +0, +0, +ann, +1970-01-01T00:16:40\.000000Z, 1, +0, +0ms$/m);
  expect(control.debug("/debug/other")).toBeUndefined();
  timers.advance(15_000);
  expect(await refusal(waiting)).toMatchObject({ code: 429 });
});
