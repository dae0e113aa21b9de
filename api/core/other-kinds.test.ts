/** What the smaller kinds refuse, one table each. */
import { describe, expect, test } from "vitest";
import type {
  EndpointSubset,
  LimitRangeItem,
  NodeSpec,
  NodeStatus,
  PersistentVolumeClaim,
  PersistentVolumeSpec,
  ReplicationControllerStatus,
  ResourceQuotaSpec,
  Service,
  ServiceSpec,
} from "../generated/types/core-v1.ts";
import { findingsOf } from "../row.testing.ts";
import { endpoints } from "./endpoints.ts";
import { limitRanges } from "./limit-ranges.ts";
import { namespaces } from "./namespaces.ts";
import { nodes } from "./nodes.ts";
import { persistentVolumeClaims } from "./persistent-volume-claims.ts";
import { persistentVolumes } from "./persistent-volumes.ts";
import { replicationControllers } from "./replication-controllers.ts";
import { resourceQuotas } from "./resource-quotas.ts";
import { secrets } from "./secrets.ts";
import { services } from "./services.ts";

const metadata = { name: "x", namespace: "default" };

describe("services", () => {
  const ports = [{ port: 80, targetPort: 80 }];
  const service = (spec: Partial<ServiceSpec>, annotations: Record<string, string> = {}): Service => ({
    metadata: { ...metadata, annotations },
    spec: { type: "ClusterIP", ports, ...spec },
  });

  test.each<[string, Partial<ServiceSpec>, unknown[]]>([
    ["no ports", { ports: [] }, ["spec.ports: Required value"]],
    ["no ports, but no address either", { ports: [], clusterIP: "None", clusterIPs: ["None"] }, []],
    [
      "two ports without names",
      { ports: [{ port: 1 }, { port: 2 }] },
      ["spec.ports[0].name: Required value", "spec.ports[1].name: Required value"],
    ],
    [
      "a protocol of no name",
      { ports: [{ port: 80, appProtocol: "" }] },
      [
        expect.stringMatching(/^spec\.ports\[0\]\.appProtocol: Invalid value: "": name part must be non-empty/),
        expect.stringMatching(/^spec\.ports\[0\]\.appProtocol: Invalid value: "": name part must consist/),
      ],
    ],
    [
      "addresses without the first",
      { clusterIPs: ["10.0.0.1"] },
      ['spec.clusterIPs: Invalid value: ["10.0.0.1"]: must be empty when `clusterIP` is not specified'],
    ],
    [
      "no address among others",
      { clusterIP: "None", clusterIPs: ["None", "10.0.0.1"] },
      ['spec.clusterIPs: Invalid value: ["None","10.0.0.1"]: \'None\' must be the first and only value'],
    ],
    [
      "an address of another family",
      { clusterIP: "fd00::1", clusterIPs: ["fd00::1"], ipFamilies: ["IPv4"] },
      ['spec.clusterIPs[0]: Invalid value: "fd00::1": expected an IPv4 value as indicated by `ipFamilies[0]`'],
    ],
    [
      "two of one family",
      { clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.1", "10.0.0.2"] },
      ['spec.clusterIPs: Invalid value: ["10.0.0.1","10.0.0.2"]: may specify no more than one IP for each IP family'],
    ],
    [
      "an address for a name",
      { type: "ExternalName", externalName: "a.b.", ports: [], clusterIPs: ["10.0.0.1"] },
      ["spec.clusterIPs: Forbidden: may not be set for ExternalName services"],
    ],
    [
      "affinity without its settings",
      { sessionAffinity: "ClientIP" },
      ["spec.sessionAffinityConfig: Required value: when session affinity type is ClientIP"],
    ],
    [
      "affinity for ever",
      { sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 86_401 } } },
      [
        "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400",
      ],
    ],
    [
      "an external address for many",
      { externalIPs: ["224.0.0.1"] },
      [
        'spec.externalIPs[0]: Invalid value: "224.0.0.1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
      ],
    ],
    [
      "a class without a balancer",
      { loadBalancerClass: "a b" },
      ["spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'"],
    ],
    [
      "an odd distribution",
      { trafficDistribution: "Far" },
      [
        'spec.trafficDistribution: Unsupported value: "Far": supported values: "PreferClose", "PreferSameNode", "PreferSameZone"',
      ],
    ],
  ])("with %s", (_name, spec, expected) => {
    expect(findingsOf(services, service(spec))).toEqual(expected);
  });

  test("annotations that mean something", () => {
    const ranges = "service.beta.kubernetes.io/load-balancer-source-ranges";
    expect(findingsOf(services, service({ type: "LoadBalancer" }, { [ranges]: " 10.0.0.0/8, x" }))).toEqual([
      `metadata.annotations[${ranges}]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)`,
    ]);
    const mode = "service.kubernetes.io/topology-mode";
    const hints = "service.kubernetes.io/topology-aware-hints";
    expect(findingsOf(services, service({}, { [mode]: "Auto", [hints]: "Disabled" }))).toEqual([
      `metadata.annotations[${mode}]: Invalid value: "Auto": must match annotations[${hints}] when both are specified`,
    ]);
  });

  const two = { clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.1", "fd00::1"], ipFamilies: ["IPv4", "IPv6"] };
  const one = { clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.1"], ipFamilies: ["IPv4"] };
  const release = "must be set to 'SingleStack' when releasing the secondary";

  test.each<[string, Partial<ServiceSpec>, Partial<ServiceSpec>, string[]]>([
    ["a second family", two, one, []],
    ["one family less", { ...one, ipFamilyPolicy: "SingleStack" }, two, []],
    [
      "one family less by chance",
      { ...one, ipFamilyPolicy: "PreferDualStack" },
      two,
      [
        `spec.ipFamilyPolicy: Invalid value: "PreferDualStack": ${release} clusterIP`,
        `spec.ipFamilyPolicy: Invalid value: "PreferDualStack": ${release} ipFamily`,
      ],
    ],
    [
      "another address",
      { ...one, clusterIP: "10.0.0.2", clusterIPs: ["10.0.0.2"] },
      one,
      ['spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set'],
    ],
    ["a name instead", { type: "ExternalName", externalName: "a", ports: [] }, one, []],
    [
      "another balancer",
      { type: "LoadBalancer", loadBalancerClass: "b" },
      { type: "LoadBalancer", loadBalancerClass: "a" },
      ['spec.loadBalancerClass: Invalid value: "b": may not change once set'],
    ],
  ])("get %s", (_name, now, before, expected) => {
    expect(findingsOf(services, service(now), service(before))).toEqual(expected);
  });

  test("are balanced by addresses and names", () => {
    const status = (ingress: object[], type = "LoadBalancer"): string[] => {
      const given = { ...service({ type }), status: { loadBalancer: { ingress } } } as Service;
      return findingsOf(services, given, service({ type }), "status");
    };
    const at = "status.loadBalancer.ingress";
    expect(status([{ ip: "10.0.0.1", ipMode: "VIP" }, { hostname: "a.b" }])).toEqual([]);
    expect(status([{ ip: "10.0.0.1" }, { hostname: "10.0.0.1" }, { ipMode: "VIP" }])).toEqual([
      `${at}[0].ipMode: Required value: must be specified when \`ip\` is set`,
      `${at}[1].hostname: Invalid value: "10.0.0.1": must be a DNS name, not an IP address`,
      `${at}[2].ipMode: Forbidden: may not be specified when \`ip\` is not set`,
    ]);
    expect(status([{ hostname: "a" }], "ClusterIP")).toEqual([
      `${at}: Forbidden: may only be used when \`spec.type\` is 'LoadBalancer'`,
    ]);
  });
});

describe("nodes", () => {
  const node = (spec: NodeSpec, status: NodeStatus = {}): object => ({ metadata: { name: "n" }, spec, status });
  const effects = 'supported values: "NoExecute", "NoSchedule", "PreferNoSchedule"';

  test.each<[string, NodeSpec, NodeStatus, unknown[]]>([
    ["a taint", { taints: [{ key: "a", effect: "NoExecute" }] }, {}, []],
    [
      "a taint twice",
      {
        taints: [
          { key: "a", effect: "NoExecute" },
          { key: "a", value: "b", effect: "NoExecute" },
        ],
      },
      {},
      [
        'metadata.taints[1]: Duplicate value: {"key":"a","value":"b","effect":"NoExecute"}: taints must be unique by key and effect pair',
      ],
    ],
    [
      "odd taints",
      { taints: [{ key: "a", effect: "Never" }, { key: "b" } as { key: string; effect: string }] },
      {},
      [
        `metadata.taints[0].effect: Unsupported value: "Never": ${effects}`,
        "metadata.taints[1].effect: Required value",
      ],
    ],
    [
      "networks of one family",
      { podCIDRs: ["10.0.0.0/24", "10.0.1.0/24"] },
      {},
      [
        'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family',
      ],
    ],
    [
      "less than nothing",
      {},
      { capacity: { cpu: "-1" }, allocatable: { pods: "1.5" } },
      [
        'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
        'status.allocatable.pods: Invalid value: "1500m": must be an integer',
      ],
    ],
    [
      "features out of order",
      {},
      { declaredFeatures: ["B", "A", "A", "a-b"] },
      [
        'status.declaredFeatures[1]: Invalid value: "A": list must be sorted alphabetically',
        'status.declaredFeatures[2]: Duplicate value: "A"',
        expect.stringMatching(
          /^status\.declaredFeatures\[3\]: Invalid value: "a-b": invalid feature name "a-b": must start/,
        ),
      ],
    ],
  ])("with %s", (_name, spec, status, expected) => {
    expect(findingsOf(nodes, node(spec, status))).toEqual(expected);
  });

  test.each<[string, NodeSpec, NodeStatus, NodeSpec, string[]]>([
    [
      "an address twice",
      {},
      {
        addresses: [
          { type: "Hostname", address: "a" },
          { type: "Hostname", address: "a" },
        ],
      },
      {},
      ['status.addresses[1]: Duplicate value: {"type":"Hostname","address":"a"}'],
    ],
    [
      "another cloud",
      { providerID: "b" },
      {},
      { providerID: "a" },
      ['spec.providerID: Forbidden: node updates may not change providerID except from "" to valid'],
    ],
    [
      "a source of its configuration",
      { configSource: { configMap: { name: "c", namespace: "n", kubeletConfigKey: "k", uid: "u" } } },
      {},
      {},
      ["spec.configSource.configMap.uid: Forbidden: uid must not be set in spec"],
    ],
  ])("may not get %s", (_name, spec, status, old, expected) => {
    expect(findingsOf(nodes, node(spec, status), node(old))).toEqual(expected);
  });
});

describe("persistent volumes", () => {
  const volume = (spec: Partial<PersistentVolumeSpec>): object => ({
    metadata: { name: "pv" },
    spec: { accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" }, ...spec },
  });
  const hostPath = { path: "/data" };
  const required = {
    nodeSelectorTerms: [{ matchExpressions: [{ key: "beta.kubernetes.io/os", operator: "Exists" }] }],
  };
  const csi = { driver: "d.example.com", volumeHandle: "h" };

  test("have a capacity", () => {
    const spec = { accessModes: ["ReadWriteOnce"], hostPath };
    expect(findingsOf(persistentVolumes, { metadata: { name: "pv" }, spec } as object)).toEqual([
      "spec.capacity: Required value",
      'spec.capacity: Unsupported value: null: supported values: "storage"',
    ]);
  });

  test.each<[string, Partial<PersistentVolumeSpec>, string[]]>([
    ["a driver", { csi }, []],
    ["no source", {}, ["spec: Required value: must specify a volume type"]],
    ["two sources", { hostPath, csi }, ["spec.csi: Forbidden: may not specify more than 1 volume type"]],
    [
      "no size",
      { hostPath, capacity: {} },
      ["spec.capacity: Required value", 'spec.capacity: Unsupported value: {}: supported values: "storage"'],
    ],
    [
      "a disk of any node",
      { local: { path: "/d" } },
      ["spec.nodeAffinity: Required value: Local volume requires node affinity"],
    ],
    [
      "an affinity to nothing",
      { hostPath, nodeAffinity: {} },
      ["spec.nodeAffinity.required: Required value: must specify required node constraints"],
    ],
    [
      "everything, to be emptied",
      { hostPath: { path: "//" }, persistentVolumeReclaimPolicy: "Recycle" },
      ["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"],
    ],
    [
      "attributes that nobody knows",
      { hostPath, volumeAttributesClassName: "" },
      [
        "spec.volumeAttributesClassName: Required value: an empty string is disallowed",
        "spec.csi: Required value: has to be specified when using volumeAttributesClassName",
      ],
    ],
    [
      "a secret from nowhere",
      { csi: { ...csi, nodePublishSecretRef: { name: "s" } } },
      ["spec.csi.nodePublishSecretRef.namespace: Required value"],
    ],
  ])("with %s", (_name, spec, expected) => {
    expect(findingsOf(persistentVolumes, volume(spec))).toEqual(expected);
  });

  test("may learn a secret, and new names of labels", () => {
    const learned = { ...csi, controllerExpandSecretRef: { name: "s", namespace: "n" } };
    expect(findingsOf(persistentVolumes, volume({ csi: learned }), volume({ csi }))).toEqual([]);
    const moved = (key: string): object =>
      volume({
        hostPath,
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: "Exists" }] }] } },
      });
    expect(
      findingsOf(persistentVolumes, moved("kubernetes.io/os"), volume({ hostPath, nodeAffinity: { required } })),
    ).toEqual([]);
    expect(findingsOf(persistentVolumes, moved("other"), volume({ hostPath, nodeAffinity: { required } }))).toEqual([
      expect.stringMatching(
        /^nodeAffinity: Invalid value: .*: field is immutable, except for updating from beta label to GA$/,
      ),
    ]);
  });
});

