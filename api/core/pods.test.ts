import { describe, expect, test } from "vitest";
import type { Container, ContainerStatus, Pod, PodSpec, PodStatus } from "../generated/types/core-v1.ts";
import { ago, cellsOf, created, findingsOf, updated } from "../row.testing.ts";
import { pods } from "./pods.ts";

const app: Container = { name: "app", image: "nginx" };

function pod(spec: Partial<PodSpec> = {}, status: PodStatus = {}): Pod {
  return {
    metadata: { name: "web", namespace: "default", creationTimestamp: ago(3600) },
    spec: { containers: [app], ...spec },
    status,
  };
}

function state(of: Partial<ContainerStatus>): ContainerStatus {
  return { name: "app", ready: false, restartCount: 0, image: "nginx", imageID: "", ...of };
}

const running: ContainerStatus = state({ ready: true, state: { running: {} } });
const ended = (exitCode: number, reason?: string): ContainerStatus =>
  state({ state: { terminated: { exitCode, ...(reason === undefined ? {} : { reason }) } } });
const waiting = (reason: string): ContainerStatus => state({ state: { waiting: { reason } } });

describe("the row of kubectl get pods", () => {
  const shown = (of: Pod): string => {
    const { Ready, Status, Restarts, Age } = cellsOf(pods, of);
    return `${Ready} ${Status} ${Restarts} ${Age}`;
  };

  test.each<[string, Pod, string]>([
    ["pending", pod({}, { phase: "Pending" }), "0/1 Pending 0 60m"],
    ["running", pod({}, { phase: "Running", containerStatuses: [running] }), "1/1 Running 0 60m"],
    [
      "crashing",
      pod({}, { phase: "Running", containerStatuses: [{ ...waiting("CrashLoopBackOff"), restartCount: 3 }] }),
      "0/1 CrashLoopBackOff 3 60m",
    ],
    ["completed", pod({}, { phase: "Succeeded", containerStatuses: [ended(0, "Completed")] }), "0/1 Completed 0 60m"],
    [
      "ended by a signal",
      pod({}, { phase: "Failed", containerStatuses: [state({ state: { terminated: { exitCode: 137, signal: 9 } } })] }),
      "0/1 Signal:9 0 60m",
    ],
    ["ended with a code", pod({}, { phase: "Failed", containerStatuses: [ended(3)] }), "0/1 ExitCode:3 0 60m"],
    ["evicted", pod({}, { phase: "Failed", reason: "Evicted" }), "0/1 Evicted 0 60m"],
    [
      "gated",
      pod({}, { phase: "Pending", conditions: [{ type: "PodScheduled", status: "False", reason: "SchedulingGated" }] }),
      "0/1 SchedulingGated 0 60m",
    ],
    ["without a status", pod(), "0/1  0 60m"],
  ])("%s", (_name, given, expected) => {
    expect(shown(given)).toBe(expected);
  });

  test("says when the last restart was", () => {
    const lastState = { terminated: { exitCode: 1, finishedAt: ago(300) } };
    const restarted = pod({}, { phase: "Running", containerStatuses: [{ ...running, restartCount: 1, lastState }] });
    expect(shown(restarted)).toBe("1/1 Running 1 (5m ago) 60m");
  });

  test("counts init containers that are done, and names what holds one up", () => {
    const initContainers: Container[] = [
      { name: "one", image: "a" },
      { name: "two", image: "b" },
    ];
    const withInit = (...initContainerStatuses: ContainerStatus[]): Pod =>
      pod({ initContainers }, { phase: "Pending", initContainerStatuses });
    expect(shown(withInit({ ...waiting("PodInitializing"), name: "one" }))).toBe("0/1 Init:0/2 0 60m");
    expect(shown(withInit({ ...ended(0), name: "one" }, { ...running, name: "two" }))).toBe("0/1 Init:1/2 0 60m");
    expect(shown(withInit({ ...waiting("ImagePullBackOff"), name: "one" }))).toBe("0/1 Init:ImagePullBackOff 0 60m");
    expect(shown(withInit({ ...ended(2), name: "one", restartCount: 4 }))).toBe("0/1 Init:ExitCode:2 4 60m");
  });

  test("counts sidecars among the containers", () => {
    const initContainers: Container[] = [{ name: "proxy", image: "envoy", restartPolicy: "Always" }];
    const sidecar: ContainerStatus = { ...running, name: "proxy", started: true, restartCount: 2 };
    const status: PodStatus = { phase: "Running", initContainerStatuses: [sidecar], containerStatuses: [running] };
    expect(shown(pod({ initContainers }, status))).toBe("2/2 Running 2 60m");
  });

  test("a container that runs on keeps the pod Running or NotReady after another completed", () => {
    const containers: Container[] = [app, { name: "helper", image: "x" }];
    const statuses = [ended(0, "Completed"), { ...running, name: "helper" }];
    expect(shown(pod({ containers }, { phase: "Running", containerStatuses: statuses }))).toBe("1/2 NotReady 0 60m");
    const ready = pod(
      { containers },
      { phase: "Running", containerStatuses: statuses, conditions: [{ type: "Ready", status: "True" }] },
    );
    expect(shown(ready)).toBe("1/2 Running 0 60m");
  });

  test("deletion shows until the pod has ended", () => {
    const going = (phase: string, reason = ""): Pod => {
      const given = pod({}, { phase, reason });
      given.metadata = { ...given.metadata, deletionTimestamp: ago(0) };
      return given;
    };
    expect(cellsOf(pods, going("Running"))["Status"]).toBe("Terminating");
    expect(cellsOf(pods, going("Succeeded"))["Status"]).toBe("Succeeded");
    expect(cellsOf(pods, going("Running", "NodeLost"))["Status"]).toBe("Unknown");
  });

  test("-o wide shows address, node and readiness gates", () => {
    const gates = [{ conditionType: "example.com/a" }, { conditionType: "example.com/b" }];
    const status: PodStatus = { podIPs: [{ ip: "10.1.0.7" }], conditions: [{ type: "example.com/a", status: "True" }] };
    expect(cellsOf(pods, pod({ nodeName: "n1", readinessGates: gates }, status))).toMatchObject({
      IP: "10.1.0.7",
      Node: "n1",
      "Nominated Node": "<none>",
      "Readiness Gates": "1/2",
    });
  });
});

