import { describe, expect, test } from "vitest";
import type { Container, Pod, PodSpec, Probe, SecurityContext, Volume } from "../generated/types/core-v1.ts";
import { findingsOf } from "../row.testing.ts";
import { pods } from "./pods.ts";

const app: Container = { name: "app", image: "nginx" };
const at = "spec.containers[0]";

function findings(container: Partial<Container>, spec: Partial<PodSpec> = {}): string[] {
  const pod: Pod = { metadata: { name: "web" }, spec: { containers: [{ ...app, ...container }], ...spec } };
  return findingsOf(pods, pod);
}

const volumes: Volume[] = [
  { name: "data", emptyDir: {} },
  { name: "disk", persistentVolumeClaim: { claimName: "c" } },
];

const longName = "Label names";

describe("ports", () => {
  test.each<[string, Partial<Container>, string[]]>([
    ["a name of letters and digits", { ports: [{ name: "p1", containerPort: 1 }] }, []],
    [
      "one name twice",
      {
        ports: [
          { name: "a", containerPort: 1 },
          { name: "a", containerPort: 2 },
        ],
      },
      [`${at}.ports[1].name: Duplicate value: "a"`],
    ],
    [
      "a name without letters",
      { ports: [{ name: "1", containerPort: 1 }] },
      [`${at}.ports[0].name: Invalid value: "1": must contain at least one letter (a-z)`],
    ],
    ["no port", { ports: [{ containerPort: 0 }] }, [`${at}.ports[0].containerPort: Required value`]],
    [
      "a port of the host out of range",
      { ports: [{ containerPort: 1, hostPort: 65_536 }] },
      [`${at}.ports[0].hostPort: Invalid value: 65536: must be between 1 and 65535, inclusive`],
    ],
    [
      "one port of the host twice",
      {
        ports: [
          { containerPort: 1, hostPort: 8 },
          { containerPort: 2, hostPort: 8 },
        ],
      },
      [`${at}.ports[1].hostPort: Duplicate value: "TCP//8"`],
    ],
    [
      "one port of the host on two addresses",
      {
        ports: [
          { containerPort: 1, hostPort: 8, hostIP: "10.0.0.1" },
          { containerPort: 2, hostPort: 8 },
        ],
      },
      [],
    ],
  ])("%s", (_name, container, expected) => {
    expect(findings(container)).toEqual(expected);
  });

  test("on the host's network are the host's", () => {
    const why = "must match `containerPort` when `hostNetwork` is true";
    expect(findings({ ports: [{ containerPort: 1, hostPort: 2 }] }, { hostNetwork: true })).toEqual([
      `${at}.ports[0].hostPort: Invalid value: 2: ${why}`,
    ]);
    expect(findings({ ports: [{ containerPort: 1 }] }, { hostNetwork: true })).toEqual([
      `${at}.ports[0].hostPort: Invalid value: 0: ${why}`,
    ]);
  });
});