describe("claims", () => {
  const claim = (
    spec: object,
    status: object = { phase: "Bound" },
    annotations: Record<string, string> = {},
  ): PersistentVolumeClaim => ({
    metadata: { ...metadata, annotations },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, volumeName: "pv", ...spec },
    status,
  });
  const only = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";

  test.each<[string, object, string[]]>([
    [
      "a mode without a name",
      { accessModes: [""] },
      [
        'spec.accessModes: Unsupported value: "": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
      ],
    ],
    [
      "one writer beside others",
      { accessModes: ["ReadWriteOncePod", "ReadOnlyMany"] },
      ["spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes"],
    ],
    ["data of a pod", { dataSource: { kind: "Pod", name: "p" } }, [`spec.dataSource: Invalid value: "Pod": ${only}`]],
    [
      "data of two",
      {
        dataSource: { kind: "PersistentVolumeClaim", name: "a" },
        dataSourceRef: { kind: "PersistentVolumeClaim", name: "b" },
      },
      ["spec: Invalid value: {}: must match dataSourceRef"],
    ],
  ])("of %s", (_name, spec, expected) => {
    expect(findingsOf(persistentVolumeClaims, claim(spec))).toEqual(expected);
  });

  const annotation = "volume.beta.kubernetes.io/storage-class";
  const changed = expect.stringMatching(/^spec: Forbidden: spec is immutable after creation except/);

  test.each<[string, PersistentVolumeClaim, PersistentVolumeClaim, unknown[]]>([
    ["more room", claim({ resources: { requests: { storage: "2Gi" } } }), claim({}), []],
    [
      "more room, not bound",
      claim({ resources: { requests: { storage: "2Gi" } } }, { phase: "Pending" }),
      claim({}),
      [changed],
    ],
    ["attributes", claim({ volumeAttributesClassName: "fast" }), claim({}), []],
    ["a class", claim({ storageClassName: "fast" }), claim({}), []],
    ["another class", claim({ storageClassName: "fast" }), claim({ storageClassName: "slow" }), [changed]],
    ["the field for the annotation", claim({ storageClassName: "a" }), claim({}, {}, { [annotation]: "a" }), []],
    [
      "another annotation",
      claim({}, { phase: "Bound" }, { [annotation]: "b" }),
      claim({}, {}, { [annotation]: "a" }),
      [`metadata.annotations[${annotation}]: Invalid value: "b": field is immutable`],
    ],
    [
      "no attributes any more",
      claim({}),
      claim({ volumeAttributesClassName: "a" }, { currentVolumeAttributesClassName: "a" }),
      [
        "spec.volumeAttributesClassName: Forbidden: update to nil is forbidden when status.currentVolumeAttributesClassName is not nil",
      ],
    ],
  ])("may or may not get %s", (_name, now, before, expected) => {
    expect(findingsOf(persistentVolumeClaims, now, before)).toEqual(expected);
  });

  test("tell how their growth goes", () => {
    const now = claim({}, { allocatedResources: { cpu: "1" }, allocatedResourceStatuses: { storage: "Slow" } });
    expect(findingsOf(persistentVolumeClaims, now, claim({}), "status")).toEqual([
      'status.allocatedResourceStatuses: Unsupported value: "storage": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"',
      'status.allocatedResources: Unsupported value: "cpu": supported values: "storage"',
    ]);
  });
});