describe("a new pod", () => {
  test("is pending, whatever its maker says", () => {
    expect(created(pods, pod({}, { phase: "Running", podIP: "10.0.0.1" })).status).toEqual({
      phase: "Pending",
      qosClass: "BestEffort",
    });
  });

  test.each<[string, Partial<PodSpec>, string]>([
    ["no resources", {}, "BestEffort"],
    ["a request", { containers: [{ ...app, resources: { requests: { cpu: "1" } } }] }, "Burstable"],
    [
      "equal requests and limits, written differently",
      {
        containers: [
          { ...app, resources: { requests: { cpu: "1000m", memory: "1Gi" }, limits: { cpu: "1", memory: "1024Mi" } } },
        ],
      },
      "Guaranteed",
    ],
    [
      "only one of two containers limited",
      {
        containers: [
          { ...app, resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } } },
          { name: "b", image: "b" },
        ],
      },
      "Burstable",
    ],
    [
      "resources of the pod itself",
      { resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } } },
      "Guaranteed",
    ],
    [
      "resources of no compute kind",
      { containers: [{ ...app, resources: { requests: { "example.com/gpu": "1" } } }] },
      "BestEffort",
    ],
  ])("quality of service with %s", (_name, spec, expected) => {
    expect(created(pods, pod(spec)).status?.qosClass).toBe(expected);
  });

  test("with scheduling gates says why it is not scheduled", () => {
    expect(created(pods, pod({ schedulingGates: [{ name: "example.com/wait" }] })).status?.conditions).toMatchObject([
      { type: "PodScheduled", status: "False", reason: "SchedulingGated" },
    ]);
  });

  test("its own labels join the selectors that name their keys", () => {
    const given = pod({
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: "zone",
          whenUnsatisfiable: "DoNotSchedule",
          labelSelector: { matchLabels: { app: "web" } },
          matchLabelKeys: ["rev", "absent"],
        },
      ],
    });
    given.metadata = { ...given.metadata, labels: { rev: "7" } };
    expect(created(pods, given).spec?.topologySpreadConstraints?.[0]?.labelSelector?.matchExpressions).toEqual([
      { key: "rev", operator: "In", values: ["7"] },
    ]);
  });
});