describe("environment", () => {
  const sources =
    "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
  const fields =
    '"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"';
  const variable = (valueFrom: NonNullable<Container["env"]>[number]["valueFrom"]): Partial<Container> => ({
    env: [{ name: "A", ...(valueFrom === undefined ? {} : { valueFrom }) }],
  });

  test.each<[string, Partial<Container>, string[]]>([
    ["a value", { env: [{ name: "A", value: "1" }] }, []],
    ["a name with dots and blanks", { env: [{ name: "a.b c", value: "1" }] }, []],
    [
      "a name with =",
      { env: [{ name: "a=b" }] },
      [
        `${at}.env[0].name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than '='`,
      ],
    ],
    ["no name", { env: [{ name: "" }] }, [`${at}.env[0].name: Required value`]],
    ["a label", variable({ fieldRef: { fieldPath: "metadata.labels['app']" } }), []],
    ["a field of the status", variable({ fieldRef: { fieldPath: "status.podIP" } }), []],
    [
      "a field that only volumes have",
      variable({ fieldRef: { fieldPath: "metadata.labels" } }),
      [`${at}.env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: ${fields}`],
    ],
    [
      "a field that there is not",
      variable({ fieldRef: { fieldPath: "spec.x" } }),
      [
        `${at}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.x": error converting fieldPath: field label not supported: spec.x`,
      ],
    ],
    ["nothing", variable({}), [`${at}.env[0].valueFrom: Invalid value: "": ${sources}`]],
    [
      "two sources",
      variable({
        fieldRef: { fieldPath: "metadata.name" },
        configMapKeyRef: { name: "c", key: "k" },
      }),
      [`${at}.env[0].valueFrom: Invalid value: "": may not have more than one field specified at a time`],
    ],
    [
      "a key with a slash",
      variable({ secretKeyRef: { name: "s", key: "a/b" } }),
      [
        `${at}.env[0].valueFrom.secretKeyRef.key: Invalid value: "a/b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
      ],
    ],
    ["a limit", variable({ resourceFieldRef: { resource: "limits.cpu", divisor: "1m" } }), []],
    ["huge pages", variable({ resourceFieldRef: { resource: "requests.hugepages-2Mi", divisor: "1Mi" } }), []],
    [
      "a resource of no kind",
      variable({ resourceFieldRef: { resource: "limits.foo" } }),
      [
        `${at}.env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "limits.foo": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"`,
      ],
    ],
    [
      "a divisor of the wrong kind",
      variable({ resourceFieldRef: { resource: "limits.cpu", divisor: "1Mi" } }),
      [
        `${at}.env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor's values 1m and 1 are supported with the cpu resource`,
      ],
    ],
    ["a file", variable({ fileKeyRef: { key: "K", path: "vars", volumeName: "data" } }), []],
    [
      "a file out of its volume",
      variable({ fileKeyRef: { key: "K", path: "../vars", volumeName: "data" } }),
      [`${at}.env[0].valueFrom.fileKeyRef.path: Invalid value: "../vars": must not contain '..'`],
    ],
    [
      "a file in a claim",
      variable({ fileKeyRef: { key: "K", path: "vars", volumeName: "disk" } }),
      [
        `${at}.env[0].valueFrom.fileKeyRef.volumeName: Invalid value: "disk": referenced volume must be of type emptyDir`,
      ],
    ],
    [
      "a file nowhere",
      variable({ fileKeyRef: { key: "K", path: "vars", volumeName: "none" } }),
      [`${at}.env[0].valueFrom.fileKeyRef.volumeName: Not found: "none"`],
    ],
    ["all of a config map", { envFrom: [{ prefix: "P_", configMapRef: { name: "c" } }] }, []],
    [
      "all of nothing",
      { envFrom: [{}] },
      [`${at}.envFrom: Invalid value: "": must specify one of: \`configMapRef\` or \`secretRef\``],
    ],
    [
      "all of two",
      { envFrom: [{ configMapRef: { name: "c" }, secretRef: { name: "s" } }] },
      [`${at}.envFrom: Invalid value: "": may not have more than one field specified at a time`],
    ],
    [
      "all of one without a name",
      { envFrom: [{ secretRef: {} }] },
      [`${at}.envFrom[0].secretRef.name: Required value`],
    ],
  ])("%s", (_name, container, expected) => {
    expect(findings(container, { volumes })).toEqual(expected);
  });
});

describe("probes and hooks", () => {
  const live = (livenessProbe: Probe): Partial<Container> => ({ livenessProbe });
  const tcp = { tcpSocket: { port: 80 } };

  test.each<[string, Partial<Container>, string[]]>([
    ["of a port by name", live({ httpGet: { port: "http", path: "/" } }), []],
    ["of gRPC", live({ grpc: { port: 80 } }), []],
    [
      "of gRPC without a port",
      live({ grpc: { port: 0 } }),
      [`${at}.livenessProbe.grpc.port: Invalid value: 0: must be between 1 and 65535, inclusive`],
    ],
    [
      "two at once",
      live({ ...tcp, exec: { command: ["true"] } }),
      [`${at}.livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type`],
    ],
    ["without a command", live({ exec: {} }), [`${at}.livenessProbe.exec.command: Required value`]],
    [
      "with an odd header",
      live({ httpGet: { port: 80, httpHeaders: [{ name: "a b", value: "" }] } }),
      [
        `${at}.livenessProbe.httpGet.httpHeaders: Invalid value: "a b": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')`,
      ],
    ],
    [
      "negative",
      live({ ...tcp, periodSeconds: -1 }),
      [`${at}.livenessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0`],
    ],
    [
      "that must succeed twice",
      live({ ...tcp, successThreshold: 2 }),
      [`${at}.livenessProbe.successThreshold: Invalid value: 2: must be 1`],
    ],
    [
      "with no grace at all",
      live({ ...tcp, terminationGracePeriodSeconds: 0 }),
      [`${at}.livenessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0`],
    ],
    [
      "of readiness with a grace",
      { readinessProbe: { ...tcp, successThreshold: 2, terminationGracePeriodSeconds: 5 } },
      [`${at}.readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes`],
    ],
    ["that sleeps", { lifecycle: { preStop: { sleep: { seconds: 5 } } } }, []],
    [
      "that sleeps too long",
      { lifecycle: { preStop: { sleep: { seconds: 31 } } } },
      [
        `${at}.lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)`,
      ],
    ],
    [
      "that does nothing",
      { lifecycle: { postStart: {} } },
      [`${at}.lifecycle.postStart: Required value: must specify a handler type`],
    ],
  ])("%s", (_name, container, expected) => {
    expect(findings(container, { terminationGracePeriodSeconds: 30 })).toEqual(expected);
  });
});

