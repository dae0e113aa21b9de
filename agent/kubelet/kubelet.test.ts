import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Container, Pod, PodSpec, PodStatus } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { nodes, pods } from "../../client/resource-types.ts";
import { nodeStage, type NodeStage } from "../stage.testing.ts";

function podOf(name: string, spec: Partial<PodSpec> = {}, annotations: Record<string, string> = {}): Pod {
  return {
    metadata: { namespace: "default", name, annotations },
    spec: { containers: [{ name: "web", image: "nginx:1.27" }], ...spec },
  };
}

const simulated = (said: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(said).map(([key, value]) => [`simulated.wherry.dev/${key}`, value]));

async function statusOf(play: NodeStage, name: string): Promise<DeepReadonly<PodStatus>> {
  return (await play.pod(name)).status ?? {};
}

/** `Type=Status`, in order. */
function conditionsOf(status: DeepReadonly<PodStatus>): readonly string[] {
  return (status.conditions ?? []).map(({ type, status: value }) => `${type}=${value}`);
}

const toldOf = (play: NodeStage, name: string): readonly string[] =>
  play.events.filter((event) => event.name === name).map(({ reason, message }) => `${reason}: ${message}`);

/** For all tests that need nothing special; each has pods of its own. */
let play: NodeStage;
beforeAll(async () => {
  play = await nodeStage();
});
afterAll(() => play[Symbol.asyncDispose]());

const remove = ({ client }: NodeStage, name: string, gracePeriodSeconds?: number): Promise<void> =>
  client.delete(pods, { namespace: "default", name }, gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds });

const isGone = async ({ client }: NodeStage, name: string): Promise<boolean> =>
  !(await client.list(pods, { namespace: "default" })).some(({ metadata }) => metadata?.name === name);

describe("a pod that is bound to a simulated node", () => {
  it("is Running and Ready at once, told in a single status", async () => {
    await play.run(podOf("web-1"));
    const status = await statusOf(play, "web-1");
    expect(status).toMatchObject({ phase: "Running", qosClass: "BestEffort", observedGeneration: 1 });
    expect(conditionsOf(status)).toEqual([
      "PodReadyToStartContainers=True",
      "Initialized=True",
      "Ready=True",
      "ContainersReady=True",
      "PodScheduled=True",
    ]);
    expect(status.containerStatuses?.[0]).toMatchObject({
      ready: true,
      started: true,
      restartCount: 0,
      image: "docker.io/library/nginx:1.27",
      containerID: expect.stringMatching(/^simulated:\/\/[0-9a-f]{64}$/),
    });
    expect(toldOf(play, "web-1").map((line) => line.replace(/size: \d+/, "size: N"))).toEqual([
      'Pulling: Pulling image "nginx:1.27"',
      'Pulled: Successfully pulled image "nginx:1.27" in 0s (0s including waiting). Image size: N bytes.',
      "Created: Container created",
      "Started: Container started",
    ]);
    await play.clock.advance(120_000);
    expect(play.requests.filter((request) => request.includes("/pods/web-1"))).toEqual([
      "PATCH /api/v1/namespaces/default/pods/web-1/status",
    ]);
    await play.run(podOf("again-1"));
    expect(toldOf(play, "again-1")[0]).toBe(
      'Pulled: Container image "nginx:1.27" already present on machine and can be accessed by the pod',
    );
  });

  it("has an address of its own, which another gets only when it is gone", async () => {
    await using play = await nodeStage({
      objects: (client) =>
        client.create(nodes, {
          metadata: { name: "node-0" },
          spec: { podCIDR: "10.244.7.0/29", podCIDRs: ["10.244.7.0/29"] },
        }),
    });
    for (const name of ["a", "b", "c", "d", "e"]) await play.run(podOf(name));
    const ips = await Promise.all(["a", "b", "c", "d", "e"].map(async (name) => (await statusOf(play, name)).podIP));
    expect(ips).toEqual(["10.244.7.2", "10.244.7.3", "10.244.7.4", "10.244.7.5", "10.244.7.6"]);
    await play.run(podOf("late"));
    await play.clock.advance(100);
    expect((await statusOf(play, "late")).phase).toBe("Pending");
    expect(toldOf(play, "late")[0]).toContain("FailedCreatePodSandBox: Failed to create pod sandbox: ");
    await remove(play, "c");
    await play.clock.advance(10_000);
    expect(await statusOf(play, "late")).toMatchObject({ phase: "Running", podIP: "10.244.7.4" });
  });

  it("shows what it waits for while it takes its time", async () => {
    await play.run(
      podOf(
        "slow-2",
        { containers: [{ name: "web", image: "large:1" }] },
        simulated({ "pull-delay": "5s", "start-delay": "1s" }),
      ),
    );
    await play.clock.advance(100);
    const waiting = await statusOf(play, "slow-2");
    expect(waiting).toMatchObject({
      phase: "Pending",
      containerStatuses: [{ state: { waiting: { reason: "ContainerCreating" } }, ready: false, started: false }],
    });
    expect(conditionsOf(waiting)).toContain("PodReadyToStartContainers=True");
    await play.clock.advance(6_000);
    expect((await statusOf(play, "slow-2")).phase).toBe("Running");
    expect(toldOf(play, "slow-2")[1]).toContain("in 5s (5s including waiting)");
  });

  it("runs init containers one after the other, and sidecars beside what follows", async () => {
    const initContainers: Container[] = [
      { name: "first", image: "init:1" },
      { name: "proxy", image: "proxy:1", restartPolicy: "Always" },
      { name: "second", image: "init:1" },
    ];
    await play.run(
      podOf("web-3", { initContainers }, simulated({ "exit-after.first": "3s", "exit-after.second": "2s" })),
    );
    await play.clock.advance(1_000);
    const first = await statusOf(play, "web-3");
    expect(first.containerStatuses?.[0]?.state).toEqual({ waiting: { reason: "PodInitializing" } });
    expect(first.conditions?.find(({ type }) => type === "Initialized")).toMatchObject({
      status: "False",
      reason: "ContainersNotInitialized",
      message: "containers with incomplete status: [first proxy second]",
    });
    await play.clock.advance(2_500);
    const second = await statusOf(play, "web-3");
    expect(second.initContainerStatuses).toMatchObject([
      { name: "first", ready: true, state: { terminated: { exitCode: 0, reason: "Completed" } } },
      { name: "proxy", ready: true, started: true, state: { running: {} } },
      { name: "second", ready: false, state: { running: {} } },
    ]);
    await play.clock.advance(2_000);
    const status = await statusOf(play, "web-3");
    expect(status.phase).toBe("Running");
    expect(conditionsOf(status)).toContain("Ready=True");
  });
});

