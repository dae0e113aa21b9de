import { describe, expect, it } from "vitest";
import type { Pod, ResourceQuota } from "../../generated/types/core-v1.ts";
import type { KubeObject } from "../../machinery/object.ts";
import { resourcesCountedBy, usageOf } from "./usage.ts";

const now = Date.UTC(2026, 0, 2);

function quotaOn(...names: string[]): ResourceQuota {
  return { spec: { hard: Object.fromEntries(names.map((name) => [name, "100"])) } };
}

function usage(names: readonly string[], resource: string, ...objects: object[]): Readonly<Record<string, string>> {
  return usageOf(quotaOn(...names), (asked) => (asked === resource ? (objects as KubeObject[]) : []), now);
}

describe("usageOf", () => {
  it("sums what containers, sidecars and overhead take, or what starting takes", () => {
    const pod: Pod = {
      spec: {
        overhead: { cpu: "100m" },
        initContainers: [
          { name: "side", restartPolicy: "Always", resources: { requests: { cpu: "200m" }, limits: { cpu: "1" } } },
          { name: "init", resources: { requests: { cpu: "2" } } },
        ],
        containers: [
          { name: "a", resources: { requests: { cpu: "1", "example.com/gpu": "2" }, limits: { cpu: "1" } } },
          { name: "b", resources: { requests: { "hugepages-2Mi": "4Mi" } } },
        ],
      },
    };
    const names = ["cpu", "limits.cpu", "pods", "requests.example.com/gpu", "hugepages-2Mi", "requests.memory"];
    expect(usage(names, "pods", pod)).toEqual({
      cpu: "2300m",
      "limits.cpu": "2100m",
      pods: "1",
      "requests.example.com/gpu": "2",
      "hugepages-2Mi": "4Mi",
      "requests.memory": "0",
    });
  });

  it("counts pods that have ended as objects only", () => {
    const ended: Pod = { spec: { containers: [] }, status: { phase: "Succeeded" } };
    const stuck: Pod = {
      metadata: { deletionTimestamp: "2026-01-01T00:00:00Z", deletionGracePeriodSeconds: 30 },
      spec: { containers: [] },
    };
    expect(usage(["pods", "count/pods"], "pods", ended, stuck)).toEqual({ pods: "0", "count/pods": "2" });
  });

  it("takes the most of what a resized container has and wants", () => {
    const pod: Pod = {
      spec: { containers: [{ name: "a", resources: { requests: { cpu: "1" } } }] },
      status: {
        containerStatuses: [
          {
            name: "a",
            ready: true,
            restartCount: 0,
            image: "",
            imageID: "",
            resources: { requests: { cpu: "2" } },
            allocatedResources: { cpu: "3" },
          },
        ],
      },
    };
    expect(usage(["cpu"], "pods", pod)).toEqual({ cpu: "3" });
  });

  it.each<readonly [string, readonly string[], string, object, object]>([
    [
      "node ports of load balancers",
      ["services.nodeports", "services.loadbalancers"],
      "services",
      { spec: { type: "LoadBalancer", ports: [{ port: 1 }, { port: 2 }] } },
      { "services.nodeports": "2", "services.loadbalancers": "1" },
    ],
    [
      "only explicit node ports where none are allocated",
      ["services.nodeports"],
      "services",
      {
        spec: {
          type: "LoadBalancer",
          allocateLoadBalancerNodePorts: false,
          ports: [{ port: 1, nodePort: 30000 }, { port: 2 }],
        },
      },
      { "services.nodeports": "1" },
    ],
    [
      "storage by class, in whole bytes",
      ["requests.storage", "gold.storageclass.storage.k8s.io/requests.storage", "persistentvolumeclaims"],
      "persistentvolumeclaims",
      { spec: { storageClassName: "gold", resources: { requests: { storage: "1500m" } } } },
      {
        "requests.storage": "2",
        "gold.storageclass.storage.k8s.io/requests.storage": "2",
        persistentvolumeclaims: "1",
      },
    ],
    [
      "storage that a resize has allocated",
      ["requests.storage"],
      "persistentvolumeclaims",
      {
        spec: { resources: { requests: { storage: "1Gi" } } },
        status: { allocatedResources: { storage: "2Gi" } },
      },
      { "requests.storage": "2Gi" },
    ],
    [
      "devices, of alternatives the most",
      ["count/resourceclaims.resource.k8s.io", "gpu.deviceclass.resource.k8s.io/devices"],
      "resourceclaims.resource.k8s.io",
      {
        spec: {
          devices: {
            requests: [
              { name: "a", exactly: { deviceClassName: "gpu", allocationMode: "All" } },
              {
                name: "b",
                firstAvailable: [
                  { name: "x", deviceClassName: "gpu", allocationMode: "ExactCount", count: 1 },
                  { name: "y", deviceClassName: "gpu", allocationMode: "ExactCount", count: 3 },
                ],
              },
            ],
          },
        },
      },
      { "count/resourceclaims.resource.k8s.io": "1", "gpu.deviceclass.resource.k8s.io/devices": "35" },
    ],
    ["secrets by their old name", ["secrets", "count/secrets"], "secrets", {}, { secrets: "1", "count/secrets": "1" }],
  ])("%s", (_, names, resource, object, expected) => {
    expect(usage(names, resource, object)).toEqual(expected);
  });

  it("counts a claim in the classes it has, wants and is changed to", () => {
    const quota: ResourceQuota = {
      spec: {
        hard: { persistentvolumeclaims: "1" },
        scopeSelector: { matchExpressions: [{ scopeName: "VolumeAttributesClass", operator: "In", values: ["fast"] }] },
      },
    };
    const claims: object[] = [
      { spec: { volumeAttributesClassName: "fast" } },
      { spec: { volumeAttributesClassName: "slow" }, status: { currentVolumeAttributesClassName: "fast" } },
      { spec: {} },
    ];
    expect(usageOf(quota, () => claims as KubeObject[], now)).toEqual({ persistentvolumeclaims: "2" });
  });

  it("names the resources that it needs to see", () => {
    expect(
      resourcesCountedBy(quotaOn("count/widgets.example.com", "limits.cpu", "configmaps", "count/events", "nonsense")),
    ).toEqual(["pods", "configmaps", "widgets.example.com"]);
  });
});