describe("what is wrong with a pod", () => {
  test.each<[string, Partial<PodSpec>, string]>([
    ["no containers", { containers: [] }, "spec.containers: Required value"],
    ["no image", { containers: [{ name: "app" }] }, "spec.containers[0].image: Required value"],
    [
      "an image with spaces",
      { containers: [{ name: "app", image: " nginx" }] },
      'spec.containers[0].image: Invalid value: " nginx": must not have leading or trailing whitespace',
    ],
    ["two of one name", { containers: [app, app] }, 'spec.containers[1].name: Duplicate value: "app"'],
    [
      "an unknown volume",
      { containers: [{ ...app, volumeMounts: [{ name: "data", mountPath: "/data" }] }] },
      'spec.containers[0].volumeMounts[0].name: Not found: "data"',
    ],
    [
      "a port out of range",
      { containers: [{ ...app, ports: [{ containerPort: 70000 }] }] },
      "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
    ],
    [
      "a request over its limit",
      { containers: [{ ...app, resources: { requests: { cpu: "2" }, limits: { cpu: "1" } } }] },
      'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
    ],
    [
      "a volume of two types",
      { volumes: [{ name: "v", emptyDir: {}, secret: { secretName: "s" } }] },
      "spec.volumes[0].secret: Forbidden: may not specify more than 1 volume type",
    ],
    [
      "a volume of no type",
      { volumes: [{ name: "v" }] },
      "spec.volumes[0]: Required value: must specify a volume type",
    ],
    [
      "a probe without a handler",
      { containers: [{ ...app, livenessProbe: {} }] },
      "spec.containers[0].livenessProbe: Required value: must specify a handler type",
    ],
    [
      "a variable of two sources",
      {
        containers: [
          { ...app, env: [{ name: "A", value: "1", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }] },
        ],
      },
      'spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
    ],
    [
      "a node and gates",
      { nodeName: "n1", schedulingGates: [{ name: "a" }] },
      "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared",
    ],
    [
      "a toleration of everything by name",
      { tolerations: [{ operator: "Equal" }] },
      'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
    ],
  ])("%s", (_name, spec, expected) => {
    expect(findingsOf(pods, pod(spec))).toEqual([expected]);
  });

  test("a list of containers that Go would write as null", () => {
    expect(findingsOf(pods, { spec: JSON.parse('{"containers":null}') } as Pod)).toEqual([
      "spec.containers: Required value",
    ]);
    expect(created(pods, { spec: JSON.parse('{"containers":null}') } as Pod).status?.qosClass).toBe("BestEffort");
  });

  test("nothing is wrong with one that uses most of it", () => {
    const full: PodSpec = {
      volumes: [
        { name: "data", emptyDir: {} },
        { name: "conf", configMap: { name: "conf", items: [{ key: "a", path: "a/b" }] } },
      ],
      initContainers: [
        { name: "proxy", image: "envoy", restartPolicy: "Always", readinessProbe: { tcpSocket: { port: "http" } } },
      ],
      containers: [
        {
          ...app,
          ports: [{ name: "http", containerPort: 80, protocol: "TCP" }],
          env: [{ name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
          volumeMounts: [
            { name: "data", mountPath: "/data", subPath: "x" },
            { name: "conf", mountPath: "/etc/conf" },
          ],
          resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "64Mi", "example.com/gpu": "1" } },
        },
      ],
      tolerations: [{ operator: "Exists" }],
    };
    expect(findingsOf(pods, pod(full))).toEqual([]);
  });

  test("search paths of its resolver are checked one by one, and together", () => {
    const searched = (searches: string[]): string[] => findingsOf(pods, pod({ dnsConfig: { searches } }));
    expect(searched([".", "svc.cluster.local.", "_tcp.example.com"])).toEqual([]);
    expect(searched(["Example"])[0]).toMatch(
      /^spec.dnsConfig.searches\[0\]: Invalid value: "Example": a lowercase RFC 1123/,
    );
    expect(searched(Array<string>(33).fill("a"))[0]).toMatch(/must not have more than 32 search paths$/);
    expect(searched(Array<string>(10).fill(`${"a".repeat(63)}.`.repeat(4).slice(0, -5)))[0]).toMatch(
      /must not have more than 2048 characters \(including spaces\) in the search list$/,
    );
  });
});

