import { describe, expect, it } from "vitest";
import type { Pod, PodSpec } from "../../../api/generated/types/core-v1.ts";
import type { ContainerRecord, Observed, Run } from "../observed.ts";
import { podStatus } from "./pod-status.ts";

const now = Date.UTC(2026, 0, 1);
const host = { ips: ["192.168.0.1"], runtimeName: "test" };

function run(more: Partial<Run> = {}): Run {
  return {
    id: "1",
    image: "nginx",
    imageRef: "nginx@1",
    attempt: 0,
    startedAt: now,
    isStarted: true,
    isReady: true,
    ...more,
  };
}

function ended(exitCode: number): Run {
  const exit = { exitCode, reason: exitCode === 0 ? "Completed" : "Error", finishedAt: now };
  return run({ exit, isStarted: false, isReady: false });
}

function observed(containers: Record<string, ContainerRecord>, more: Partial<Observed> = {}): Observed {
  return {
    ...{ sandbox: "ready", ips: ["10.0.0.2"], isEnding: false, isOver: false },
    containers: new Map(Object.entries(containers)),
    ...more,
  };
}

const waiting = { reason: "CrashLoopBackOff", message: "back-off" };
const main = { containers: [{ name: "web", image: "nginx" }] };
const never = { ...main, restartPolicy: "Never" };
const onFailure = { ...main, restartPolicy: "OnFailure" };
const withInit = { ...main, initContainers: [{ name: "init", image: "i" }] };
const withInitOnce = { ...never, initContainers: [{ name: "init", image: "i" }] };
const withSidecar = { ...main, initContainers: [{ name: "proxy", image: "p", restartPolicy: "Always" }] };
const two = {
  containers: [
    { name: "a", image: "a" },
    { name: "b", image: "b" },
  ],
};
const over = { isEnding: true, isOver: true, sandbox: "stopped" } as const;

const phases: readonly (readonly [string, Partial<PodSpec>, Observed, string])[] = [
  ["nothing has started", main, observed({}, { sandbox: "absent" }), "Pending"],
  ["all run", main, observed({ web: { run: run() } }), "Running"],
  ["one of two has not started", two, observed({ a: { run: run() } }), "Pending"],
  [
    "one of two has ended, the other runs",
    { ...two, restartPolicy: "Never" },
    observed({ a: { run: ended(1) }, b: { run: run() } }),
    "Running",
  ],
  ["it crashes and is held back", main, observed({ web: { run: ended(1), waiting } }), "Running"],
  ["it has ended and starts again", main, observed({ web: { run: ended(0) } }), "Running"],
  ["it failed and starts again on failure", onFailure, observed({ web: { run: ended(1) } }), "Running"],
  ["it has ended well, but not everything is over", onFailure, observed({ web: { run: ended(0) } }), "Pending"],
  ["it has ended well", onFailure, observed({ web: { run: ended(0) } }, over), "Succeeded"],
  ["it failed for good", never, observed({ web: { run: ended(2) } }, over), "Failed"],
  ["the init container runs", withInit, observed({ init: { run: run() } }), "Pending"],
  ["the init container failed and starts again", withInit, observed({ init: { run: ended(1), waiting } }), "Pending"],
  ["the init container failed for good", withInitOnce, observed({ init: { run: ended(1) } }, over), "Failed"],
  ["the init container is through", withInit, observed({ init: { run: ended(0) }, web: { run: run() } }), "Running"],
  ["the sidecar has not started yet", withSidecar, observed({ proxy: { run: run({ isStarted: false }) } }), "Pending"],
  [
    "the sidecar starts again",
    withSidecar,
    observed({ proxy: { run: run({ isStarted: false }) }, web: { run: run() } }),
    "Running",
  ],
  [
    "the sidecar was stopped with a failure",
    { ...withSidecar, restartPolicy: "Never" },
    observed({ proxy: { run: ended(137) }, web: { run: ended(0) } }, over),
    "Succeeded",
  ],
  ["it is deleted and ended well", main, observed({ web: { run: ended(0) } }, over), "Succeeded"],
  ["it is deleted and was killed", main, observed({ web: { run: ended(137) } }, over), "Failed"],
  ["it is deleted before anything started", main, observed({}, { ...over, sandbox: "absent" }), "Failed"],
];

describe("phase", () => {
  it.each(phases)("%s", (_, spec, seen, phase) => {
    const pod: Pod = { metadata: { generation: 3 }, spec: { containers: [], ...spec } };
    expect(podStatus(pod, seen, { host, now }).phase).toBe(phase);
  });
});

describe("status", () => {
  it("is the one that is there when nothing has changed", () => {
    const pod: Pod = { metadata: { generation: 1 }, spec: main };
    const seen = observed({ web: { run: run() } });
    const status = podStatus(pod, seen, { host, now });
    const known = { ...pod, status: structuredClone(status) } as Pod;
    expect(podStatus(known, seen, { host, now: now + 60_000 })).toBe(known.status);
  });

  it("keeps others' conditions, and when a condition came to be", () => {
    const conditions = [
      { type: "example.com/gate", status: "False" },
      { type: "Ready", status: "False", lastTransitionTime: "2025-12-31T00:00:00Z" },
      { type: "ContainersReady", status: "False", lastTransitionTime: "2025-12-31T00:00:00Z" },
    ];
    const spec = { ...main, readinessGates: [{ conditionType: "example.com/gate" }, { conditionType: "other" }] };
    const status = podStatus({ spec, status: { conditions } }, observed({ web: { run: run() } }), { host, now });
    expect(status.conditions?.map(({ type }) => type)).toEqual([
      ...["example.com/gate", "PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"],
    ]);
    expect(status.conditions?.[3]).toMatchObject({
      status: "False",
      reason: "ReadinessGatesNotReady",
      message:
        'the status of pod readiness gate "example.com/gate" is not "True", but False, corresponding condition of pod readiness gate "other" does not exist.',
      lastTransitionTime: "2025-12-31T00:00:00Z",
    });
    expect(status.conditions?.[4]).toMatchObject({ status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" });
  });

  it("never leaves Succeeded and Failed", () => {
    const pod: Pod = { spec: main, status: { phase: "Failed", reason: "Evicted", message: "why" } };
    expect(podStatus(pod, observed({ web: { run: run() } }), { host, now })).toMatchObject({
      ...{ phase: "Failed", reason: "Evicted", message: "why" },
    });
  });

  it("says that it lost sight of a container which must have run", () => {
    const seen = observed({ a: { run: ended(0) } }, over);
    expect(podStatus({ spec: two }, seen, { host, now }).containerStatuses?.[1]?.state?.terminated).toMatchObject({
      ...{ exitCode: 137, reason: "ContainerStatusUnknown" },
    });
  });

  it("tells the host's addresses of pods in its network, and read-only mounts", () => {
    const volumeMounts = [
      { name: "a", mountPath: "/a" },
      { name: "b", mountPath: "/b", readOnly: true },
    ];
    const spec = { hostNetwork: true, containers: [{ name: "web", image: "nginx", volumeMounts }] };
    expect(podStatus({ spec }, observed({ web: { run: run() } }, { ips: [] }), { host, now })).toMatchObject({
      ...{ hostIP: "192.168.0.1", podIP: "192.168.0.1" },
      containerStatuses: [
        {
          volumeMounts: [
            { name: "a", mountPath: "/a" },
            { name: "b", readOnly: true, recursiveReadOnly: "Disabled" },
          ],
        },
      ],
    });
  });
});