it("gets ephemeral containers while it runs", async () => {
  await play.run(podOf("debugged"));
  const ephemeralContainers = [{ name: "debug", image: "busybox:1", targetContainerName: "web" }];
  const how = { type: "strategic", subresource: "ephemeralcontainers" } as const;
  await play.client.patch(pods, { namespace: "default", name: "debugged" }, { spec: { ephemeralContainers } }, how);
  await play.settled();
  const status = await statusOf(play, "debugged");
  expect(status.ephemeralContainerStatuses).toMatchObject([{ name: "debug", ready: false, state: { running: {} } }]);
  expect(conditionsOf(status)).toContain("Ready=True");
});

describe("a container that ends", () => {
  it("completes a pod that is to end, and its address is free again", async () => {
    await play.run(podOf("job-4", { restartPolicy: "Never" }));
    expect((await statusOf(play, "job-4")).phase).toBe("Running");
    await play.clock.advance(1_000);
    const status = await statusOf(play, "job-4");
    expect(status).toMatchObject({
      phase: "Succeeded",
      containerStatuses: [
        { ready: false, started: false, state: { terminated: { exitCode: 0, reason: "Completed" } } },
      ],
    });
    expect(conditionsOf(status)).toEqual([
      "PodReadyToStartContainers=False",
      "Initialized=True",
      "Ready=False",
      "ContainersReady=False",
      "PodScheduled=True",
    ]);
    expect(status.conditions?.map(({ reason }) => reason)).toEqual([
      undefined,
      "PodCompleted",
      "PodCompleted",
      "PodCompleted",
      undefined,
    ]);
    expect(play.requests.filter((request) => request.includes("/pods/job-4"))).toHaveLength(2);
    await remove(play, "job-4");
    await play.settled();
    expect(await isGone(play, "job-4")).toBe(true);
  });

  it("fails a pod that must not start again, with the code and message of the rule", async () => {
    const said = simulated({ "exit-code": "3", "exit-reason": "OOMKilled", "exit-message": "too much" });
    await play.run(podOf("job-5", { restartPolicy: "Never" }, said));
    await play.clock.advance(1_000);
    expect(await statusOf(play, "job-5")).toMatchObject({
      phase: "Failed",
      containerStatuses: [{ state: { terminated: { exitCode: 3, reason: "OOMKilled", message: "too much" } } }],
    });
  });

  it("starts again, ever later", async () => {
    await play.run(podOf("web-6", {}, simulated({ "exit-code": "1" })));
    await play.clock.advance(1_000);
    const looping = await statusOf(play, "web-6");
    const uid = (await play.pod("web-6")).metadata?.uid ?? "";
    expect(looping).toMatchObject({
      phase: "Running",
      containerStatuses: [
        {
          restartCount: 1,
          state: {
            waiting: {
              reason: "CrashLoopBackOff",
              message: `back-off 10s restarting failed container=web pod=web-6_default(${uid})`,
            },
          },
          lastState: { terminated: { exitCode: 1, reason: "Error" } },
        },
      ],
    });
    const restarts: number[] = [];
    for (const seconds of [10, 20, 40, 80]) {
      await play.clock.advance(seconds * 1000);
      restarts.push((await statusOf(play, "web-6")).containerStatuses?.[0]?.restartCount ?? 0);
    }
    expect(restarts).toEqual([2, 3, 4, 5]);
    expect((await statusOf(play, "web-6")).containerStatuses?.[0]?.state?.waiting?.message).toContain("back-off 2m40s");
    expect(toldOf(play, "web-6")).toContain(
      `BackOff: Back-off restarting failed container web in pod web-6_default(${uid})`,
    );
  });
});