describe("limit ranges", () => {
  const range = (item: LimitRangeItem): object => ({ metadata, spec: { limits: [item] } });
  const at = "spec.limits[0]";
  test.each<[string, LimitRangeItem, string[]]>([
    [
      "all bounds",
      { type: "Container", min: { cpu: "1" }, defaultRequest: { cpu: "2" }, default: { cpu: "3" }, max: { cpu: "4" } },
      [],
    ],
    [
      "a type that nobody knows",
      { type: "Node" },
      [`${at}.type: Invalid value: "Node": must be a standard limit type or fully qualified`],
    ],
    [
      "storage of containers",
      { type: "Container", max: { storage: "1" } },
      [`${at}.max[storage]: Invalid value: "storage": must be a standard resource for containers`],
    ],
    [
      "claims of any size",
      { type: "PersistentVolumeClaim" },
      [`${at}.limits: Required value: either minimum or maximum storage value is required, but neither was provided`],
    ],
    [
      "bounds that cross",
      { type: "Container", defaultRequest: { cpu: "3" }, default: { cpu: "2" } },
      [`${at}.defaultRequest[cpu]: Invalid value: "3": default request value 3 is greater than default limit value 2`],
    ],
    [
      "a ratio below one",
      { type: "Pod", maxLimitRequestRatio: { cpu: "500m" } },
      [`${at}.maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1`],
    ],
    [
      "a ratio that cannot be",
      { type: "Pod", min: { cpu: "1" }, max: { cpu: "2" }, maxLimitRequestRatio: { cpu: "10" } },
      [`${at}.maxLimitRequestRatio[cpu]: Invalid value: "10": ratio 10 is greater than max/min = 2.000000`],
    ],
    [
      "devices by halves",
      { type: "Container", default: { "example.com/gpu": "2" }, defaultRequest: { "example.com/gpu": "1" } },
      [
        `${at}.defaultRequest[example.com/gpu]: Invalid value: "1": default value 2 must equal to defaultRequest value 1 in example.com/gpu`,
      ],
    ],
  ])("with %s", (_name, item, expected) => {
    expect(findingsOf(limitRanges, range(item))).toEqual(expected);
  });
});