describe("mounts", () => {
  const mounted = (mount: Partial<NonNullable<Container["volumeMounts"]>[number]>): Partial<Container> => ({
    volumeMounts: [{ name: "data", mountPath: "/data", ...mount }],
  });

  test.each<[string, Partial<Container>, string[]]>([
    ["a folder of the volume", mounted({ subPath: "a/b" }), []],
    [
      "an absolute one",
      mounted({ subPath: "/a" }),
      [`${at}.volumeMounts.subPath: Invalid value: "/a": must be a relative path`],
    ],
    [
      "one outside",
      mounted({ subPathExpr: "../$(A)" }),
      [`${at}.volumeMounts.subPathExpr: Invalid value: "../$(A)": must not contain '..'`],
    ],
    [
      "both",
      mounted({ subPath: "a", subPathExpr: "b" }),
      [`${at}.volumeMounts[0].subPathExpr: Invalid value: "b": subPathExpr and subPath are mutually exclusive`],
    ],
    [
      "back to the host",
      mounted({ mountPropagation: "Bidirectional" }),
      [
        `${at}.volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers`,
      ],
    ],
    [
      "back to the host, privileged",
      {
        ...mounted({ mountPropagation: "Bidirectional" }),
        securityContext: { privileged: true },
      },
      [],
    ],
    ["wholly read-only", mounted({ readOnly: true, recursiveReadOnly: "Enabled" }), []],
    [
      "wholly read-only, but not so",
      mounted({ recursiveReadOnly: "IfPossible" }),
      [`${at}.volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true`],
    ],
    [
      "read-only in an odd way",
      mounted({ recursiveReadOnly: "Perhaps" }),
      [
        `${at}.volumeMounts.recursiveReadOnly: Unsupported value: "Perhaps": supported values: "Disabled", "Enabled", "IfPossible"`,
      ],
    ],
    [
      "two in one place",
      {
        volumeMounts: [
          { name: "data", mountPath: "/a" },
          { name: "disk", mountPath: "/a" },
        ],
      },
      [`${at}.volumeMounts[1].mountPath: Invalid value: "/a": must be unique`],
    ],
    ["a device", { volumeDevices: [{ name: "disk", devicePath: "/dev/x" }] }, []],
    [
      "a device that is a folder",
      { volumeDevices: [{ name: "data", devicePath: "/dev/x" }] },
      [
        `${at}.volumeDevices[0].name: Invalid value: "data": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode`,
      ],
    ],
    [
      "a device out of its folder",
      { volumeDevices: [{ name: "disk", devicePath: "/dev/../x" }] },
      [`${at}.volumeDevices[0].devicePath: Invalid value: "/dev/../x": can not contain backsteps ('..')`],
    ],
    [
      "both ways",
      {
        volumeMounts: [{ name: "disk", mountPath: "/a" }],
        volumeDevices: [{ name: "disk", devicePath: "/dev/x" }],
      },
      [
        `${at}.volumeMounts[0].name: Invalid value: "disk": must not already exist in volumeDevices`,
        `${at}.volumeDevices[0].name: Invalid value: "disk": must not already exist in volumeMounts`,
      ],
    ],
  ])("%s", (_name, container, expected) => {
    expect(findings(container, { volumes })).toEqual(expected);
  });
});

