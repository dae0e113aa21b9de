import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultRules } from "./defaults.ts";
import type { JsonObject } from "./machinery/object.ts";
import { createConformer } from "./schema/conform.ts";
import { createDefaulter } from "./schema/default.ts";
import { builtinSchemas } from "./schema/tables.ts";

const schemas = builtinSchemas();
const conformer = createConformer();
const defaulterOf = createDefaulter(schemas, defaultRules, () => Date.UTC(2026, 0, 2, 3, 4, 5, 678));

/** As a manifest goes: decoded, then defaulted. */
function defaulted(definition: string, manifest: JsonObject): JsonObject {
  const type = schemas.get(definition);
  const { object, unknown } = conformer.conform(manifest, type);
  expect(unknown).toEqual([]);
  defaulterOf(definition)(object);
  return object;
}

const core = "io.k8s.api.core.v1";
const podSpec = {
  restartPolicy: "Always",
  terminationGracePeriodSeconds: 30,
  dnsPolicy: "ClusterFirst",
  securityContext: {},
  schedulerName: "default-scheduler",
};
const container = {
  resources: {},
  terminationMessagePath: "/dev/termination-log",
  terminationMessagePolicy: "File",
  imagePullPolicy: "IfNotPresent",
};
const template = { metadata: { labels: { app: "a" } }, spec: { containers: [{ name: "a", image: "a:1" }] } };
const fullTemplate = {
  metadata: { labels: { app: "a" } },
  spec: { containers: [{ name: "a", image: "a:1", ...container }], ...podSpec },
};
const selector = { matchLabels: { app: "a" } };

type Pair = readonly [name: string, definition: string, given: JsonObject, expected: JsonObject];

const workloads: Pair[] = [
  [
    "Pod",
    `${core}.Pod`,
    { metadata: { name: "a" }, spec: { containers: [{ name: "a", image: "nginx" }] } },
    {
      metadata: { name: "a" },
      spec: {
        containers: [{ name: "a", image: "nginx", ...container, imagePullPolicy: "Always" }],
        ...podSpec,
        enableServiceLinks: true,
      },
      status: {},
    },
  ],
  [
    "Deployment",
    "io.k8s.api.apps.v1.Deployment",
    { metadata: { name: "a" }, spec: { selector, template } },
    {
      metadata: { name: "a" },
      spec: {
        replicas: 1,
        selector,
        template: fullTemplate,
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
      },
      status: {},
    },
  ],
  [
    "Deployment that recreates",
    "io.k8s.api.apps.v1.Deployment",
    { spec: { replicas: 0, selector, template, strategy: { type: "Recreate" } } },
    {
      metadata: {},
      spec: {
        replicas: 0,
        selector,
        template: fullTemplate,
        strategy: { type: "Recreate" },
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
      },
      status: {},
    },
  ],
  [
    "ReplicaSet",
    "io.k8s.api.apps.v1.ReplicaSet",
    { spec: { selector } },
    {
      metadata: {},
      spec: { replicas: 1, selector, template: { metadata: {}, spec: { containers: null, ...podSpec } } },
      status: { replicas: 0 },
    },
  ],
  [
    "DaemonSet",
    "io.k8s.api.apps.v1.DaemonSet",
    { spec: { selector, template } },
    {
      metadata: {},
      spec: {
        selector,
        template: fullTemplate,
        updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
        revisionHistoryLimit: 10,
      },
      status: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
    },
  ],
  [
    "StatefulSet",
    "io.k8s.api.apps.v1.StatefulSet",
    {
      spec: {
        selector,
        serviceName: "a",
        template,
        volumeClaimTemplates: [
          {
            metadata: { name: "d" },
            spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1024Mi" } } },
          },
        ],
      },
    },
    {
      metadata: {},
      spec: {
        replicas: 1,
        selector,
        template: fullTemplate,
        volumeClaimTemplates: [
          {
            kind: "PersistentVolumeClaim",
            apiVersion: "v1",
            metadata: { name: "d" },
            spec: {
              accessModes: ["ReadWriteOnce"],
              resources: { requests: { storage: "1Gi" } },
              volumeMode: "Filesystem",
            },
            status: { phase: "Pending" },
          },
        ],
        serviceName: "a",
        podManagementPolicy: "OrderedReady",
        updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
        revisionHistoryLimit: 10,
        persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
      },
      status: { replicas: 0, availableReplicas: 0 },
    },
  ],
  [
    "Job",
    "io.k8s.api.batch.v1.Job",
    { spec: { template } },
    {
      metadata: { labels: { app: "a" } },
      spec: {
        parallelism: 1,
        completions: 1,
        backoffLimit: 6,
        manualSelector: false,
        template: fullTemplate,
        completionMode: "NonIndexed",
        suspend: false,
        podReplacementPolicy: "TerminatingOrFailed",
      },
      status: {},
    },
  ],
  [
    "CronJob",
    "io.k8s.api.batch.v1.CronJob",
    { spec: { schedule: "@daily", jobTemplate: { spec: { template } } } },
    {
      metadata: {},
      spec: {
        schedule: "@daily",
        concurrencyPolicy: "Allow",
        suspend: false,
        jobTemplate: { metadata: {}, spec: { template: fullTemplate } },
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 1,
      },
      status: {},
    },
  ],
  [
    "ReplicationController",
    `${core}.ReplicationController`,
    { spec: { template } },
    {
      metadata: { labels: { app: "a" } },
      spec: { replicas: 1, selector: { app: "a" }, template: fullTemplate },
      status: { replicas: 0 },
    },
  ],
];

