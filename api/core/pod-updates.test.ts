import { describe, expect, test } from "vitest";
import type { Container, ContainerStatus, Pod, PodSpec, PodStatus } from "../generated/types/core-v1.ts";
import { findingsOf, updated } from "../row.testing.ts";
import { pods } from "./pods.ts";

const app: Container = { name: "app", image: "nginx" };

function pod(spec: Partial<PodSpec> = {}, status: PodStatus = {}, annotations?: Record<string, string>): Pod {
  return {
    metadata: { name: "web", namespace: "default", ...(annotations === undefined ? {} : { annotations }) },
    spec: { containers: [app], ...spec },
    status,
  };
}

const mirror = { "kubernetes.io/config.mirror": "x" };

describe("an ordinary update", () => {
  test("shows what it tried to change", () => {
    const [text = ""] = findingsOf(pods, pod({ hostname: "b" }), pod({ hostname: "a" }));
    expect(text.slice(text.indexOf("\n") + 1)).toBe(
      ["@@ -5,5 +5,5 @@", '    "name": "app"', "   }", "  ],", '- "hostname": "a"', '+ "hostname": "b"', " }", ""].join(
        "\n",
      ),
    );
  });

  test("may leave what was let in before", () => {
    const odd = pod({ hostname: "A" });
    expect(findingsOf(pods, odd, odd)).toEqual([]);
    const wrong = pod({ tolerations: [{ operator: "Equal" }] });
    expect(findingsOf(pods, wrong, pod())).toHaveLength(1);
  });

  test.each<[string, Pod, Pod, string]>([
    [
      "an image with blanks",
      pod({ containers: [{ ...app, image: " x" }] }),
      pod(),
      'spec.containers[0].image: Invalid value: " x": must not have leading or trailing whitespace',
    ],
    [
      "no deadline any more",
      pod(),
      pod({ activeDeadlineSeconds: 1 }),
      "spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value",
    ],
    [
      "another init container",
      pod({ initContainers: [{ name: "i", image: "i" }] }),
      pod(),
      "spec.initContainers: Forbidden: pod updates may not add or remove containers",
    ],
    [
      "a pod made static",
      pod({ nodeName: "n" }, {}, mirror),
      pod({ nodeName: "n" }),
      "metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not add mirror pod annotation",
    ],
    [
      "a profile taken off",
      pod(),
      pod({}, {}, { "container.apparmor.security.beta.kubernetes.io/app": "unconfined" }),
      "metadata.annotations[container.apparmor.security.beta.kubernetes.io/app]: Forbidden: may not remove or update AppArmor annotations",
    ],
  ])("refuses %s", (_name, now, before, expected) => {
    expect(findingsOf(pods, now, before)).toEqual([expected]);
  });
});

describe("while a pod is gated", () => {
  const schedulingGates = [{ name: "a" }];
  const expression = (key: string) => ({ key, operator: "Exists" });
  const steered = (...terms: string[][]): Pod =>
    pod({
      schedulingGates,
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: terms.map((keys) => ({ matchExpressions: keys.map(expression) })),
          },
        },
      },
    });
  const at = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
  const words = (now: Pod, before: Pod): string[] =>
    findingsOf(pods, now, before).map((text) => text.replace(/Invalid value: .*[\]}]: /, ""));

  test("it may be steered", () => {
    expect(words(steered(["a"]), pod({ schedulingGates }))).toEqual([]);
    expect(words(steered(["a", "b"]), steered(["a"]))).toEqual([]);
  });

  test("it may not be steered elsewhere", () => {
    expect(words(steered(["b"]), steered(["a"]))).toEqual([
      `${at}[0]: only additions are allowed (no mutations or deletions)`,
    ]);
    expect(words(steered(["a"], ["b"]), steered(["a"]))).toEqual([
      `${at}: no additions/deletions to non-empty NodeSelectorTerms list are allowed`,
    ]);
    expect(
      words(pod({ schedulingGates, nodeSelector: { a: "2" } }), pod({ schedulingGates, nodeSelector: { a: "1" } })),
    ).toEqual(["spec.nodeSelector: only additions to spec.nodeSelector are allowed (no mutations or deletions)"]);
  });
});