describe("resources", () => {
  const needs = (resources: Container["resources"]): Partial<Container> =>
    resources === undefined ? {} : { resources };
  test.each<[string, Container["resources"], string[]]>([
    ["more limit than request", { requests: { cpu: "1" }, limits: { cpu: "2" } }, []],
    [
      "a negative amount",
      { limits: { cpu: "-1" } },
      [`${at}.resources.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0`],
    ],
    [
      "one that only nodes have",
      { limits: { pods: "1" } },
      [`${at}.resources.limits[pods]: Invalid value: "pods": must be a standard resource for containers`],
    ],
    [
      "one that nobody knows",
      { limits: { gold: "1" } },
      [
        `${at}.resources.limits[gold]: Invalid value: "gold": must be a standard resource type or fully qualified`,
        `${at}.resources.limits[gold]: Invalid value: "gold": must be a standard resource for containers`,
      ],
    ],
    [
      "half a device",
      { requests: { "example.com/gpu": "500m" }, limits: { "example.com/gpu": "500m" } },
      [
        `${at}.resources.limits[example.com/gpu]: Invalid value: "500m": must be an integer`,
        `${at}.resources.requests[example.com/gpu]: Invalid value: "500m": must be an integer`,
      ],
    ],
    [
      "devices without a limit",
      { requests: { "example.com/gpu": "1" } },
      [`${at}.resources.limits: Required value: Limit must be set for non overcommitable resources`],
    ],
    [
      "fewer devices than the limit",
      { requests: { "example.com/gpu": "1" }, limits: { "example.com/gpu": "2" } },
      [`${at}.resources.requests: Invalid value: "1": must be equal to example.com/gpu limit of 2`],
    ],
    ["huge pages", { limits: { "hugepages-2Mi": "4Mi", cpu: "1" } }, []],
    [
      "huge pages alone",
      { limits: { "hugepages-2Mi": "4Mi" } },
      [`${at}.resources: Forbidden: HugePages require cpu or memory`],
    ],
    [
      "half a huge page",
      { limits: { "hugepages-2Mi": "3Mi", cpu: "1" } },
      [
        `${at}.resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi`,
      ],
    ],
    ["a claim that there is", { claims: [{ name: "gpu" }] }, []],
    [
      "a claim twice",
      { claims: [{ name: "gpu" }, { name: "gpu", request: "r" }] },
      [`${at}.resources.claims[1]: Duplicate value: "gpu"`],
    ],
    [
      "a claim that there is not",
      { claims: [{ name: "other" }] },
      [`${at}.resources.claims[0]: Not found: "other": must be one of the names in pod.spec.resourceClaims: gpu`],
    ],
  ])("%s", (_name, resources, expected) => {
    expect(findings(needs(resources), { resourceClaims: [{ name: "gpu", resourceClaimName: "c" }] })).toEqual(expected);
  });

  test("resized", () => {
    const policy = (resourceName: string, restartPolicy: string): Partial<Container> => ({
      resizePolicy: [{ resourceName, restartPolicy }],
    });
    expect(findings(policy("cpu", "RestartContainer"))).toEqual([]);
    expect(findings(policy("gpu", "Restart"))).toEqual([
      `${at}.resizePolicy: Unsupported value: "gpu": supported values: "cpu", "memory"`,
      `${at}.resizePolicy: Unsupported value: "Restart": supported values: "NotRequired", "RestartContainer"`,
    ]);
    expect(findings(policy("cpu", "RestartContainer"), { restartPolicy: "Never" })).toEqual([
      `${at}.resizePolicy: Invalid value: "RestartContainer": must be 'NotRequired' when \`restartPolicy\` is 'Never'`,
    ]);
  });

  test("of the pod have room for its containers", () => {
    const container = { resources: { requests: { cpu: "2" }, limits: { cpu: "4" } } };
    expect(findings(container, { resources: { requests: { cpu: "2" }, limits: { cpu: "4" } } })).toEqual([]);
    expect(findings(container, { resources: { requests: { cpu: "1" }, limits: { cpu: "3" } } })).toEqual([
      'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
      'spec.resources.containers[0][cpu].limits: Invalid value: "4": must be less than or equal to pod limits of 3',
    ]);
    expect(findings({}, { resources: { limits: { "example.com/gpu": "1" } } })).toEqual([
      'spec.resources.limits[example.com/gpu]: Unsupported value: "example.com/gpu": supported values: "cpu", "hugepages-", "memory"',
    ]);
  });
});

