import { describe, expect, it } from "vitest";
import type { Binding } from "../api/generated/types/core-v1.ts";
import { ApiError } from "../api/machinery/status.ts";
import type { Transport } from "../api/wire.ts";
import { events, nodes, podDisruptionBudgets, pods, priorityClasses, resourceType } from "../client/resource-types.ts";
import type { Client } from "../client/client.ts";
import { schedulerStage, type SchedulerStage } from "./stage.testing.ts";

const noRoom =
  "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.";

async function condition(play: SchedulerStage, name: string): Promise<Record<string, unknown> | undefined> {
  await play.settled();
  const found = (await play.pod(name)).status?.conditions?.find(({ type }) => type === "PodScheduled");
  return found === undefined ? undefined : { status: found.status, reason: found.reason, message: found.message };
}

describe("a pod", () => {
  it("gets a node, and the condition PodScheduled of it", async () => {
    await using play = await schedulerStage();
    await play.addNode("a");
    await play.addPod("web");
    expect(await play.nodeOf("web")).toBe("a");
    expect(await condition(play, "web")).toMatchObject({ status: "True" });
  });

  it("is left alone where it asks for another scheduler, or has a node", async () => {
    await using play = await schedulerStage();
    await play.addNode("a");
    await play.addPod("other", { spec: { schedulerName: "mine" } });
    await play.addPod("placed", { cpu: "100", spec: { nodeName: "a" } });
    expect(await play.nodeOf("other")).toBeUndefined();
    expect(await play.nodeOf("placed")).toBe("a");
  });

  it("that fits nowhere is told why, and placed as soon as a node for it is there", async () => {
    await using play = await schedulerStage();
    await play.addNode("small", { capacity: { cpu: "500m" } });
    await play.addPod("web");
    expect(await condition(play, "web")).toEqual({
      status: "False",
      reason: "Unschedulable",
      message:
        "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
    });
    await play.addNode("large");
    expect(await play.nodeOf("web")).toBe("large");
  });

  it("waits for the first node without being tried again and again", async () => {
    await using play = await schedulerStage();
    await play.addPod("web");
    expect(await condition(play, "web")).toEqual({
      status: "False",
      reason: "Unschedulable",
      message: "no nodes available to schedule pods",
    });
    const before = (await play.pod("web")).metadata?.resourceVersion;
    await play.clock.advance(60_000);
    expect((await play.pod("web")).metadata?.resourceVersion).toBe(before);
    await play.addNode("a");
    expect(await play.nodeOf("web")).toBe("a");
  });

  it("takes the room of one that is deleted", async () => {
    await using play = await schedulerStage();
    await play.addNode("a", { capacity: { cpu: "1" } });
    await play.addPod("first");
    await play.settled();
    await play.addPod("second");
    expect(await condition(play, "second")).toEqual({ status: "False", reason: "Unschedulable", message: noRoom });
    await play.client.delete(pods, { namespace: "default", name: "first" }, { gracePeriodSeconds: 0 });
    expect(await play.nodeOf("second")).toBe("a");
  });

  it("takes the room of one that has finished", async () => {
    await using play = await schedulerStage();
    await play.addNode("a", { capacity: { cpu: "1" } });
    await play.addPod("first");
    await play.settled();
    await play.addPod("second");
    await play.settled();
    const done = { status: { phase: "Succeeded" } };
    await play.client.patch(pods, { namespace: "default", name: "first" }, done, { subresource: "status" });
    expect(await play.nodeOf("second")).toBe("a");
  });

  it("is held back by its gates", async () => {
    await using play = await schedulerStage();
    await play.addNode("a");
    await play.addPod("web", { spec: { schedulingGates: [{ name: "example.com/later" }] } });
    expect(await play.nodeOf("web")).toBeUndefined();
    expect(await condition(play, "web")).toMatchObject({ status: "False", reason: "SchedulingGated" });
    await play.client.patch(pods, { namespace: "default", name: "web" }, { spec: { schedulingGates: null } });
    expect(await play.nodeOf("web")).toBe("a");
  });

  it("is scheduled by the profile that it names", async () => {
    await using play = await schedulerStage({
      configuration: {
        profiles: [
          { schedulerName: "default-scheduler" },
          { schedulerName: "careless", plugins: { multiPoint: { disabled: [{ name: "NodeUnschedulable" }] } } },
        ],
      },
    });
    await play.addNode("a", { spec: { unschedulable: true } });
    await play.addPod("careful");
    await play.addPod("careless", { spec: { schedulerName: "careless" } });
    expect(await play.nodeOf("careless")).toBe("a");
    expect(await play.nodeOf("careful")).toBeUndefined();
  });
});