describe("a change of a pod", () => {
  const changes = (spec: Partial<PodSpec>, to: Partial<PodSpec>): string[] =>
    findingsOf(pods, pod(to), pod(spec)).map((text) => text.split("\n")[0] ?? "");
  const immutable =
    "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`," +
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations)," +
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

  test.each<[string, Partial<PodSpec>, Partial<PodSpec>]>([
    ["the image", {}, { containers: [{ ...app, image: "nginx:2" }] }],
    ["a shorter deadline", { activeDeadlineSeconds: 20 }, { activeDeadlineSeconds: 10 }],
    ["another toleration", {}, { tolerations: [{ operator: "Exists" }] }],
    ["a gate less", { schedulingGates: [{ name: "a" }, { name: "b" }] }, { schedulingGates: [{ name: "b" }] }],
    [
      "a node selector while gated",
      { schedulingGates: [{ name: "a" }] },
      { schedulingGates: [{ name: "a" }], nodeSelector: { disk: "ssd" } },
    ],
    [
      "a grace period of one instead of a negative one",
      { terminationGracePeriodSeconds: -1 },
      { terminationGracePeriodSeconds: 1 },
    ],
  ])("may be %s", (_name, from, to) => {
    expect(changes(from, to)).toEqual([]);
  });

  test.each<[string, Partial<PodSpec>, Partial<PodSpec>, string]>([
    ["the node", { nodeName: "a" }, { nodeName: "b" }, immutable],
    ["a command", {}, { containers: [{ ...app, command: ["sh"] }] }, immutable],
    ["a node selector", {}, { nodeSelector: { disk: "ssd" } }, immutable],
    [
      "another container",
      {},
      { containers: [app, { name: "b", image: "b" }] },
      "spec.containers: Forbidden: pod updates may not add or remove containers",
    ],
    [
      "a toleration less",
      { tolerations: [{ key: "a", operator: "Exists" }] },
      {},
      "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds",
    ],
    [
      "a gate more",
      {},
      { schedulingGates: [{ name: "a" }] },
      "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'a'",
    ],
    [
      "a longer deadline",
      { activeDeadlineSeconds: 10 },
      { activeDeadlineSeconds: 20 },
      "spec.activeDeadlineSeconds: Invalid value: 20: must be less than or equal to previous value",
    ],
  ])("may not be %s", (_name, from, to, expected) => {
    expect(changes(from, to)).toEqual([expected]);
  });

  test("through ephemeralcontainers touches nothing else", () => {
    const given = pod({ hostname: "other", ephemeralContainers: [{ name: "debug", image: "busybox" }] });
    expect(updated(pods, given, pod(), "ephemeralcontainers").spec).toEqual({
      containers: [app],
      ephemeralContainers: [{ name: "debug", image: "busybox" }],
    });
  });

  test("through resize touches resources alone", () => {
    const resources = { requests: { cpu: "2" } };
    const given = pod({ hostname: "other", containers: [{ ...app, image: "evil", resources }] });
    expect(updated(pods, given, pod(), "resize").spec).toEqual({ containers: [{ ...app, resources }] });
  });

  test("a status may not revive a container that has ended for good", () => {
    const old = pod({ restartPolicy: "Never" }, { containerStatuses: [ended(0)] });
    const now = pod({ restartPolicy: "Never" }, { containerStatuses: [running] });
    expect(findingsOf(pods, now, old, "status")).toEqual([
      "status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state",
    ]);
  });
});

describe("the grace of a deletion", () => {
  const grace = (spec: Partial<PodSpec>, requested?: number, phase = "Running"): number | undefined =>
    pods.gracePeriod?.(pod(spec, { phase }), requested);

  test.each<[string, number | undefined, number]>([
    ["the pod's own", grace({ nodeName: "n", terminationGracePeriodSeconds: 30 }), 30],
    ["what is asked for", grace({ nodeName: "n", terminationGracePeriodSeconds: 30 }, 5), 5],
    ["none when no node has it", grace({ terminationGracePeriodSeconds: 30 }, 5), 0],
    ["none when it has ended", grace({ nodeName: "n", terminationGracePeriodSeconds: 30 }, undefined, "Failed"), 0],
    ["a second instead of a negative wish", grace({ nodeName: "n" }, -3), 1],
  ])("is %s", (_name, given, expected) => {
    expect(given).toBe(expected);
  });
});

test("fields can be selected by", () => {
  const given = pod({ nodeName: "n1" }, { phase: "Running", podIPs: [{ ip: "10.0.0.9" }] });
  const selected = Object.fromEntries(
    Object.entries(pods.selectableFields ?? {}).map(([label, read]) => [label, read(given)]),
  );
  expect(selected).toMatchObject({
    "spec.nodeName": "n1",
    "spec.host": "n1",
    "spec.hostNetwork": "false",
    "status.phase": "Running",
    "status.podIP": "10.0.0.9",
    "status.podIPs": "",
  });
});
