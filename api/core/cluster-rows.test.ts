import { describe, expect, test } from "vitest";
import type {
  Endpoints,
  LimitRange,
  Namespace,
  Node,
  PodTemplate,
  ReplicationController,
  ResourceQuota,
  ServiceAccount,
} from "../generated/types/core-v1.ts";
import { ago, cellsOf, created, findingsOf, updated } from "../row.testing.ts";
import { componentStatuses } from "./component-statuses.ts";
import { endpoints } from "./endpoints.ts";
import { limitRanges } from "./limit-ranges.ts";
import { namespaces } from "./namespaces.ts";
import { nodes } from "./nodes.ts";
import { podTemplates } from "./pod-templates.ts";
import { replicationControllers } from "./replication-controllers.ts";
import { resourceQuotas } from "./resource-quotas.ts";
import { serviceAccounts } from "./service-accounts.ts";

const metadata = { name: "x", creationTimestamp: ago(7200) };

describe("nodes", () => {
  const node: Node = {
    metadata: {
      ...metadata,
      labels: { "node-role.kubernetes.io/worker": "", "node-role.kubernetes.io/edge": "", "kubernetes.io/role": "db" },
    },
    spec: { unschedulable: true },
    status: {
      conditions: [{ type: "Ready", status: "True" }],
      addresses: [
        { type: "Hostname", address: "x" },
        { type: "InternalIP", address: "10.0.0.1" },
      ],
      nodeInfo: { kubeletVersion: "v1.36.2", osImage: "Linux" } as NonNullable<Node["status"]>["nodeInfo"] & object,
    },
  };

  test("show state, roles and addresses", () => {
    expect(cellsOf(nodes, node)).toEqual({
      Name: "x",
      Status: "Ready,SchedulingDisabled",
      Roles: "db,edge,worker",
      Age: "120m",
      Version: "v1.36.2",
      "Internal-IP": "10.0.0.1",
      "External-IP": "<none>",
      "OS-Image": "Linux",
      "Kernel-Version": "<unknown>",
      "Container-Runtime": "<unknown>",
    });
    expect(cellsOf(nodes, { metadata } as Node)).toMatchObject({ Status: "Unknown", Roles: "<none>" });
    expect(
      cellsOf(nodes, { metadata, status: { conditions: [{ type: "Ready", status: "Unknown" }] } } as Node),
    ).toMatchObject({ Status: "NotReady" });
  });

  test("register with their status, and report it through its endpoint later", () => {
    expect(created(nodes, node).status).toEqual(node.status);
    expect(updated(nodes, { metadata, spec: {}, status: {} } as Node, node).status).toEqual(node.status);
    expect(updated(nodes, { metadata, spec: {}, status: {} } as Node, node, "status").status).toEqual({});
  });

  test("keep their range of pod addresses", () => {
    const old: Node = { spec: { podCIDRs: ["10.1.0.0/24"], podCIDR: "10.1.0.0/24" } };
    expect(findingsOf(nodes, { spec: { podCIDRs: ["10.2.0.0/24"] } } as Node, old)).toEqual([
      'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
    ]);
  });

  test("a taint once per key and effect", () => {
    const taint = { key: "a", effect: "NoSchedule" };
    expect(findingsOf(nodes, { spec: { taints: [taint, taint] } } as Node).join()).toMatch(
      "taints must be unique by key and effect pair",
    );
  });
});

describe("namespaces", () => {
  test("start active, and wait for their content when they go", () => {
    expect(created(namespaces, { metadata } as Namespace)).toMatchObject({
      spec: { finalizers: ["kubernetes"] },
      status: { phase: "Active" },
    });
  });

  test("lose a finalizer through finalize only", () => {
    const old: Namespace = { metadata, spec: { finalizers: ["kubernetes"] } };
    expect(updated(namespaces, { metadata, spec: {} } as Namespace, old).spec).toEqual({ finalizers: ["kubernetes"] });
    expect(updated(namespaces, { metadata, spec: {} } as Namespace, old, "finalize").spec).toEqual({});
  });

  test("are Terminating when they are deleted, and only then", () => {
    expect(
      findingsOf(
        namespaces,
        { metadata, status: { phase: "Terminating" } } as Namespace,
        { metadata } as Namespace,
        "status",
      ),
    ).toEqual(["status.Phase: Invalid value: \"Terminating\": may only be 'Active' if `deletionTimestamp` is empty"]);
  });
});