describe("events", () => {
  const told = async (play: SchedulerStage, name: string): Promise<string[]> => {
    await play.settled();
    const all = await play.client.list(events);
    return all
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map((event) => `${event.type} ${event.reason} ${event.action} ${event.reportingComponent}: ${event.message}`)
      .toSorted();
  };

  it("tell where a pod went, and why it did not", async () => {
    await using play = await schedulerStage();
    await play.addNode("a", { capacity: { cpu: "1" } });
    await play.addPod("web");
    expect(await told(play, "web")).toEqual([
      "Normal Scheduled Binding default-scheduler: Successfully assigned default/web to a",
    ]);
    await play.addPod("more");
    expect(await told(play, "more")).toEqual([`Warning FailedScheduling Scheduling default-scheduler: ${noRoom}`]);
  });

  it("tell once of a pod that is rejected, also by what it does not change itself", async () => {
    await using play = await schedulerStage();
    await play.addNode("a");
    await play.addPod("web", { spec: { nodeSelector: { disk: "ssd" } } });
    await play.settled();
    const [event, ...others] = (await play.client.list(events)).filter(
      ({ involvedObject }) => involvedObject.name === "web",
    );
    expect(others).toEqual([]);
    expect(event?.series).toBeUndefined();
    expect(event?.message).toBe(
      "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
    );
  });

  it("tell a victim who took its place", async () => {
    await using play = await schedulerStage();
    await addPriorities(play.client);
    await play.addNode("a", { capacity: { cpu: "1" } });
    await play.addPod("low", { spec: { priorityClassName: "low" } });
    await play.settled();
    await play.addPod("high", { spec: { priorityClassName: "high" } });
    expect(await told(play, "low")).toEqual([
      `Normal Preempted Preempting default-scheduler: Preempted by pod ${(await play.pod("high")).metadata?.uid} on node a`,
      "Normal Scheduled Binding default-scheduler: Successfully assigned default/low to a",
    ]);
    expect(await told(play, "high")).toEqual([
      "Warning FailedScheduling Scheduling default-scheduler: 0/1 nodes are available: 1 Insufficient cpu.",
    ]);
  });
});

describe("two pods", () => {
  it("never get the same room", async () => {
    await using play = await schedulerStage();
    for (const name of ["a", "b", "c"]) await play.addNode(name, { capacity: { cpu: "3" } });
    await Promise.all(Array.from({ length: 30 }, (_, index) => play.addPod(`web-${index}`)));
    await play.settled();
    const placed = (await play.client.list(pods)).map(({ spec }) => spec?.nodeName ?? "none").toSorted();
    expect(placed.filter((name) => name !== "none")).toEqual(["a", "a", "a", "b", "b", "b", "c", "c", "c"]);
  });

  it("are tried in the order of their priorities", async () => {
    await using play = await schedulerStage();
    await addPriorities(play.client);
    await play.addPod("low", { spec: { priorityClassName: "low" } });
    await play.addPod("high", { spec: { priorityClassName: "high" } });
    await play.settled();
    await play.addNode("a", { capacity: { cpu: "1" } });
    expect(await play.nodeOf("high")).toBe("a");
    expect(await play.nodeOf("low")).toBeUndefined();
  });
});

async function addPriorities(client: Client): Promise<void> {
  for (const [name, value] of [
    ["low", 1],
    ["middle", 5],
    ["high", 10],
  ] as const)
    await client.create(priorityClasses, { metadata: { name }, value });
}

