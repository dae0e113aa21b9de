import { describe, expect, it } from "vitest";
import type { Pod, PodSpec } from "../../api/generated/types/core-v1.ts";
import type { ApiError } from "../../api/machinery/status.ts";
import { alwaysPullImages } from "./always-pull-images.ts";
import { limitPodHardAntiAffinityTopology } from "./limit-pod-hard-anti-affinity-topology.ts";
import { nodeDeclaredFeatureValidator } from "./node-declared-feature-validator.ts";
import { admissionRequest, holding, mutate, refusal } from "./objects.testing.ts";
import type { AdmissionPlugin } from "./plugin.ts";
import { podNodeSelector } from "./pod-node-selector.ts";
import { podResizeValidator } from "./pod-resize-validator.ts";
import { podTopologyLabels } from "./pod-topology-labels.ts";
import { runtimeClass } from "./runtime-class.ts";

function pod(spec: Partial<PodSpec>, more: Partial<Pod> = {}): Pod {
  return { metadata: { name: "p" }, ...more, spec: { containers: [], ...spec } };
}

async function admitted(plugin: AdmissionPlugin, object: Pod): Promise<unknown> {
  const request = admissionRequest("pods", { object });
  return (await refusal(plugin, request)) ?? request.object;
}

describe("RuntimeClass", () => {
  const scheduling = { nodeSelector: { kvm: "yes" }, tolerations: [{ key: "kvm", operator: "Exists" }] };
  const plugin = runtimeClass({
    reader: holding({
      "runtimeclasses.node.k8s.io": [
        { metadata: { name: "vm" }, ...{ handler: "vm", overhead: { podFixed: { cpu: "250m" } }, scheduling } },
        { metadata: { name: "plain" }, ...{ handler: "plain" } },
      ],
    }),
  });

  it("gives a pod the overhead and the place of its class", async () => {
    const object = pod({ runtimeClassName: "vm", nodeSelector: { disk: "ssd" }, overhead: { cpu: "0.25" } });
    expect(await admitted(plugin, object)).toMatchObject({
      spec: {
        overhead: { cpu: "250m" },
        nodeSelector: { disk: "ssd", kvm: "yes" },
        tolerations: [{ key: "kvm", operator: "Exists" }],
      },
    });
  });

  it.each<readonly [Partial<PodSpec>, string]>([
    [{ runtimeClassName: "none" }, 'pod rejected: RuntimeClass "none" not found'],
    [
      { runtimeClassName: "vm", overhead: { cpu: "1" } },
      "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
    ],
    [{ overhead: { cpu: "1" } }, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"],
    [
      { runtimeClassName: "plain", overhead: { cpu: "1" } },
      "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead",
    ],
    [
      { runtimeClassName: "vm", nodeSelector: { kvm: "no" } },
      "conflict: runtimeClass.scheduling.nodeSelector[kvm] = yes; pod.spec.nodeSelector[kvm] = no",
    ],
  ])("refuses %j", async (spec, why) => {
    expect(await admitted(plugin, pod(spec))).toBe(`pods "p" is forbidden: ${why}`);
  });
});

describe("AlwaysPullImages", () => {
  it("pulls every image", async () => {
    const object = pod({
      containers: [{ name: "c", image: "a", imagePullPolicy: "Never" }],
      volumes: [{ name: "v", image: { reference: "b" } }],
    });
    expect(await admitted(alwaysPullImages(), object)).toMatchObject({
      spec: { containers: [{ imagePullPolicy: "Always" }], volumes: [{ image: { pullPolicy: "Always" } }] },
    });
  });

  it("minds updates only where they bring new images", async () => {
    const old = pod({ containers: [{ name: "c", image: "a", imagePullPolicy: "Never" }] });
    const same = admissionRequest("pods", { object: old, old });
    expect(await mutate(alwaysPullImages(), same)).toBe("unchanged");
    const object = pod({ containers: [{ name: "c", image: "b", imagePullPolicy: "Never" }] });
    expect(await mutate(alwaysPullImages(), admissionRequest("pods", { object, old }))).toBe("changed");
    expect(() => alwaysPullImages().validate?.(admissionRequest("pods", { object }))).toThrow(
      'pods "p" is forbidden: spec.containers[0].imagePullPolicy: Unsupported value: "Never": supported values: "Always"',
    );
  });
});

describe("LimitPodHardAntiAffinityTopology", () => {
  it("keeps others off a node only", async () => {
    const apart = (topologyKey: string): Pod =>
      pod({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey }] } } });
    const plugin = limitPodHardAntiAffinityTopology();
    expect(await admitted(plugin, apart("kubernetes.io/hostname"))).toBeTypeOf("object");
    expect(await admitted(plugin, apart("zone"))).toBe(
      'pods "p" is forbidden: affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey zone but only key kubernetes.io/hostname is allowed',
    );
  });
});