describe("an image that cannot be had", () => {
  it("is tried again, ever later, until the pod gets another", async () => {
    await play.run(podOf("web-7", { containers: [{ name: "web", image: "nginx:broken" }] }));
    const image = "docker.io/library/nginx:broken";
    const why = `failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;
    const waiting = async (): Promise<unknown> =>
      (await statusOf(play, "web-7")).containerStatuses?.[0]?.state?.waiting;
    expect(await waiting()).toEqual({ reason: "ErrImagePull", message: why });
    await play.clock.advance(3_000);
    expect(await waiting()).toEqual({
      reason: "ImagePullBackOff",
      message: `Back-off pulling image "nginx:broken": ErrImagePull: ${why}`,
    });
    expect(toldOf(play, "web-7")).toEqual([
      'Pulling: Pulling image "nginx:broken"',
      `Failed: Failed to pull image "nginx:broken": ${why}`,
      "Failed: Error: ErrImagePull",
      'BackOff: Back-off pulling image "nginx:broken"',
      "Failed: Error: ImagePullBackOff",
    ]);
    await play.clock.advance(30_000);
    expect(toldOf(play, "web-7").filter((line) => line.startsWith("Pulling"))).toHaveLength(3);
    await play.client.patch(
      pods,
      { namespace: "default", name: "web-7" },
      { spec: { containers: [{ name: "web", image: "nginx:1.27" }] } },
      { type: "strategic" },
    );
    await play.settled();
    expect((await statusOf(play, "web-7")).phase).toBe("Running");
  });

  it.each([
    ["nginx:does-not-exist", "IfNotPresent", "ErrImagePull"],
    ["registry.invalid/nginx:1", "IfNotPresent", "ErrImagePull"],
    ["Nginx", "IfNotPresent", "InvalidImageName"],
    ["nginx:1", "Never", "ErrImageNeverPull"],
  ] as const)("%s, pulled %s: %s", async (image, imagePullPolicy, reason) => {
    const name = `bad-${reason.toLowerCase()}-${image.length}`;
    await play.run(podOf(name, { containers: [{ name: "web", image, imagePullPolicy }] }));
    expect((await statusOf(play, name)).containerStatuses?.[0]?.state?.waiting?.reason).toBe(reason);
    await remove(play, name, 0);
    await play.settled();
    expect(await isGone(play, name)).toBe(true);
  });
});

describe("a start that fails", () => {
  it("shows, and is tried again", async () => {
    await play.run(podOf("web-9", {}, simulated({ "start-error": "no such command" })));
    await play.clock.advance(100);
    expect((await statusOf(play, "web-9")).containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      state: { waiting: { reason: "CrashLoopBackOff" } },
      lastState: { terminated: { exitCode: 128, reason: "StartError", message: "no such command" } },
    });
  });

  it("says which annotation cannot be read", async () => {
    await play.run(podOf("web-10", {}, simulated({ "exit-after": "soon" })));
    expect((await statusOf(play, "web-10")).containerStatuses?.[0]?.state?.waiting).toEqual({
      reason: "CreateContainerError",
      message: 'annotation simulated.wherry.dev/exit-after: "soon" is no duration such as 500ms, 5s or 1s-3s',
    });
  });
});

describe("a pod that is deleted", () => {
  it("is told what became of its containers, and then gone", async () => {
    const seen: string[] = [];
    await play.run(podOf("web-11"));
    await remove(play, "web-11");
    await play.settled();
    expect(await isGone(play, "web-11")).toBe(true);
    for (const request of play.requests) if (request.includes("/pods/web-11")) seen.push(request.split(" ")[0] ?? "");
    expect(seen).toEqual(["PATCH", "PATCH", "DELETE"]);
    expect(toldOf(play, "web-11").at(-1)).toBe("Killing: Stopping container web");
  });

  it("gets its grace, and is killed when that is over", async () => {
    await play.run(podOf("deaf-12", {}, simulated({ "stop-delay": "1h" })));
    await play.run(podOf("slow-12", {}, simulated({ "stop-delay": "20s", "stop-code": "143" })));
    await remove(play, "deaf-12");
    await remove(play, "slow-12");
    await play.clock.advance(19_000);
    expect(await statusOf(play, "slow-12")).toMatchObject({ phase: "Running", containerStatuses: [{ ready: true }] });
    await play.clock.advance(2_000);
    expect(await isGone(play, "slow-12")).toBe(true);
    await play.clock.advance(8_000);
    expect(await isGone(play, "deaf-12")).toBe(false);
    await play.clock.advance(2_000);
    expect(await isGone(play, "deaf-12")).toBe(true);
  });

  it("is hastened by a second deletion with less grace, and by force", async () => {
    await using play = await nodeStage();
    await play.run(podOf("one", {}, simulated({ "stop-delay": "1h" })));
    await play.run(podOf("two", {}, simulated({ "stop-delay": "1h" })));
    await remove(play, "one");
    await remove(play, "two");
    await play.clock.advance(1_000);
    await remove(play, "one", 5);
    await remove(play, "two", 0);
    await play.clock.advance(2_000);
    expect(await isGone(play, "one")).toBe(false);
    expect(
      play
        .kubelets()[0]
        ?.stats()
        .map(({ name }) => name),
    ).toEqual(["web"]);
    await play.clock.advance(4_000);
    expect(await isGone(play, "one")).toBe(true);
    expect(play.kubelets()[0]?.stats()).toEqual([]);
  });

  it("runs preStop hooks within the grace, and stops sidecars last", async () => {
    const containers: Container[] = [
      { name: "web", image: "nginx:1.27", lifecycle: { preStop: { sleep: { seconds: 5 } } } },
    ];
    const initContainers: Container[] = [
      { name: "a", image: "proxy:1", restartPolicy: "Always" },
      { name: "b", image: "proxy:1", restartPolicy: "Always" },
    ];
    await play.run(podOf("web-13", { containers, initContainers }, simulated({ "stop-delay": "2s" })));
    await remove(play, "web-13");
    await play.clock.advance(20_000);
    expect(await isGone(play, "web-13")).toBe(true);
    expect(toldOf(play, "web-13").slice(-3)).toEqual([
      "Killing: Stopping container web",
      "Killing: Stopping container b",
      "Killing: Stopping container a",
    ]);
  });

  it("keeps its last status while finalizers hold it, and is asked for once", async () => {
    const pod = podOf("held-14");
    await play.run({ ...pod, metadata: { ...pod.metadata, finalizers: ["example.com/wait"] } });
    await remove(play, "held-14");
    await play.clock.advance(60_000);
    expect((await statusOf(play, "held-14")).phase).toBe("Succeeded");
    expect(
      play.requests.filter((request) => request.startsWith("DELETE") && request.includes("/pods/held-14")),
    ).toHaveLength(1);
    await play.client.patch(pods, { namespace: "default", name: "held-14" }, { metadata: { finalizers: null } });
    await play.settled();
    expect(await isGone(play, "held-14")).toBe(true);
  });

  it("does not wait for an image that is still on its way", async () => {
    await play.run(
      podOf("web-15", { containers: [{ name: "web", image: "large:2" }] }, simulated({ "pull-delay": "10m" })),
    );
    await remove(play, "web-15");
    await play.clock.advance(1_000);
    expect(await isGone(play, "web-15")).toBe(true);
  });
});

describe("probes", () => {
  const probe = { httpGet: { port: 80 }, periodSeconds: 5 };

  it("make a pod ready when the rule says so", async () => {
    const containers: Container[] = [{ name: "web", image: "nginx:1.27", readinessProbe: probe }];
    await play.run(podOf("web-16", { containers }, simulated({ "ready-delay": "12s" })));
    await play.clock.advance(11_000);
    const status = await statusOf(play, "web-16");
    expect(status).toMatchObject({ phase: "Running", containerStatuses: [{ ready: false, started: true }] });
    expect(status.conditions?.find(({ type }) => type === "Ready")).toMatchObject({
      status: "False",
      reason: "ContainersNotReady",
      message: "containers with unready status: [web]",
    });
    await play.clock.advance(5_000);
    expect(conditionsOf(await statusOf(play, "web-16"))).toContain("Ready=True");
    expect(toldOf(play, "web-16").at(-1)).toBe(
      "Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503",
    );
  });

  it("restart a container that has become ill", async () => {
    const containers: Container[] = [{ name: "web", image: "nginx:1.27", livenessProbe: probe }];
    await play.run(
      podOf("web-17", { containers }, simulated({ "unhealthy-after": "30s", "unhealthy-probes": "liveness" })),
    );
    await play.clock.advance(29_000);
    expect((await statusOf(play, "web-17")).containerStatuses?.[0]).toMatchObject({ restartCount: 0, ready: true });
    await play.clock.advance(12_000);
    expect((await statusOf(play, "web-17")).containerStatuses?.[0]).toMatchObject({ restartCount: 1, ready: true });
    expect(toldOf(play, "web-17")).toContain("Killing: Container web failed liveness probe, will be restarted");
  });

  it("of startup hold the others back, and condemn what does not start", async () => {
    const startupProbe = { ...probe, failureThreshold: 3 };
    const containers: Container[] = [{ name: "web", image: "nginx:1.27", startupProbe, readinessProbe: probe }];
    await play.run(podOf("web-18", { containers }, simulated({ "ready-delay": "8s" })));
    expect((await statusOf(play, "web-18")).containerStatuses?.[0]).toMatchObject({ started: false, ready: false });
    await play.clock.advance(10_000);
    expect((await statusOf(play, "web-18")).containerStatuses?.[0]).toMatchObject({ started: true, ready: true });
    await play.run(podOf("never-18", { containers }, simulated({ "ready-delay": "1h" })));
    await play.clock.advance(11_000);
    expect((await statusOf(play, "never-18")).containerStatuses?.[0]).toMatchObject({ restartCount: 1 });
    expect(toldOf(play, "never-18")).toContain("Killing: Container web failed startup probe, will be restarted");
  });
});

describe("a node", () => {
  it("refuses what it has no room for", async () => {
    await using play = await nodeStage({ capacity: { cpu: "2", pods: "2" } });
    const asking = (cpu: string): Partial<PodSpec> => ({
      containers: [{ name: "web", image: "nginx:1.27", resources: { requests: { cpu } } }],
    });
    await play.run(podOf("first", asking("1500m")));
    await play.run(podOf("second", asking("1")));
    const message = "Node didn't have enough resource: cpu, requested: 1000, used: 1500, capacity: 2000";
    expect(await statusOf(play, "second")).toMatchObject({
      phase: "Failed",
      reason: "OutOfcpu",
      message: `Pod was rejected: ${message}`,
    });
    expect(toldOf(play, "second")).toEqual([`OutOfcpu: ${message}`]);
    await play.run(podOf("third", asking("100m")));
    await play.run(podOf("fourth", asking("100m")));
    expect((await statusOf(play, "fourth")).reason).toBe("OutOfpods");
    await remove(play, "first");
    await play.settled();
    await play.run(podOf("fifth", asking("1500m")));
    expect((await statusOf(play, "fifth")).phase).toBe("Running");
  });

  it("resizes pods where they are, as far as there is room", async () => {
    await using play = await nodeStage({ capacity: { cpu: "2" } });
    const asking = (cpu: string): Partial<PodSpec> => ({
      containers: [{ name: "web", image: "nginx:1.27", resources: { requests: { cpu } } }],
    });
    const resize = async (name: string, cpu: string): Promise<void> => {
      await play.client.patch(
        pods,
        { namespace: "default", name },
        { spec: asking(cpu) },
        { type: "strategic", subresource: "resize" },
      );
      await play.settled();
    };
    await play.run(podOf("one", asking("500m")));
    await play.run(podOf("two", asking("500m")));
    await resize("one", "1");
    expect(await statusOf(play, "one")).toMatchObject({
      containerStatuses: [{ restartCount: 0, allocatedResources: { cpu: "1" }, resources: { requests: { cpu: "1" } } }],
      observedGeneration: 2,
    });
    await resize("two", "1500m");
    const message = "Node didn't have enough resource: cpu, requested: 1500, used: 1000, capacity: 2000";
    const waiting = await statusOf(play, "two");
    expect(waiting.conditions?.find(({ type }) => type === "PodResizePending")).toMatchObject({
      reason: "Deferred",
      message,
    });
    expect(waiting).toMatchObject({
      containerStatuses: [{ allocatedResources: { cpu: "500m" } }],
      allocatedResources: { cpu: "500m" },
    });
    await remove(play, "one");
    await play.settled();
    const given = await statusOf(play, "two");
    expect(given).toMatchObject({ containerStatuses: [{ allocatedResources: { cpu: "1500m" } }] });
    expect(conditionsOf(given)).not.toContain("PodResizePending=True");
    expect(
      toldOf(play, "two")
        .map((line) => line.split(":")[0])
        .slice(-3),
    ).toEqual(["ResizeDeferred", "ResizeStarted", "ResizeCompleted"]);
  });

  it("refuses what does not belong on it", async () => {
    await play.run(podOf("web-19", { nodeSelector: { disk: "ssd" } }));
    expect(await statusOf(play, "web-19")).toMatchObject({
      reason: "NodeAffinity",
      message: "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    });
  });

  it("ends a pod whose time is over", async () => {
    await play.run(podOf("web-20", { activeDeadlineSeconds: 60 }));
    await play.clock.advance(59_000);
    expect((await statusOf(play, "web-20")).phase).toBe("Running");
    await play.clock.advance(1_000);
    expect(await statusOf(play, "web-20")).toMatchObject({
      phase: "Failed",
      reason: "DeadlineExceeded",
      message: "Pod was active on the node longer than the specified deadline",
    });
  });

  it("finds its pods again after a crash, and goes on where it stood", async () => {
    await using play = await nodeStage();
    await play.run(podOf("web", {}, simulated({ "exit-after": "1h" })));
    await play.run(podOf("job", { restartPolicy: "Never" }, simulated({ "exit-after": "1m" })));
    await play.run(podOf("going", {}, simulated({ "stop-delay": "20s" })));
    await remove(play, "going");
    await play.clock.advance(10_000);
    const before = await statusOf(play, "web");
    await play.restart();
    expect(await statusOf(play, "web")).toEqual(before);
    await play.run(podOf("new"));
    expect((await statusOf(play, "new")).podIP).not.toBe(before.podIP);
    await play.clock.advance(51_000);
    expect((await statusOf(play, "job")).phase).toBe("Succeeded");
    expect(await isGone(play, "going")).toBe(true);
  });

  it.each([
    ...[0, 1, 2].flatMap((failing) => [
      [failing, "its request fails"] as const,
      [failing, "it crashes as well"] as const,
    ]),
  ])("converges when request %i of a pod fails, and %s", async (failing, how) => {
    let count = -1;
    await using play = await nodeStage({
      through: (transport) => (request) => {
        if (request.method === "GET" || !request.url.includes("/pods/")) return transport(request);
        count += 1;
        return count === failing ? Promise.reject(new Error("connection reset")) : transport(request);
      },
    });
    const isCrash = how === "it crashes as well";
    await play.run(podOf("web"));
    await play.clock.advance(1_000);
    if (isCrash) await play.restart();
    expect((await statusOf(play, "web")).phase).toBe("Running");
    await remove(play, "web");
    if (isCrash) await play.restart();
    await play.clock.advance(60_000);
    expect(await isGone(play, "web")).toBe(true);
  });
});