describe("preemption", () => {
  it("evicts as few as it can, tells them, and gives the room to the pod that needs it", async () => {
    await using play = await schedulerStage();
    await addPriorities(play.client);
    await play.addNode("a");
    await play.addPod("low-1", { spec: { priorityClassName: "low" } });
    await play.addPod("low-2", { spec: { priorityClassName: "low" } });
    await play.settled();
    await play.addPod("high", { spec: { priorityClassName: "high" } });
    await play.settled();
    const left = (await play.client.list(pods)).filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
    expect(left.map(({ metadata }) => metadata?.name).filter((name) => name?.startsWith("low"))).toHaveLength(1);
    const victim = (await play.client.list(pods)).find(({ metadata }) => metadata?.deletionTimestamp !== undefined);
    expect(victim?.status?.conditions?.find(({ type }) => type === "DisruptionTarget")).toMatchObject({
      status: "True",
      reason: "PreemptionByScheduler",
      message: "default-scheduler: preempting to accommodate a higher priority pod",
    });
    const high = await play.pod("high");
    expect(high.spec?.nodeName).toBeUndefined();
    expect(high.status?.nominatedNodeName).toBe("a");
    // The kubelet has stopped it.
    const { name = "" } = victim?.metadata ?? {};
    await play.client.delete(pods, { namespace: "default", name }, { gracePeriodSeconds: 0 });
    expect(await play.nodeOf("high")).toBe("a");
  });

  it("keeps the room for whom it was made", async () => {
    await using play = await schedulerStage();
    await addPriorities(play.client);
    await play.addNode("a", { capacity: { cpu: "1" } });
    await play.addPod("low", { spec: { priorityClassName: "low" } });
    await play.settled();
    await play.addPod("high", { spec: { priorityClassName: "high" } });
    await play.settled();
    await play.addPod("middle", { spec: { priorityClassName: "middle" } });
    await play.settled();
    await play.client.delete(pods, { namespace: "default", name: "low" }, { gracePeriodSeconds: 0 });
    expect(await play.nodeOf("high")).toBe("a");
    expect(await play.nodeOf("middle")).toBeUndefined();
  });

  it("is not for pods that never preempt", async () => {
    await using play = await schedulerStage();
    await addPriorities(play.client);
    await play.addNode("a", { capacity: { cpu: "1" } });
    await play.addPod("low", { spec: { priorityClassName: "low" } });
    await play.settled();
    await play.client.create(priorityClasses, {
      metadata: { name: "polite" },
      value: 10,
      preemptionPolicy: "Never",
    });
    await play.addPod("polite", { spec: { priorityClassName: "polite" } });
    expect(await condition(play, "polite")).toMatchObject({
      message:
        "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.",
    });
    expect((await play.pod("low")).metadata?.deletionTimestamp).toBeUndefined();
  });

  it("rather evicts where no disruption budget is violated", async () => {
    await using play = await schedulerStage();
    await addPriorities(play.client);
    for (const name of ["a", "b"]) await play.addNode(name, { capacity: { cpu: "1" } });
    for (const name of ["a", "b"])
      await play.addPod(`on-${name}`, {
        labels: { on: name },
        spec: { priorityClassName: "low", nodeSelector: { "kubernetes.io/hostname": name } },
      });
    await play.client.create(podDisruptionBudgets, {
      metadata: { name: "b", namespace: "default" },
      spec: { minAvailable: 1, selector: { matchLabels: { on: "b" } } },
    });
    await play.settled();
    await play.addPod("high", { spec: { priorityClassName: "high" } });
    await play.settled();
    expect((await play.pod("high")).status?.nominatedNodeName).toBe("a");
  });
});

