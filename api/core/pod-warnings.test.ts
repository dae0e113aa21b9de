import { describe, expect, it } from "vitest";
import type { Container, PodSpec } from "../generated/types/core-v1.ts";
import { podTemplateWarnings, podWarnings } from "./pod-warnings.ts";

function warned(spec: Partial<PodSpec>, annotations: Record<string, string> = {}): readonly string[] {
  return podWarnings({ metadata: { annotations }, spec: { containers: [], ...spec } });
}

function inContainer(container: Partial<Container>): readonly string[] {
  return warned({ containers: [{ name: "c", ...container }] });
}

const nullSelector = "a null labelSelector results in matching no pod";

it.each<[string, Partial<PodSpec>, string[]]>([
  ["nothing odd", { nodeSelector: { "kubernetes.io/os": "linux" } }, []],
  [
    "an old label of nodes",
    { nodeSelector: { "beta.kubernetes.io/os": "linux" } },
    ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'],
  ],
  [
    "an old label in an affinity",
    {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: "failure-domain.beta.kubernetes.io/zone", operator: "Exists" }] },
            ],
          },
        },
      },
    },
    [
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].key: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
    ],
  ],
  [
    "a spread over nothing",
    {
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: "beta.kubernetes.io/arch", whenUnsatisfiable: "DoNotSchedule" },
      ],
    },
    [
      'spec.topologySpreadConstraints[0].topologyKey: beta.kubernetes.io/arch is deprecated since v1.14; use "kubernetes.io/arch" instead',
      `spec.topologySpreadConstraints[0].labelSelector: ${nullSelector}`,
    ],
  ],
  [
    "an affinity to nothing",
    {
      affinity: {
        podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "h" }] },
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { topologyKey: "h" } }],
        },
      },
    },
    [
      `spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: ${nullSelector}`,
      `spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector: ${nullSelector}`,
    ],
  ],
  [
    "an old volume",
    { volumes: [{ name: "v", glusterfs: { endpoints: "e", path: "p" } }] },
    ["spec.volumes[0].glusterfs: deprecated in v1.25, non-functional in v1.26+"],
  ],
  [
    "aliases and secrets twice",
    {
      hostAliases: [{ ip: "10.0.0.1" }, { ip: "10.0.0.1" }],
      imagePullSecrets: [{ name: "a" }, { name: "a" }, { name: "" }],
    },
    [
      'spec.hostAliases[1].ip: duplicate ip "10.0.0.1"',
      'spec.imagePullSecrets[1].name: duplicate name "a"',
      'spec.imagePullSecrets[2].name: invalid empty name ""',
    ],
  ],
  [
    "an address in capitals",
    { hostAliases: [{ ip: "FD00::1" }] },
    ['spec.hostAliases[0].ip: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")'],
  ],
  [
    "an end that has begun",
    { terminationGracePeriodSeconds: -1 },
    ["spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"],
  ],
])("a pod with %s", (_what, spec, expected) => {
  expect(warned(spec)).toEqual(expected);
});

it.each<[string, Partial<Container>, string[]]>([
  [
    "a part of a byte",
    { resources: { limits: { memory: "100m" }, requests: { memory: "1", "ephemeral-storage": "1500m" } } },
    [
      'spec.containers[0].resources.limits[memory]: fractional byte value "100m" is invalid, must be an integer',
      'spec.containers[0].resources.requests[ephemeral-storage]: fractional byte value "1500m" is invalid, must be an integer',
    ],
  ],
  [
    "a variable twice",
    {
      env: [
        { name: "A", value: "1" },
        { name: "A", value: "2" },
      ],
    },
    ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply'],
  ],
  [
    "a variable that grows",
    {
      env: [
        { name: "A", value: "1" },
        { name: "A", value: "$(A):2" },
      ],
    },
    [],
  ],
  [
    "a port twice",
    {
      ports: [
        { containerPort: 80, protocol: "TCP" },
        { containerPort: 80, protocol: "TCP" },
        { containerPort: 80, protocol: "TCP", hostPort: 8080 },
        { containerPort: 80, protocol: "UDP", hostIP: "127.0.0.1" },
      ],
    },
    [
      "spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]",
      "spec.containers[0].ports[2]: overlapping port definition with spec.containers[0].ports[0]",
      "spec.containers[0].ports[2]: overlapping port definition with spec.containers[0].ports[1]",
      "spec.containers[0].ports[3]: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:80 Protocol:UDP HostIP:127.0.0.1}",
    ],
  ],
  [
    "a port on one address and on all",
    {
      ports: [
        { containerPort: 80, protocol: "TCP", hostPort: 1, hostIP: "127.0.0.1" },
        { containerPort: 80, protocol: "TCP", hostPort: 1 },
      ],
    },
    ["spec.containers[0].ports[1]: dangerously ambiguous port definition with spec.containers[0].ports[0]"],
  ],
])("a container with %s", (_what, container, expected) => {
  expect(inContainer(container)).toEqual(expected);
});

describe("files of volumes", () => {
  const items = (...paths: string[]): { key: string; path: string }[] => paths.map((path) => ({ key: path, path }));
  it.each<[string, PodSpec["volumes"], string[]]>([
    ["side by side", [{ name: "v", configMap: { name: "m", items: items("a", "b/c") } }], []],
    [
      "in each other",
      [{ name: "v", configMap: { name: "m", items: items("a", "a/b/") } }],
      ['volume "v" (ConfigMap "m"): overlapping paths: "a/b" with "a"'],
    ],
    [
      "of several sources",
      [
        {
          name: "v",
          projected: {
            sources: [{ secret: { name: "s", items: items("token") } }, { serviceAccountToken: { path: "token" } }, {}],
          },
        },
      ],
      [
        'volume "v" (Projected ServiceAccountToken): overlapping paths: "token" with "token"',
        'volume "v" (Projected) has no sources provided',
      ],
    ],
  ])("%s", (_what, volumes, expected) => {
    expect(warned(volumes === undefined ? {} : { volumes })).toEqual(expected);
  });
});

it("annotations that became fields are told, AppArmor's only of templates", () => {
  const annotations = {
    "scheduler.alpha.kubernetes.io/critical-pod": "",
    "seccomp.security.alpha.kubernetes.io/pod": "x",
    "container.apparmor.security.beta.kubernetes.io/c": "x",
  };
  const spec = { containers: [{ name: "c" }] };
  const path = "metadata.annotations";
  const common = [
    `${path}[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead`,
    `${path}[seccomp.security.alpha.kubernetes.io/pod]: non-functional in v1.27+; use the "seccompProfile" field instead`,
  ];
  expect(warned(spec, annotations)).toEqual(common);
  expect(podTemplateWarnings({ metadata: { annotations }, spec }, "spec.template")).toEqual([
    ...common.map((text) => `spec.template.${text}`),
    `spec.template.${path}[container.apparmor.security.beta.kubernetes.io/c]: deprecated since v1.30; use the "appArmorProfile" field instead`,
  ]);
});