describe("PodNodeSelector", () => {
  const plugin = (annotations: Record<string, string>, config = {}): AdmissionPlugin =>
    podNodeSelector({ reader: holding({ namespaces: [{ metadata: { name: "ns", annotations } }] }), config });
  const own = { "scheduler.alpha.kubernetes.io/node-selector": "env=test, tier=web" };

  it("adds the namespace's selector, or else the cluster's", async () => {
    expect(await admitted(plugin(own, { clusterDefaultNodeSelector: "a=b" }), pod({}))).toMatchObject({
      spec: { nodeSelector: { env: "test", tier: "web" } },
    });
    const merged = await admitted(plugin({}, { clusterDefaultNodeSelector: "a=b" }), pod({ nodeSelector: { c: "d" } }));
    expect(merged).toMatchObject({ spec: { nodeSelector: { a: "b", c: "d" } } });
  });

  it("refuses what conflicts with it, or is not on the namespace's list", async () => {
    expect(await admitted(plugin(own), pod({ nodeSelector: { env: "live" } }))).toBe(
      'pods "p" is forbidden: pod node label selector conflicts with its namespace node label selector',
    );
    expect(await admitted(plugin(own, { ns: "env=test,tier=web" }), pod({ nodeSelector: { disk: "ssd" } }))).toBe(
      'pods "p" is forbidden: pod node label selector labels conflict with its namespace whitelist',
    );
    const broken = { "scheduler.alpha.kubernetes.io/node-selector": "env" };
    expect(await admitted(plugin(broken), pod({}))).toBe("invalid selector: env");
  });
});

const node = {
  metadata: {
    name: "n",
    labels: {
      "kubernetes.io/os": "linux",
      "topology.kubernetes.io/zone": "z1",
      "topology.kubernetes.io/region": "r1",
      other: "x",
    },
  },
  status: { allocatable: { cpu: "2", memory: "1Gi" } },
};
const windows = { metadata: { name: "w", labels: { "kubernetes.io/os": "windows" } }, status: node.status };
const nodes = holding({ nodes: [node, windows] });

describe("PodTopologyLabels", () => {
  const topology = { "topology.kubernetes.io/zone": "z1", "topology.kubernetes.io/region": "r1" };

  it("labels bindings and pods by the place of their node", async () => {
    const plugin = podTopologyLabels({ reader: nodes });
    const binding = { metadata: { name: "p", labels: { own: "y" } }, target: { kind: "Node", name: "n" } };
    const bound = admissionRequest("pods", { object: binding, subresource: "binding" });
    expect(await mutate(plugin, bound)).toBe("changed");
    expect(bound.object?.metadata?.labels).toEqual({ own: "y", ...topology });
    expect(await admitted(plugin, pod({ nodeName: "n" }))).toMatchObject({ metadata: { labels: topology } });
    expect(await mutate(plugin, admissionRequest("pods", { object: pod({ nodeName: "gone" }) }))).toBe("unchanged");
    expect(await mutate(plugin, admissionRequest("pods", { object: pod({}) }))).toBe("unchanged");
  });
});

describe("PodResizeValidator", () => {
  const resize = (nodeName: string, requests: Record<string, string>, generation = 2): Promise<string | undefined> =>
    refusal(
      podResizeValidator({ reader: nodes }),
      admissionRequest("pods", {
        object: pod(
          { nodeName, containers: [{ name: "c", resources: { requests } }] },
          { metadata: { name: "p", generation } },
        ),
        old: pod({ nodeName }, { metadata: { name: "p", generation: 1 } }),
        subresource: "resize",
      }),
    );

  it("refuses what the node can never give", async () => {
    expect(await resize("n", { cpu: "2", memory: "1Gi" })).toBeUndefined();
    expect(await resize("n", { cpu: "3", memory: "2Gi" })).toBe(
      `pods "p" is forbidden: Node didn't have enough allocatable resources: cpu, requested: 3000, allocatable: 2000; memory, requested: 2147483648, allocatable: 1073741824`,
    );
    expect(await resize("n", { cpu: "3" }, 1)).toBeUndefined();
    expect(await resize("gone", { cpu: "1" })).toBe('pods "p" is forbidden: node "gone" not found');
    expect(await resize("w", { cpu: "1" })).toBe(
      'pods "p" is forbidden: pod resize is only supported on linux nodes, node "w" is "windows"',
    );
  });

  it("tells the cause", async () => {
    const object = pod(
      { nodeName: "n", containers: [{ name: "c", resources: { requests: { cpu: "3" } } }] },
      { metadata: { name: "p", generation: 2 } },
    );
    const request = admissionRequest("pods", { object, old: pod({}), subresource: "resize" });
    await expect(podResizeValidator({ reader: nodes }).validate?.(request)).rejects.toMatchObject({
      details: { causes: [{ reason: "NodeCapacity" }] },
    } satisfies Partial<ApiError>);
  });
});

describe("NodeDeclaredFeatureValidator", () => {
  it("refuses updates that the node does not understand", async () => {
    const sized = (cpu: string, generation: number): Pod =>
      pod(
        {
          nodeName: "n",
          containers: [{ name: "c", resources: { requests: { cpu } } }],
          resources: { requests: { cpu } },
        },
        { metadata: { name: "p", generation }, status: { qosClass: "Guaranteed" } },
      );
    const ask = (features: readonly string[]): Promise<string | undefined> => {
      const declaring = { ...node, status: { ...node.status, declaredFeatures: [...features] } };
      return refusal(
        nodeDeclaredFeatureValidator({ reader: holding({ nodes: [declaring] }) }),
        admissionRequest("pods", { object: sized("2", 2), old: sized("1", 1), subresource: "resize" }),
      );
    };
    expect(await ask([])).toBe(
      'pods "p" is forbidden: pod update requires features GuaranteedQoSPodCPUResize, InPlacePodLevelResourcesVerticalScaling which are not available on node "n"',
    );
    expect(await ask(["GuaranteedQoSPodCPUResize", "InPlacePodLevelResourcesVerticalScaling"])).toBeUndefined();
  });
});