describe("security contexts", () => {
  test.each<[string, SecurityContext, string[]]>([
    ["a user", { runAsUser: 1000, runAsGroup: 0 }, []],
    [
      "a user that there cannot be",
      { runAsUser: -1 },
      [`${at}.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive`],
    ],
    [
      "privileged without",
      { privileged: true, allowPrivilegeEscalation: false },
      [
        `${at}.securityContext: Invalid value: {"privileged":true,"allowPrivilegeEscalation":false}: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`,
      ],
    ],
    [
      "all of /proc",
      { procMount: "Unmasked" },
      [`${at}.securityContext.procMount: Invalid value: "Unmasked": \`hostUsers\` must be false to use \`Unmasked\``],
    ],
    ["a seccomp profile of the node", { seccompProfile: { type: "Localhost", localhostProfile: "a/b.json" } }, []],
    [
      "none of the node",
      { seccompProfile: { type: "Localhost" } },
      [
        `${at}.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost`,
      ],
    ],
    [
      "one outside",
      { seccompProfile: { type: "Localhost", localhostProfile: "../x" } },
      [`${at}.securityContext.seccompProfile.localhostProfile: Invalid value: "../x": must not contain '..'`],
    ],
    [
      "one too many",
      { seccompProfile: { type: "Unconfined", localhostProfile: "x" } },
      [
        `${at}.securityContext.seccompProfile.localhostProfile: Invalid value: {"type":"Unconfined","localhostProfile":"x"}: can only be set when seccomp type is Localhost`,
      ],
    ],
    [
      "an AppArmor profile with blanks",
      { appArmorProfile: { type: "Localhost", localhostProfile: " x" } },
      [
        `${at}.securityContext.appArmorProfile.localhostProfile: Invalid value: " x": must not be padded with whitespace`,
      ],
    ],
    [
      "an AppArmor profile for nothing",
      { appArmorProfile: { type: "RuntimeDefault", localhostProfile: "x" } },
      [
        `${at}.securityContext.appArmorProfile.localhostProfile: Invalid value: "x": can only be set when AppArmor type is Localhost`,
      ],
    ],
    ["a user of Windows", { windowsOptions: { runAsUserName: "NT AUTHORITY\\Local Service" } }, []],
    [
      "a user of two domains",
      { windowsOptions: { runAsUserName: "a\\b\\c" } },
      [
        `${at}.securityContext.windowsOptions.runAsUserName: Invalid value: "a\\\\b\\\\c": runAsUserName cannot contain more than one backslash`,
      ],
    ],
  ])("%s", (_name, securityContext, expected) => {
    expect(findings({ securityContext })).toEqual(expected);
  });
});

describe("init containers", () => {
  const init = (container: Partial<Container>): string[] =>
    findings({}, { initContainers: [{ name: "init", image: "i", ...container }] });
  const only = "may not be set for init containers without restartPolicy=Always";
  const probe: Probe = { tcpSocket: { port: 80 } };

  test.each<[string, Partial<Container>, string[]]>([
    ["a sidecar with a probe", { restartPolicy: "Always", startupProbe: probe }, []],
    [
      "a sidecar to resize",
      { restartPolicy: "Always", resizePolicy: [{ resourceName: "cpu", restartPolicy: "NotRequired" }] },
      [],
    ],
    ["a probe", { readinessProbe: probe }, [`spec.initContainers[0].readinessProbe: Forbidden: ${only}`]],
    ["a hook", { lifecycle: {} }, [`spec.initContainers[0].lifecycle: Forbidden: ${only}`]],
    ["a name that is taken", { name: "app" }, ['spec.initContainers[0].name: Duplicate value: "app"']],
    ["a policy of its own", { restartPolicy: "OnFailure" }, []],
    [
      "an odd policy",
      { restartPolicy: "Maybe" },
      [
        'spec.initContainers[0].restartPolicy: Unsupported value: "Maybe": supported values: "Always", "Never", "OnFailure"',
      ],
    ],
    [
      "rules without a policy",
      { restartPolicyRules: [{ action: "Restart", exitCodes: { operator: "In", values: [1] } }] },
      ["spec.initContainers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used"],
    ],
    [
      "odd rules",
      { restartPolicy: "Never", restartPolicyRules: [{ action: "Stop" }] },
      [
        'spec.initContainers[0].restartPolicyRules[0].action: Unsupported value: "Stop": supported values: "Restart"',
        "spec.initContainers[0].restartPolicyRules[0].exitCodes: Required value: must be specified",
      ],
    ],
  ])("%s", (_name, container, expected) => {
    expect(init(container)).toEqual(expected);
  });
});

test("names of containers are labels", () => {
  expect(findings({ name: longName })[0]).toMatch(
    /^spec\.containers\[0\]\.name: Invalid value: "Label names": a lowercase RFC 1123 label/,
  );
  expect(findings({ name: "" })).toEqual([`${at}.name: Required value`]);
});