describe("resource quotas", () => {
  const exists = { operator: "Exists" };
  test.each<[string, ResourceQuotaSpec, string[]]>([
    [
      "counts of any kind",
      { hard: { "count/widgets.example.com": "1", "requests.cpu": "1500m", "requests.example.com/gpu": "1" } },
      [],
    ],
    [
      "a resource that nobody knows",
      { hard: { gold: "1" } },
      [
        'spec.hard[gold]: Invalid value: "gold": must be a standard resource type or fully qualified',
        'spec.hard[gold]: Invalid value: "gold": must be a standard resource for quota',
      ],
    ],
    ["half a pod", { hard: { pods: "500m" } }, ['spec.hard[pods]: Invalid value: "500m": must be an integer']],
    ["a scope of nothing", { scopes: ["Nice"] }, ['spec.scopes: Invalid value: ["Nice"]: unsupported scope']],
    [
      "a scope that does not fit",
      { hard: { services: "1" }, scopes: ["BestEffort"] },
      ['spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource'],
    ],
    [
      "scopes that exclude each other",
      { scopes: ["BestEffort", "NotBestEffort"] },
      ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'],
    ],
    [
      "a priority",
      {
        hard: { pods: "1" },
        scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In", values: ["high"] }] },
      },
      [],
    ],
    [
      "no priority",
      { scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In" }] } },
      [
        "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
      ],
    ],
    [
      "values of what has none",
      { scopeSelector: { matchExpressions: [{ scopeName: "BestEffort", ...exists, values: ["a"] }] } },
      [
        "spec.scopeSelector.matchExpressions.values: Invalid value: [\"a\"]: must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
      ],
    ],
  ])("of %s", (_name, spec, expected) => {
    expect(findingsOf(resourceQuotas, { metadata, spec } as object)).toEqual(expected);
  });
});

describe("endpoints", () => {
  const found = (subset: EndpointSubset): string[] => findingsOf(endpoints, { metadata, subsets: [subset] } as object);
  test.each<[string, EndpointSubset, string[]]>([
    ["a pod", { addresses: [{ ip: "10.0.0.1", hostname: "a", nodeName: "n" }], ports: [{ port: 80 }] }, []],
    ["nothing", {}, ["subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`"]],
    [
      "itself",
      { addresses: [{ ip: "127.0.0.1" }] },
      [
        'subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      ],
    ],
    [
      "two ports without names",
      { addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 1 }, { port: 2 }] },
      ["subsets[0].ports[0].name: Required value", "subsets[0].ports[1].name: Required value"],
    ],
  ])("of %s", (_name, subset, expected) => {
    expect(found(subset)).toEqual(expected);
  });
});