describe("where requests fail", () => {
  const failing = (refusal: () => ApiError, times: number, isApplied = false) => {
    let left = times;
    return (transport: Transport): Transport =>
      async (request) => {
        if (!request.url.endsWith("/binding") || left === 0) return transport(request);
        left -= 1;
        if (isApplied) await transport(request);
        throw refusal();
      };
  };

  const refusals = [
    ["Conflict", () => new ApiError("Conflict", "somebody was faster")],
    ["InternalError", () => new ApiError("InternalError", "the server is ill")],
    ["NotFound", () => new ApiError("NotFound", "gone")],
    ["Forbidden", () => new ApiError("Forbidden", "no")],
  ] as const;
  for (const [reason, refusal] of refusals)
    it(`binds again later: ${reason}`, async () => {
      await using play = await schedulerStage({ through: failing(refusal, 2) });
      await play.addNode("a");
      await play.addPod("web");
      expect(await condition(play, "web")).toMatchObject({ status: "False", reason: "SchedulerError" });
      await play.clock.advance(10_000);
      expect(await play.nodeOf("web")).toBe("a");
    });

  it("does not give room away when the answer to a binding is lost", async () => {
    const lost = (): ApiError => new ApiError("Timeout", "lost");
    await using play = await schedulerStage({ through: failing(lost, 1, true) });
    await play.addNode("a", { capacity: { cpu: "1" } });
    await play.addPod("first");
    await play.addPod("second");
    await play.clock.advance(10_000);
    expect([await play.nodeOf("first"), await play.nodeOf("second")]).toEqual(["a", undefined]);
  });

  it("gives the room of a pod that cannot be bound to another", async () => {
    const through =
      (transport: Transport): Transport =>
      (request) =>
        request.url.includes("/pods/cursed/binding")
          ? Promise.reject(new ApiError("Forbidden", "no"))
          : transport(request);
    await using play = await schedulerStage({ through });
    await play.addNode("a", { capacity: { cpu: "1" } });
    await play.addPod("cursed");
    await play.settled();
    await play.addPod("blessed");
    await play.clock.advance(5_000);
    expect(await play.nodeOf("blessed")).toBe("a");
  });
});

describe("what happens meanwhile", () => {
  it("a pod that is deleted while it is bound takes no room", async () => {
    const late = { remove: () => Promise.resolve() };
    const through =
      (transport: Transport): Transport =>
      async (request) => {
        if (request.url.includes("/pods/brief/binding")) await late.remove();
        return transport(request);
      };
    await using play = await schedulerStage({ through });
    late.remove = () => play.client.delete(pods, { namespace: "default", name: "brief" }, { gracePeriodSeconds: 0 });
    await play.addNode("a", { capacity: { cpu: "1" } });
    await play.addPod("brief");
    await play.settled();
    await play.addPod("web");
    expect(await play.nodeOf("web")).toBe("a");
  });

  it("a pod that somebody else binds is left where it is, and takes its room", async () => {
    await using play = await schedulerStage();
    await play.addNode("a", { capacity: { cpu: "1" }, spec: { unschedulable: true } });
    await play.addPod("web");
    await play.settled();
    const binding = { metadata: { namespace: "default", name: "web" }, target: { kind: "Node", name: "a" } };
    await play.client.create(resourceType<Binding>("v1", "pods", "Binding", "Namespaced"), binding, "binding");
    await play.settled();
    await play.client.patch(nodes, { name: "a" }, { spec: { unschedulable: null } });
    await play.addPod("next");
    expect(await condition(play, "next")).toMatchObject({ reason: "Unschedulable", message: noRoom });
  });

  it("a node that is deleted takes no pods, and a restart knows what is bound", async () => {
    await using play = await schedulerStage();
    await play.addNode("a", { capacity: { cpu: "1" } });
    await play.addNode("b", { capacity: { cpu: "1" } });
    await play.addPod("first");
    await play.settled();
    const first = await play.nodeOf("first");
    const other = first === "a" ? "b" : "a";
    await play.client.delete(nodes, { name: other });
    await play.restart();
    await play.addPod("second");
    expect(await play.nodeOf("second")).toBeUndefined();
    await play.addNode(other, { capacity: { cpu: "1" } });
    expect(await play.nodeOf("second")).toBe(other);
  });
});