const others: Pair[] = [
  [
    "Service",
    `${core}.Service`,
    { spec: { ports: [{ port: 80 }], selector: { app: "a" } } },
    {
      metadata: {},
      spec: {
        ports: [{ protocol: "TCP", port: 80, targetPort: 80 }],
        selector: { app: "a" },
        type: "ClusterIP",
        sessionAffinity: "None",
        internalTrafficPolicy: "Cluster",
      },
      status: { loadBalancer: {} },
    },
  ],
  [
    "Service of type LoadBalancer with affinity",
    `${core}.Service`,
    {
      spec: {
        type: "LoadBalancer",
        sessionAffinity: "ClientIP",
        ports: [{ port: 53, protocol: "UDP", targetPort: "dns" }],
      },
    },
    {
      metadata: {},
      spec: {
        ports: [{ protocol: "UDP", port: 53, targetPort: "dns" }],
        type: "LoadBalancer",
        sessionAffinity: "ClientIP",
        externalTrafficPolicy: "Cluster",
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } },
        allocateLoadBalancerNodePorts: true,
        internalTrafficPolicy: "Cluster",
      },
      status: { loadBalancer: {} },
    },
  ],
  [
    "Service that names another host",
    `${core}.Service`,
    { spec: { type: "ExternalName", externalName: "example.com" } },
    {
      metadata: {},
      spec: { type: "ExternalName", sessionAffinity: "None", externalName: "example.com" },
      status: { loadBalancer: {} },
    },
  ],
  [
    "PersistentVolumeClaim",
    `${core}.PersistentVolumeClaim`,
    { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "0.5m" } } } },
    {
      metadata: {},
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1m" } }, volumeMode: "Filesystem" },
      status: { phase: "Pending" },
    },
  ],
  [
    "PersistentVolume",
    `${core}.PersistentVolume`,
    { spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/x" } } },
    {
      metadata: {},
      spec: {
        capacity: { storage: "1Gi" },
        hostPath: { path: "/x", type: "" },
        accessModes: ["ReadWriteOnce"],
        persistentVolumeReclaimPolicy: "Retain",
        volumeMode: "Filesystem",
      },
      status: { phase: "Pending" },
    },
  ],
  ["Secret", `${core}.Secret`, { data: { a: "YQ==" } }, { metadata: {}, data: { a: "YQ==" }, type: "Opaque" }],
  ["ConfigMap", `${core}.ConfigMap`, {}, { metadata: {} }],
  [
    "Namespace",
    `${core}.Namespace`,
    { metadata: { name: "a", labels: { "kubernetes.io/metadata.name": "b", z: "1" } } },
    {
      metadata: { name: "a", labels: { "kubernetes.io/metadata.name": "a", z: "1" } },
      spec: {},
      status: { phase: "Active" },
    },
  ],
  [
    "Node",
    `${core}.Node`,
    { spec: { podCIDR: "10.0.0.0/24" }, status: { capacity: { cpu: "2000m" } } },
    {
      metadata: {},
      spec: { podCIDR: "10.0.0.0/24", podCIDRs: ["10.0.0.0/24"] },
      status: {
        capacity: { cpu: "2" },
        allocatable: { cpu: "2" },
        daemonEndpoints: { kubeletEndpoint: { Port: 0 } },
        nodeInfo: {
          machineID: "",
          systemUUID: "",
          bootID: "",
          kernelVersion: "",
          osImage: "",
          containerRuntimeVersion: "",
          kubeletVersion: "",
          kubeProxyVersion: "",
          operatingSystem: "",
          architecture: "",
        },
      },
    },
  ],
  [
    "LimitRange",
    `${core}.LimitRange`,
    {
      spec: {
        limits: [
          { type: "Container", max: { cpu: "2" }, min: { memory: "1Mi" } },
          { type: "Pod", max: { cpu: "3" } },
        ],
      },
    },
    {
      metadata: {},
      spec: {
        limits: [
          {
            type: "Container",
            max: { cpu: "2" },
            min: { memory: "1Mi" },
            default: { cpu: "2" },
            defaultRequest: { cpu: "2", memory: "1Mi" },
          },
          { type: "Pod", max: { cpu: "3" } },
        ],
      },
    },
  ],
  [
    "Endpoints",
    `${core}.Endpoints`,
    { subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80 }] }] },
    { metadata: {}, subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80, protocol: "TCP" }] }] },
  ],
  [
    "EndpointSlice",
    "io.k8s.api.discovery.v1.EndpointSlice",
    { addressType: "IPv4", endpoints: [{ addresses: ["10.0.0.1"] }], ports: [{ port: 80 }] },
    {
      metadata: {},
      addressType: "IPv4",
      endpoints: [{ addresses: ["10.0.0.1"], conditions: {} }],
      ports: [{ name: "", protocol: "TCP", port: 80 }],
    },
  ],
  [
    "HorizontalPodAutoscaler v2",
    "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler",
    {
      spec: {
        scaleTargetRef: { kind: "Deployment", name: "a" },
        maxReplicas: 3,
        behavior: { scaleDown: { stabilizationWindowSeconds: 60 } },
      },
    },
    {
      metadata: {},
      spec: {
        scaleTargetRef: { kind: "Deployment", name: "a" },
        minReplicas: 1,
        maxReplicas: 3,
        metrics: [
          { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } },
        ],
        behavior: {
          scaleUp: {
            stabilizationWindowSeconds: 0,
            selectPolicy: "Max",
            policies: [
              { type: "Pods", value: 4, periodSeconds: 15 },
              { type: "Percent", value: 100, periodSeconds: 15 },
            ],
          },
          scaleDown: {
            stabilizationWindowSeconds: 60,
            selectPolicy: "Max",
            policies: [{ type: "Percent", value: 100, periodSeconds: 15 }],
          },
        },
      },
      status: { desiredReplicas: 0, currentMetrics: null },
    },
  ],
  [
    "HorizontalPodAutoscaler v1",
    "io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler",
    { spec: { scaleTargetRef: { kind: "Deployment", name: "a" }, maxReplicas: 3 } },
    {
      metadata: {},
      spec: {
        scaleTargetRef: { kind: "Deployment", name: "a" },
        minReplicas: 1,
        maxReplicas: 3,
        targetCPUUtilizationPercentage: 80,
      },
      status: { currentReplicas: 0, desiredReplicas: 0 },
    },
  ],
  [
    "NetworkPolicy",
    "io.k8s.api.networking.v1.NetworkPolicy",
    { spec: { podSelector: {}, egress: [{ ports: [{ port: 53 }] }] } },
    {
      metadata: {},
      spec: {
        podSelector: {},
        egress: [{ ports: [{ protocol: "TCP", port: 53 }] }],
        policyTypes: ["Ingress", "Egress"],
      },
    },
  ],
  [
    "IngressClass",
    "io.k8s.api.networking.v1.IngressClass",
    { spec: { controller: "x/y", parameters: { kind: "K", name: "n" } } },
    { metadata: {}, spec: { controller: "x/y", parameters: { kind: "K", name: "n", scope: "Cluster" } } },
  ],
  [
    "RoleBinding",
    "io.k8s.api.rbac.v1.RoleBinding",
    {
      subjects: [
        { kind: "User", name: "u" },
        { kind: "ServiceAccount", name: "s" },
      ],
      roleRef: { kind: "Role", name: "r" },
    },
    {
      metadata: {},
      subjects: [
        { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "u" },
        { kind: "ServiceAccount", name: "s" },
      ],
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "r" },
    },
  ],
  [
    "StorageClass",
    "io.k8s.api.storage.v1.StorageClass",
    { provisioner: "p" },
    { metadata: {}, provisioner: "p", reclaimPolicy: "Delete", volumeBindingMode: "Immediate" },
  ],
  [
    "CSIDriver",
    "io.k8s.api.storage.v1.CSIDriver",
    { metadata: { name: "d" } },
    {
      metadata: { name: "d" },
      spec: {
        attachRequired: true,
        podInfoOnMount: false,
        volumeLifecycleModes: ["Persistent"],
        storageCapacity: false,
        fsGroupPolicy: "ReadWriteOnceWithFSType",
        requiresRepublish: false,
        seLinuxMount: false,
      },
    },
  ],
  [
    "MutatingWebhookConfiguration",
    "io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration",
    {
      webhooks: [
        {
          name: "a.b.c",
          clientConfig: { service: { namespace: "n", name: "s" } },
          rules: [{ operations: ["*"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] }],
          sideEffects: "None",
          admissionReviewVersions: ["v1"],
        },
      ],
    },
    {
      metadata: {},
      webhooks: [
        {
          name: "a.b.c",
          clientConfig: { service: { namespace: "n", name: "s", port: 443 } },
          rules: [{ operations: ["*"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"], scope: "*" }],
          failurePolicy: "Fail",
          matchPolicy: "Equivalent",
          namespaceSelector: {},
          objectSelector: {},
          sideEffects: "None",
          timeoutSeconds: 10,
          admissionReviewVersions: ["v1"],
          reinvocationPolicy: "Never",
        },
      ],
    },
  ],
  [
    "ValidatingAdmissionPolicy",
    "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy",
    { spec: { matchConstraints: {}, validations: [{ expression: "true" }] } },
    {
      metadata: {},
      spec: {
        matchConstraints: { namespaceSelector: {}, objectSelector: {}, matchPolicy: "Equivalent" },
        validations: [{ expression: "true" }],
        failurePolicy: "Fail",
      },
      status: {},
    },
  ],
  [
    "PriorityClass",
    "io.k8s.api.scheduling.v1.PriorityClass",
    { value: 5 },
    { metadata: {}, value: 5, preemptionPolicy: "PreemptLowerPriority" },
  ],
  [
    "FlowSchema",
    "io.k8s.api.flowcontrol.v1.FlowSchema",
    { spec: { priorityLevelConfiguration: { name: "p" } } },
    { metadata: {}, spec: { priorityLevelConfiguration: { name: "p" }, matchingPrecedence: 1000 }, status: {} },
  ],
  [
    "PriorityLevelConfiguration",
    "io.k8s.api.flowcontrol.v1.PriorityLevelConfiguration",
    { spec: { type: "Limited", limited: { limitResponse: { type: "Queue", queuing: {} } } } },
    {
      metadata: {},
      spec: {
        type: "Limited",
        limited: {
          nominalConcurrencyShares: 30,
          limitResponse: { type: "Queue", queuing: { queues: 64, handSize: 8, queueLengthLimit: 50 } },
          lendablePercent: 0,
        },
      },
      status: {},
    },
  ],
  [
    "ResourceClaim",
    "io.k8s.api.resource.v1.ResourceClaim",
    {
      spec: {
        devices: {
          requests: [{ name: "r", exactly: { deviceClassName: "c", tolerations: [{ key: "k", value: "v" }] } }],
        },
      },
    },
    {
      metadata: {},
      spec: {
        devices: {
          requests: [
            {
              name: "r",
              exactly: {
                deviceClassName: "c",
                allocationMode: "ExactCount",
                count: 1,
                tolerations: [{ key: "k", operator: "Equal", value: "v" }],
              },
            },
          ],
        },
      },
      status: {},
    },
  ],
  [
    "ResourceSlice with a taint",
    "io.k8s.api.resource.v1.ResourceSlice",
    {
      spec: {
        driver: "d",
        pool: { name: "p", generation: 1, resourceSliceCount: 1 },
        devices: [{ name: "x", taints: [{ key: "k", effect: "NoSchedule" }] }],
      },
    },
    {
      metadata: {},
      spec: {
        driver: "d",
        pool: { name: "p", generation: 1, resourceSliceCount: 1 },
        devices: [{ name: "x", taints: [{ key: "k", effect: "NoSchedule", timeAdded: "2026-01-02T03:04:05Z" }] }],
      },
    },
  ],
  [
    "CustomResourceDefinition",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition",
    {
      spec: {
        group: "g.io",
        scope: "Cluster",
        names: { plural: "foos", kind: "Foo" },
        versions: [{ name: "v1", served: true, storage: true }],
      },
    },
    {
      metadata: {},
      spec: {
        group: "g.io",
        names: { plural: "foos", singular: "foo", kind: "Foo", listKind: "FooList" },
        scope: "Cluster",
        versions: [{ name: "v1", served: true, storage: true }],
        conversion: { strategy: "None" },
      },
      status: { conditions: null, acceptedNames: { plural: "", kind: "" }, storedVersions: ["v1"] },
    },
  ],
  [
    "APIService",
    "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService",
    {
      spec: {
        service: { namespace: "n", name: "s" },
        group: "g.io",
        version: "v1",
        groupPriorityMinimum: 1,
        versionPriority: 2,
      },
    },
    {
      metadata: {},
      spec: {
        service: { namespace: "n", name: "s", port: 443 },
        group: "g.io",
        version: "v1",
        groupPriorityMinimum: 1,
        versionPriority: 2,
      },
      status: {},
    },
  ],
  [
    "TokenRequest",
    "io.k8s.api.authentication.v1.TokenRequest",
    { spec: {} },
    {
      metadata: {},
      spec: { audiences: null, expirationSeconds: 3600, boundObjectRef: null },
      status: { token: "", expirationTimestamp: null },
    },
  ],
];

describe("a minimal manifest comes back as upstream returns it", () => {
  test.each([...workloads, ...others])("%s", (_, definition, given, expected) => {
    // Text, since the order of members counts too.
    expect(JSON.stringify(defaulted(definition, given), null, 1)).toBe(JSON.stringify(expected, null, 1));
  });
});

function podWith(spec: JsonObject): JsonObject {
  const made = defaulted(`${core}.Pod`, { spec: { containers: [], ...spec } })["spec"];
  return made as JsonObject;
}

describe("a pod", () => {
  test("requests what it is limited to, where it says nothing", () => {
    const spec = podWith({
      containers: [
        { name: "a", image: "a:1", resources: { limits: { cpu: "0.1m", memory: "1Mi" }, requests: { memory: "5" } } },
      ],
    });
    expect(spec["containers"]).toEqual([
      {
        name: "a",
        image: "a:1",
        ...container,
        resources: { limits: { cpu: "1m", memory: "1Mi" }, requests: { cpu: "1m", memory: "5" } },
      },
    ]);
  });

  test("in a template requests nothing of itself", () => {
    const limited = {
      metadata: {},
      spec: { containers: [{ name: "a", image: "a:1", resources: { limits: { cpu: "1" } } }] },
    };
    const made = defaulted(`${core}.PodTemplate`, { template: limited });
    expect(JSON.stringify(made)).toContain('"resources":{"limits":{"cpu":"1"}}');
  });

  test("on the host's network uses the host's ports", () => {
    const spec = podWith({
      hostNetwork: true,
      containers: [{ name: "a", image: "a:1", ports: [{ containerPort: 80 }, { containerPort: 81, hostPort: 82 }] }],
    });
    expect(JSON.stringify(spec)).toContain(
      '"ports":[{"hostPort":80,"containerPort":80,"protocol":"TCP"},{"hostPort":82,"containerPort":81,"protocol":"TCP"}]',
    );
  });

  test("with limits of its own requests what its containers request together", () => {
    const spec = podWith({
      resources: { limits: { cpu: "4", memory: "1Gi" } },
      containers: [
        { name: "a", image: "a:1", resources: { requests: { cpu: "500m" }, limits: { "hugepages-2Mi": "4Mi" } } },
        { name: "b", image: "a:1", resources: { requests: { cpu: "250m" } } },
      ],
      initContainers: [
        { name: "side", image: "a:1", restartPolicy: "Always", resources: { requests: { cpu: "250m" } } },
        { name: "init", image: "a:1", resources: { requests: { cpu: "2" } } },
      ],
    });
    expect(spec["resources"]).toEqual({
      limits: { cpu: "4", "hugepages-2Mi": "4Mi", memory: "1Gi" },
      requests: { cpu: "2250m", "hugepages-2Mi": "4Mi", memory: "1Gi" },
    });
  });

  test("shows its service account under both names", () => {
    expect(podWith({ serviceAccount: "old" })).toMatchObject({ serviceAccountName: "old", serviceAccount: "old" });
    expect(podWith({ serviceAccount: "old", serviceAccountName: "new" })).toMatchObject({
      serviceAccountName: "new",
      serviceAccount: "new",
    });
  });

  test("keeps podIP and podIPs together, podIP first", () => {
    const status = (given: JsonObject): unknown => defaulted(`${core}.Pod`, { status: given })["status"];
    expect(status({ podIPs: [{ ip: "1.1.1.1" }] })).toEqual({ podIP: "1.1.1.1", podIPs: [{ ip: "1.1.1.1" }] });
    expect(status({ podIP: "2.2.2.2", podIPs: [{ ip: "1.1.1.1" }] })).toEqual({
      podIP: "2.2.2.2",
      podIPs: [{ ip: "2.2.2.2" }],
    });
  });

  test("has its probes and volumes filled in", () => {
    const spec = podWith({
      containers: [
        { name: "a", image: "a:1", livenessProbe: { httpGet: { port: 80 } }, readinessProbe: { grpc: { port: 1 } } },
      ],
      volumes: [{ name: "e" }, { name: "s", secret: { secretName: "x" } }, { name: "i", image: { reference: "r" } }],
    });
    const probe = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };
    expect(spec["containers"]).toMatchObject([
      {
        livenessProbe: { httpGet: { path: "/", port: 80, scheme: "HTTP" }, ...probe },
        readinessProbe: { grpc: { port: 1, service: "" }, ...probe },
      },
    ]);
    expect(spec["volumes"]).toEqual([
      { name: "e", emptyDir: {} },
      { name: "s", secret: { secretName: "x", defaultMode: 420 } },
      { name: "i", image: { reference: "r", pullPolicy: "Always" } },
    ]);
  });
});

test("a job with a limit per index has none for the whole", () => {
  const made = defaulted("io.k8s.api.batch.v1.Job", {
    spec: { parallelism: 2, backoffLimitPerIndex: 1, podFailurePolicy: { rules: [] }, template },
  });
  expect(made["spec"]).toMatchObject({ parallelism: 2, backoffLimit: 2147483647, podReplacementPolicy: "Failed" });
  expect(made["spec"]).not.toHaveProperty("completions");
});

describe("rules", () => {
  test("name types that exist", () => {
    expect(Object.keys(defaultRules).filter((name) => !schemas.has(name))).toEqual([]);
  });

  test.each([...workloads, ...others])("are idempotent: %s", (_, definition, given) => {
    const once = defaulted(definition, given);
    const text = JSON.stringify(once);
    defaulterOf(definition)(once);
    expect(JSON.stringify(once)).toBe(text);
    expect(JSON.stringify(conformer.conform(once, schemas.get(definition)).object)).toBe(text);
  });

  test("are idempotent for any part of a manifest", () => {
    const parts = [...workloads, ...others].map(([, definition, , expected]) => ({ definition, expected }));
    fc.assert(
      fc.property(
        fc.constantFrom(...parts),
        fc.infiniteStream(fc.integer({ min: 0, max: 3 })),
        ({ definition, expected }, dice) => {
          const once = defaulted(
            definition,
            thinned(expected, () => Number(dice.next().value) === 0),
          );
          const text = JSON.stringify(once);
          defaulterOf(definition)(once);
          expect(JSON.stringify(once)).toBe(text);
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Drops members as `drop` says. */
function thinned(object: JsonObject, drop: () => boolean): JsonObject {
  const kept = Object.entries(object).filter(([, value]) => value !== null && !drop());
  return Object.fromEntries(
    kept.map(([name, value]) => [
      name,
      typeof value === "object" && value !== null && !Array.isArray(value) ? thinned(value, drop) : value,
    ]),
  );
}