test("replication controllers count right", () => {
  const counted = (status: Partial<ReplicationControllerStatus>): string[] =>
    findingsOf(replicationControllers, { metadata, status } as object, { metadata }, "status");
  expect(counted({ replicas: 2, readyReplicas: 2, availableReplicas: 1 })).toEqual([]);
  expect(counted({ replicas: 1, readyReplicas: 2, availableReplicas: -1 })).toEqual([
    "status.availableReplicas: Invalid value: -1: must be greater than or equal to 0",
    "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas",
  ]);
});

test("finalizers of namespaces are checked where they can be written", () => {
  const namespace = (finalizer: string): object => ({ metadata: { name: "n" }, spec: { finalizers: [finalizer] } });
  const why = "name is neither a standard finalizer name nor is it fully qualified";
  expect(findingsOf(namespaces, namespace("odd"))).toEqual([`spec.finalizers: Invalid value: "odd": ${why}`]);
  expect(findingsOf(namespaces, namespace("odd"), namespace("odd"))).toEqual([]);
  expect(findingsOf(namespaces, namespace("odd"), namespace("a/b"), "finalize")).toEqual([
    `spec.finalizers[0]: Invalid value: "odd": ${why}`,
  ]);
});

test("a key for ssh is not empty", () => {
  const secret = (data: Record<string, string>): object => ({ metadata, type: "kubernetes.io/ssh-auth", data });
  expect(findingsOf(secrets, secret({ "ssh-privatekey": "eA==" }))).toEqual([]);
  expect(findingsOf(secrets, secret({ "ssh-privatekey": "" }))).toEqual(["data[ssh-privatekey]: Required value"]);
});
