import { describe, expect, it } from "vitest";
import { csiNodes, leases, nodes } from "../../../client/resource-types.ts";
import { nodeStage } from "../../stage.testing.ts";

const name = { name: "node-0" };
const lease = { namespace: "kube-node-lease", name: "node-0" };

describe("a node's agent", () => {
  it("registers the node, with what people and controllers look for", async () => {
    await using play = await nodeStage();
    const node = await play.client.get(nodes, name);
    expect(node.metadata?.labels).toMatchObject({
      "kubernetes.io/hostname": "node-0",
      "kubernetes.io/os": "linux",
      "kubernetes.io/arch": "amd64",
    });
    expect(node.status?.conditions?.map(({ type, status, reason }) => `${type}=${status} ${reason}`)).toEqual([
      "MemoryPressure=False KubeletHasSufficientMemory",
      "DiskPressure=False KubeletHasNoDiskPressure",
      "PIDPressure=False KubeletHasSufficientPID",
      "Ready=True KubeletReady",
    ]);
    expect(node.status).toMatchObject({
      capacity: { pods: "110" },
      nodeInfo: { containerRuntimeVersion: "simulated://1.0.0", kubeletVersion: "v1.36.2" },
      addresses: [
        { type: "InternalIP", address: "198.18.0.2" },
        { type: "Hostname", address: "node-0" },
      ],
    });
    const csi = await play.client.get(csiNodes, name);
    expect(csi.metadata?.ownerReferences).toMatchObject([{ kind: "Node", name: "node-0", uid: node.metadata?.uid }]);
    expect(play.events.map(({ reason }) => reason)).toEqual([
      ...[
        "Starting",
        "SimulatedRuntime",
        "NodeHasSufficientMemory",
        "NodeHasNoDiskPressure",
        "NodeHasSufficientPID",
        "NodeReady",
      ],
    ]);
  });

  it("leaves alone what others have set on a node that it finds", async () => {
    await using play = await nodeStage({
      objects: (client) =>
        client.create(nodes, {
          metadata: {
            name: "node-0",
            labels: { rack: "7", "kubernetes.io/os": "plan9" },
            annotations: { note: "mine" },
          },
          spec: { taints: [{ key: "own", effect: "NoSchedule" }], unschedulable: true },
          status: { conditions: [{ type: "DiskOnFire", status: "True" }] },
        }),
    });
    await play.clock.advance(11_000);
    const node = await play.client.get(nodes, name);
    expect(node.metadata).toMatchObject({
      labels: { rack: "7", "kubernetes.io/os": "linux" },
      annotations: { note: "mine" },
    });
    expect(node.spec).toMatchObject({ unschedulable: true });
    expect(node.spec?.taints).toContainEqual({ key: "own", effect: "NoSchedule" });
    expect(node.status?.conditions).toContainEqual({
      type: "DiskOnFire",
      status: "True",
      lastHeartbeatTime: null,
      lastTransitionTime: null,
    });
    expect(node.status?.conditions).toHaveLength(5);
  });

  it("renews its lease every ten seconds, also when somebody has deleted it", async () => {
    await using play = await nodeStage();
    const node = await play.client.get(nodes, name);
    expect(await play.client.get(leases, lease)).toMatchObject({
      metadata: { ownerReferences: [{ kind: "Node", uid: node.metadata?.uid }] },
      spec: { holderIdentity: "node-0", leaseDurationSeconds: 40 },
    });
    const renewals = async (): Promise<number> => {
      const before = play.requests.length;
      await play.clock.advance(100_000);
      return play.requests.slice(before).filter((request) => request.includes("/leases")).length;
    };
    const count = await renewals();
    expect(count).toBeGreaterThanOrEqual(9);
    expect(count).toBeLessThanOrEqual(11);
    await play.client.delete(leases, lease);
    await play.clock.advance(12_000);
    const { spec } = await play.client.get(leases, lease);
    expect(Date.parse(spec?.renewTime ?? "")).toBeGreaterThan(play.clock.now() - 12_000);
  });

  it("tells its status again every five minutes, and sets it right within ten seconds", async () => {
    await using play = await nodeStage();
    const writes = (): number =>
      play.requests.filter((request) => request === "PATCH /api/v1/nodes/node-0/status").length;
    await play.clock.advance(30_000);
    expect(writes()).toBe(0);
    await play.client.patch(
      nodes,
      name,
      { status: { conditions: [{ type: "Ready", status: "Unknown" }] } },
      { subresource: "status", type: "strategic" },
    );
    await play.clock.advance(10_000);
    const ready = (await play.client.get(nodes, name)).status?.conditions?.find(({ type }) => type === "Ready");
    expect(ready).toMatchObject({ status: "True", reason: "KubeletReady" });
    expect(writes()).toBe(1);
    await play.clock.advance(20 * 60_000);
    expect(writes()).toBeGreaterThanOrEqual(4);
    expect(writes()).toBeLessThanOrEqual(6);
  });

  it("tells which images it has", async () => {
    await using play = await nodeStage();
    await play.run({
      metadata: { namespace: "default", name: "web" },
      spec: { containers: [{ name: "web", image: "nginx:1.27" }] },
    });
    await play.clock.advance(10_000);
    const node = await play.client.get(nodes, name);
    expect(node.status?.images?.[0]?.names?.[1]).toBe("docker.io/library/nginx:1.27");
  });
});

it("a hundred nodes start side by side, each its own user", async () => {
  const users = new Set<string>();
  await using play = await nodeStage({ count: 100, nameOf: (index) => `worker-${index}` });
  const found = await play.client.list(nodes);
  for (const { status } of found)
    for (const { type, address } of status?.addresses ?? []) if (type === "InternalIP") users.add(address);
  expect(found).toHaveLength(100);
  expect(users.size).toBe(100);
  expect(play.events).toEqual([]);
});