describe("ephemeral containers", () => {
  const debug = { name: "debug", image: "busybox" };
  const change = (now: object[], before: object[] = [], annotations?: Record<string, string>): string[] =>
    findingsOf(
      pods,
      pod({ nodeName: "n", ephemeralContainers: now } as Partial<PodSpec>, {}, annotations),
      pod({ nodeName: "n", ephemeralContainers: before } as Partial<PodSpec>, {}, annotations),
      "ephemeralcontainers",
    );
  const at = "spec.ephemeralContainers";
  const why = "cannot be set for an Ephemeral Container";

  test.each<[string, object[], object[], string[]]>([
    ["join", [debug], [], []],
    ["stay", [debug, { ...debug, name: "more" }], [debug], []],
    ["do not go", [], [debug], [`${at}: Forbidden: existing ephemeral containers "debug" may not be removed\n`]],
    ["look at another container", [{ ...debug, targetContainerName: "app" }], [], []],
    [
      "do not look at nothing",
      [{ ...debug, targetContainerName: "x" }],
      [],
      [`${at}[0].targetContainerName: Not found: "x"`],
    ],
    ["have a name of their own", [{ ...debug, name: "app" }], [], [`${at}[0].name: Duplicate value: "app"`]],
    [
      "ask for nothing",
      [{ ...debug, ports: [{ containerPort: 1 }], resources: { limits: { cpu: "1" } } }],
      [],
      [`${at}[0].ports: Forbidden: ${why}`, `${at}[0].resources: Forbidden: ${why}`],
    ],
    ["need an image", [{ name: "debug" }], [], [`${at}[0].image: Required value`]],
  ])("%s", (_name, now, before, expected) => {
    expect(change(now, before)).toEqual(expected);
  });

  test("do not change", () => {
    expect(change([{ ...debug, image: "x" }], [debug])[0]?.split("\n")).toEqual([
      `${at}: Forbidden: existing ephemeral containers "debug" may not be changed`,
      "@@ -1,4 +1,4 @@",
      " {",
      '- "image": "busybox",',
      '+ "image": "x",',
      '  "name": "debug"',
      " }",
      "",
    ]);
  });

  test("are not for static pods", () => {
    expect(change([debug], [], mirror)).toEqual([": Forbidden: static pods do not support ephemeral containers"]);
  });

  test("bring nothing else with them", () => {
    const given = pod({ ephemeralContainers: [debug] }, { phase: "Failed" }, { a: "b" });
    expect(updated(pods, given, pod({}, { phase: "Running" }), "ephemeralcontainers")).toMatchObject({
      metadata: { name: "web", namespace: "default" },
      status: { phase: "Running" },
    });
  });
});