test("endpoints show three addresses and count the rest", () => {
  const subsets = [
    { addresses: [{ ip: "10.0.0.1" }, { ip: "10.0.0.2" }], ports: [{ port: 80 }, { port: 443 }] },
    { addresses: [{ ip: "fd00::1" }], ports: [{ port: 80 }] },
  ];
  expect(cellsOf(endpoints, { metadata, subsets } as Endpoints)).toMatchObject({
    Endpoints: "10.0.0.1:80,10.0.0.2:80,10.0.0.1:443 + 2 more...",
  });
  expect(cellsOf(endpoints, { metadata } as Endpoints)).toMatchObject({ Endpoints: "<none>" });
  expect(
    cellsOf(endpoints, { metadata, subsets: [{ addresses: [{ ip: "fd00::1" }], ports: [{ port: 80 }] }] } as Endpoints),
  ).toMatchObject({ Endpoints: "[fd00::1]:80" });
});

test("quotas show what is used of what", () => {
  const status = { hard: { pods: "10", "limits.cpu": "2", cpu: "1500m" }, used: { pods: "3", "limits.cpu": "500m" } };
  expect(cellsOf(resourceQuotas, { metadata, status } as ResourceQuota)).toMatchObject({
    Request: "cpu: 0/1500m, pods: 3/10",
    Limit: "limits.cpu: 500m/2",
  });
  expect(findingsOf(resourceQuotas, { spec: { hard: { pods: "1500m" } } } as ResourceQuota)).toEqual([
    'spec.hard[pods]: Invalid value: "1500m": must be an integer',
  ]);
});

test("service accounts keep only names of secrets", () => {
  const account: ServiceAccount = { metadata, secrets: [{ name: "a", namespace: "other", uid: "1" }] };
  expect(created(serviceAccounts, account).secrets).toEqual([{ name: "a" }]);
  expect(cellsOf(serviceAccounts, account)).toEqual({ Name: "x", Age: "120m" });
});

test("a limit range without a name gets one, and its bounds must be in order", () => {
  expect(created(limitRanges, { spec: { limits: [] } } as LimitRange).metadata?.name).toBe(
    "00000000-0000-4000-8000-000000000001",
  );
  const limits = [{ type: "Container", min: { cpu: "2" }, max: { cpu: "1" } }];
  expect(findingsOf(limitRanges, { metadata, spec: { limits } } as LimitRange)).toEqual([
    'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
  ]);
});

test("components are healthy, unhealthy or unknown", () => {
  const conditions = [{ type: "Healthy", status: "False", message: "m", error: "e" }];
  expect(cellsOf(componentStatuses, { metadata, conditions } as never)).toEqual({
    Name: "x",
    Status: "Unhealthy",
    Message: "m",
    Error: "e",
  });
  expect(cellsOf(componentStatuses, { metadata })).toMatchObject({ Status: "Unknown" });
});

describe("templates", () => {
  const template = {
    metadata: { labels: { app: "web" } },
    spec: {
      containers: [
        { name: "a", image: "b:1" },
        { name: "c", image: "d:2" },
      ],
    },
  };

  test("show containers, images and labels", () => {
    expect(cellsOf(podTemplates, { metadata, template } as PodTemplate)).toEqual({
      Name: "x",
      Containers: "a,c",
      Images: "b:1,d:2",
      "Pod Labels": "app=web",
    });
  });

  test("a replication controller must find the pods that it makes", () => {
    const controller = (selector: Record<string, string>): ReplicationController => ({
      metadata,
      spec: { replicas: 2, selector, template },
      status: { replicas: 1 },
    });
    expect(cellsOf(replicationControllers, controller({ app: "web" }))).toMatchObject({
      Desired: 2,
      Current: 1,
      Ready: 0,
      Selector: "app=web",
    });
    expect(findingsOf(replicationControllers, controller({ app: "web" }))).toEqual([]);
    expect(findingsOf(replicationControllers, controller({ app: "db" }))).toEqual([
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ]);
    expect(findingsOf(replicationControllers, controller({}))).toEqual(["spec.selector: Required value"]);
  });

  test("have no ephemeral containers", () => {
    const given = {
      metadata,
      template: { spec: { ...template.spec, ephemeralContainers: [{ name: "debug", image: "x" }] } },
    };
    expect(findingsOf(podTemplates, given as PodTemplate)).toEqual([
      "template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template",
    ]);
  });
});