describe("a resize", () => {
  const withResources = (resources: Container["resources"], more: Partial<PodSpec> = {}): Pod =>
    pod({ containers: [resources === undefined ? app : { ...app, resources }], ...more });
  const resize = (now: Pod, before: Pod): string[] => findingsOf(pods, now, before, "resize");
  const cpu = (amount: string, limit = "4"): Container["resources"] => ({
    requests: { cpu: amount },
    limits: { cpu: limit },
  });
  const isOld: PodStatus = { containerStatuses: [{ ...status("app"), state: { running: {} } }] };

  test.each<[string, Pod, Pod, string[]]>([
    ["more", withResources(cpu("2")), withResources(cpu("1")), []],
    [
      "another class",
      withResources(cpu("4", "4")),
      withResources({ ...cpu("1"), requests: { cpu: "1", memory: "1Gi" } }),
      ["spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed"],
    ],
    [
      "no limit",
      withResources({ requests: { cpu: "1" } }),
      withResources(cpu("1")),
      ["spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed"],
    ],
    [
      "another class of service",
      withResources(cpu("1")),
      withResources(undefined),
      ['spec: Invalid value: "": Pod QOS Class may not change as a result of resizing'],
    ],
    [
      "more disk",
      withResources({ requests: { cpu: "1", "ephemeral-storage": "2Gi" } }),
      withResources({
        requests: { cpu: "1", "ephemeral-storage": "1Gi" },
      }),
      ["spec: Forbidden: only cpu and memory resources are mutable"],
    ],
    [
      "another container",
      pod({ containers: [app, { ...app, name: "b" }] }),
      pod(),
      ["spec.containers: Forbidden: containers may not be added or removed on resize"],
    ],
    [
      "containers in another order",
      pod({ containers: [{ ...app, name: "b" }] }),
      pod(),
      ["spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize"],
    ],
    [
      "an init container",
      pod({ initContainers: [{ name: "i", image: "i", resources: { requests: { cpu: "2" } } }] }),
      pod({
        initContainers: [{ name: "i", image: "i", resources: { requests: { cpu: "1" } } }],
      }),
      ["spec: Forbidden: resources for non-sidecar init containers are immutable"],
    ],
    ["Windows", pod(), pod({ os: { name: "windows" } }), [": Forbidden: windows pods cannot be resized"]],
    [
      "a static pod",
      pod({ nodeName: "n" }, {}, mirror),
      pod({ nodeName: "n" }, {}, mirror),
      [": Forbidden: static pods cannot be resized"],
    ],
    [
      "a pod of an old node",
      withResources(cpu("2")),
      { ...withResources(cpu("1")), status: isOld },
      ["spec: Forbidden: Pod running on node without support for resize"],
    ],
    [
      "the pod as a whole",
      pod({ resources: { requests: { cpu: "2" } } }),
      pod({ resources: { requests: { cpu: "1" } } }),
      [],
    ],
    [
      "the pod as a whole, no more",
      pod({}),
      pod({ resources: { requests: { cpu: "1" } } }),
      [
        'spec: Invalid value: "": Pod QOS Class may not change as a result of resizing',
        "spec.resources: Forbidden: pod-level resources cannot be removed",
      ],
    ],
  ])("of %s", (_name, now, before, expected) => {
    expect(resize(now, before)).toEqual(expected);
  });

  test("keeps what it is not about", () => {
    const given: Pod = { ...withResources(cpu("2"), { hostname: "x" }), status: { phase: "Failed" } };
    const kept = updated(pods, given, withResources(cpu("1")), "resize");
    expect(kept).toEqual(withResources(cpu("2")));
    const renamed = pod({ containers: [{ name: "b", image: "x" }] });
    expect(updated(pods, renamed, pod(), "resize").spec?.containers).toEqual(renamed.spec?.containers);
  });
});

function status(name: string, of: Partial<ContainerStatus> = {}): ContainerStatus {
  return { name, ready: false, restartCount: 0, image: "nginx", imageID: "", ...of };
}

describe("a status", () => {
  const ended = (exitCode: number): ContainerStatus => status("app", { state: { terminated: { exitCode } } });
  const running = status("app", { state: { running: {} } });
  const said = (now: PodStatus, before: PodStatus = {}, spec: Partial<PodSpec> = {}): string[] =>
    findingsOf(pods, pod(spec, now), pod(spec, before), "status");
  const gone = "status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state";
  const rules = [{ action: "Restart", exitCodes: { operator: "In", values: [42] } }];
  const ruled = { restartPolicy: "Never", containers: [{ ...app, restartPolicy: "Never", restartPolicyRules: rules }] };

  test.each<[string, Partial<PodSpec>, number, string[]]>([
    ["the pod's policy", { restartPolicy: "Always" }, 0, []],
    ["the pod's policy, after a failure", { restartPolicy: "OnFailure" }, 1, []],
    ["nothing, after a success", { restartPolicy: "OnFailure" }, 0, [gone]],
    ["a policy of its own", { restartPolicy: "Never", containers: [{ ...app, restartPolicy: "Always" }] }, 0, []],
    ["a rule", ruled, 42, []],
    ["no rule", ruled, 43, [gone]],
  ])("may tell of another start by %s", (_name, spec, exitCode, expected) => {
    expect(said({ containerStatuses: [running] }, { containerStatuses: [ended(exitCode)] }, spec)).toEqual(expected);
  });

  test.each<[string, PodStatus, PodStatus, string[]]>([
    ["a condition", { conditions: [{ type: "example.com/a", status: "True" }] }, {}, []],
    [
      "an odd condition",
      { conditions: [{ type: "a/b/c", status: "True", observedGeneration: -1 }] },
      {},
      [
        "status.conditions[0].observedGeneration: Invalid value: -1: must be a non-negative integer",
        expect.stringMatching(/^status\.conditions\[0\]\.Type: Invalid value: "a\/b\/c"/),
      ],
    ],
    [
      "another quality",
      { qosClass: "Guaranteed" },
      { qosClass: "Burstable" },
      ['status.qosClass: Invalid value: "Guaranteed": field is immutable'],
    ],
    ["addresses of both families", { podIPs: [{ ip: "10.0.0.1" }, { ip: "fd00::1" }] }, {}, []],
    [
      "two of one family",
      { podIPs: [{ ip: "10.0.0.1" }, { ip: "10.0.0.2" }] },
      {},
      [
        'status.podIPs: Invalid value: [{"ip":"10.0.0.1"},{"ip":"10.0.0.2"}]: may specify no more than one IP for each IP family',
      ],
    ],
    [
      "addresses of another host",
      { hostIP: "10.0.0.1", hostIPs: [{ ip: "10.0.0.2" }] },
      {},
      ['status.hostIPs[0].ip: Invalid value: "10.0.0.2": must be equal to `hostIP`'],
    ],
    [
      "a claim that it has not",
      { resourceClaimStatuses: [{ name: "c" }] },
      {},
      [
        'status.resourceClaimStatuses[0].name: Invalid value: "c": must match the name of an entry in `spec.resourceClaims`',
      ],
    ],
    [
      "a user that there cannot be",
      { containerStatuses: [status("app", { user: { linux: { uid: -1, gid: 0 } } })] },
      {},
      ["status.containerStatuses[0].user.linux.uid: Invalid value: -1: must be between 0 and 2147483647, inclusive"],
    ],
    [
      "a device that it did not ask for",
      {
        containerStatuses: [
          status("app", {
            allocatedResourcesStatus: [{ name: "example.com/gpu", resources: [{ resourceID: "1", health: "Ill" }] }],
          }),
        ],
      },
      {},
      [
        'status.containerStatuses[0].allocatedResourcesStatus[0].name: Invalid value: "example.com/gpu": must match one of the container\'s resource requests',
        'status.containerStatuses[0].allocatedResourcesStatus[0].resources[0].health: Unsupported value: "Ill": supported values: "Healthy", "Unhealthy", "Unknown"',
      ],
    ],
  ])("says %s", (_name, now, before, expected) => {
    expect(said(now, before)).toEqual(expected);
  });

  test("nominates no node for a pod that has one", () => {
    expect(said({ nominatedNodeName: "b" }, {}, { nodeName: "a" })).toEqual([
      "status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node",
    ]);
    expect(said({ nominatedNodeName: "b" })).toEqual([]);
  });

  test("does not forget what an older node cannot know", () => {
    const before: PodStatus = {
      qosClass: "Burstable",
      observedGeneration: 3,
      conditions: [{ type: "Ready", status: "False", observedGeneration: 2 }],
    };
    const now: PodStatus = { conditions: [{ type: "Ready", status: "True" }] };
    expect(updated(pods, pod({}, now), pod({}, before), "status").status).toEqual({
      qosClass: "Burstable",
      observedGeneration: 3,
      conditions: [{ type: "Ready", status: "True", observedGeneration: 2 }],
    });
  });
});
