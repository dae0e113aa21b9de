import { describe, expect, it } from "vitest";
import type { Node } from "../../api/generated/types/core-v1.ts";
import { podCondition } from "../../api/core/pod-state.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { formatMicroTime, formatTime } from "../../api/machinery/time.ts";
import { endpoints, endpointSlices, leases, nodes, pods, replicaSets, services } from "../../client/resource-types.ts";
import { recording } from "../endpoints/recording.testing.ts";
import { endpointsController } from "../endpoints/endpoints-controller.ts";
import { report, runPod, webService } from "../endpoints/serving.testing.ts";
import { endpointSliceController } from "../endpointslice/endpoint-slice-controller.ts";
import { failingAt } from "../failing-at.testing.ts";
import { replicaSetController } from "../replicaset/replica-set-controller.ts";
import { stage, type Stage, type StageOptions } from "../stage.testing.ts";
import { taintEvictionController } from "../tainteviction/taint-eviction-controller.ts";
import { nodeLifecycleController } from "./node-lifecycle-controller.ts";

const namespace = "kube-node-lease";
const conditionTypes = ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"];

interface Village extends Stage {
  readonly events: string[];
  /** Lets time pass, with these nodes renewing their leases each ten seconds. */
  live(seconds: number, names: readonly string[]): Promise<void>;
  node(name: string): Promise<DeepReadonly<Node>>;
}

/** Nodes as kubelets make them: registered, with a status and a lease. */
async function village(
  names: readonly string[],
  options: StageOptions = {},
  more = [taintEvictionController],
): Promise<Village> {
  const events: string[] = [];
  const play = await stage([recording(nodeLifecycleController, events), ...more], options);
  for (const name of names) {
    await play.client.create(nodes, { metadata: { name, labels: { "kubernetes.io/os": "linux" } } });
    await play.client.create(leases, {
      metadata: { namespace, name },
      spec: { holderIdentity: name, leaseDurationSeconds: 40 },
    });
    await comeUp(play, name);
  }
  const renew = (name: string): Promise<unknown> =>
    play.client.patch(leases, { namespace, name }, { spec: { renewTime: formatMicroTime(play.clock.now()) } });
  return {
    ...play,
    events,
    async live(seconds, alive) {
      for (let passed = 0; passed < seconds; passed += 10) {
        for (const name of alive) await renew(name);
        await play.clock.advance(10_000);
      }
    },
    node: (name) => play.client.get(nodes, { name }),
  };
}

async function comeUp({ client, clock }: Pick<Stage, "client" | "clock">, name: string): Promise<void> {
  const time = formatTime(clock.now());
  const conditions = conditionTypes.map((type) => ({
    type,
    status: type === "Ready" ? "True" : "False",
    reason: "Kubelet",
    message: "kubelet says so",
    lastHeartbeatTime: time,
    lastTransitionTime: time,
  }));
  await client.patch(nodes, { name }, { status: { conditions } }, { type: "strategic", subresource: "status" });
}

const taintsOf = ({ spec }: DeepReadonly<Node>): string[] =>
  (spec?.taints ?? []).map(({ key, effect }) => `${key.replace("node.kubernetes.io/", "")}:${effect}`).toSorted();

const evicting = async ({ client }: Stage): Promise<string[]> =>
  (await client.list(nodes))
    .filter((node) => taintsOf(node).includes("unreachable:NoExecute"))
    .map(({ metadata }) => metadata?.name ?? "");

describe("a node", () => {
  it("is known by its labels, and loses the taint that it was born with when it is ready", async () => {
    await using play = await village(["n1"]);
    await play.live(20, ["n1"]);
    const node = await play.node("n1");
    expect(taintsOf(node)).toEqual([]);
    expect(node.metadata?.labels).toMatchObject({ "beta.kubernetes.io/os": "linux" });
    expect(play.events).toEqual(["Normal RegisteredNode Node/n1: Node n1 event: Registered Node n1 in Controller"]);
    await play.client.patch(nodes, { name: "n1" }, { spec: { unschedulable: true } });
    await play.settled();
    expect(taintsOf(await play.node("n1"))).toEqual(["unschedulable:NoSchedule"]);
    await play.client.delete(nodes, { name: "n1" });
    await play.clock.advance(5000);
    expect(play.events).toContain("Normal RemovingNode Node/n1: Node n1 event: Removing Node n1 from Controller");
  });

  it("that falls silent is unreachable, its pods serve no more, and go in the end; until it is back", async () => {
    await using play = await village(["n1", "n2", "n3"]);
    await runPod(play.client, "web");
    await runPod(play.client, "other", { node: "n2", ips: ["10.1.0.2"] });
    await play.live(100, ["n1", "n2", "n3"]);
    await play.live(40, ["n2", "n3"]);
    expect(taintsOf(await play.node("n1"))).toEqual([]);
    await play.live(20, ["n2", "n3"]);
    const silent = await play.node("n1");
    const unknown = { status: "Unknown", reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status." };
    expect(silent.status?.conditions).toMatchObject(conditionTypes.map((type) => ({ type, ...unknown })));
    expect(taintsOf(silent)).toEqual(["unreachable:NoExecute", "unreachable:NoSchedule"]);
    const readiness = async (name: string): Promise<string | undefined> =>
      podCondition(await play.client.get(pods, { namespace: "default", name }), "Ready")?.status;
    expect([await readiness("web"), await readiness("other")]).toEqual(["False", "True"]);
    expect(play.events).toEqual(
      expect.arrayContaining([
        "Normal NodeNotReady Node/n1: Node n1 status is now: NodeNotReady",
        "Warning NodeNotReady Pod/web: Node is not ready",
      ]),
    );
    await play.live(310, ["n2", "n3"]);
    const gone = await play.client.get(pods, { namespace: "default", name: "web" });
    expect(gone.metadata?.deletionTimestamp).toBeDefined();
    await comeUp(play, "n1");
    await play.live(20, ["n1", "n2", "n3"]);
    expect(taintsOf(await play.node("n1"))).toEqual([]);
  });

  it("that never tells its status is given up, later", async () => {
    await using play = await village(["n1"]);
    await play.client.create(nodes, { metadata: { name: "mute" } });
    await play.live(50, ["n1"]);
    expect((await play.node("mute")).status?.conditions).toBeUndefined();
    await play.live(20, ["n1"]);
    expect((await play.node("mute")).status?.conditions?.[0]).toMatchObject({
      type: "Ready",
      status: "Unknown",
      reason: "NodeStatusNeverUpdated",
      message: "Kubelet never posted node status.",
    });
  });

  it("whose kubelet says that it is not ready gets the other taint, and changes it when it falls silent", async () => {
    await using play = await village(["n1", "n2"]);
    const conditions = [{ type: "Ready", status: "False", lastHeartbeatTime: formatTime(play.clock.now()) }];
    await play.client.patch(
      nodes,
      { name: "n1" },
      { status: { conditions } },
      { type: "strategic", subresource: "status" },
    );
    await play.live(10, ["n1", "n2"]);
    expect(taintsOf(await play.node("n1"))).toEqual(["not-ready:NoExecute", "not-ready:NoSchedule"]);
    await play.live(70, ["n2"]);
    expect(taintsOf(await play.node("n1"))).toEqual(["unreachable:NoExecute", "unreachable:NoSchedule"]);
  });
});

describe("many nodes that fall silent", () => {
  const ten = Array.from({ length: 10 }, (_, index) => `n${index}`);

  it("lose their pods one after another", async () => {
    await using play = await village(ten);
    await play.live(20, ten);
    const counts: number[] = [];
    for (let round = 0; round < 11; round += 1) {
      await play.live(10, ten.slice(4));
      counts.push((await evicting(play)).length);
    }
    expect(counts.every((count, round) => count - (counts[round - 1] ?? 0) <= 1)).toBe(true);
    expect(await evicting(play)).toEqual(["n0", "n1", "n2", "n3"]);
  });

  it("keep their pods where most of a small zone is silent, or all are; and get their time again afterwards", async () => {
    await using play = await village(ten);
    await play.live(20, ten);
    await play.live(120, ten.slice(6));
    expect(await evicting(play)).toEqual([]);
    await play.live(120, []);
    expect(await evicting(play)).toEqual([]);
    expect((await play.node("n9")).status?.conditions?.find(({ type }) => type === "Ready")?.status).toBe("Unknown");
    for (const name of ten.slice(3)) await comeUp(play, name);
    await play.live(60, ten.slice(3));
    expect(await evicting(play)).not.toEqual([]);
    expect((await evicting(play)).every((name) => ["n0", "n1", "n2"].includes(name))).toBe(true);
  });

  it("lose the taints that evict when it turns out that none is heard of", async () => {
    await using play = await village(["n1", "n2"]);
    await play.live(20, ["n1", "n2"]);
    await play.live(60, ["n2"]);
    expect(await evicting(play)).toEqual(["n1"]);
    await play.live(70, []);
    expect(await evicting(play)).toEqual([]);
    expect(taintsOf(await play.node("n1"))).toEqual(["unreachable:NoSchedule"]);
  });

  it.each([3_600_000, -3_600_000])("are not so because the clock jumped by %i ms", async (jump) => {
    await using play = await village(["n1", "n2", "n3"]);
    await play.live(20, ["n1", "n2", "n3"]);
    play.clock.jump(jump);
    await play.clock.advance(30_000);
    await play.live(60, ["n1", "n2", "n3"]);
    const all = await play.client.list(nodes);
    expect(all.flatMap(taintsOf)).toEqual([]);
    expect(all.every(({ status }) => status?.conditions?.find(({ type }) => type === "Ready")?.status === "True")).toBe(
      true,
    );
  });
});

describe("a controller that fails", () => {
  it.each([0, 1, 2, 3].flatMap((at) => [["unsent", at] as const, ["unanswered", at] as const]))(
    "with a write %s (number %i after the node died) goes on where it stood",
    async (how, at) => {
      const failing = failingAt(how);
      await using play = await village(["n1", "n2", "n3"], { through: failing.through }, []);
      await runPod(play.client, "web");
      await play.live(20, ["n1", "n2", "n3"]);
      failing.arm("", at);
      failing.arm("default", 0);
      await play.live(60, ["n2", "n3"]);
      await play.restart();
      await play.live(90, ["n2", "n3"]);
      expect(taintsOf(await play.node("n1"))).toEqual(["unreachable:NoExecute", "unreachable:NoSchedule"]);
      const pod = await play.client.get(pods, { namespace: "default", name: "web" });
      expect(podCondition(pod, "Ready")?.status).toBe("False");
      expect((await play.node("n2")).spec?.taints).toBeUndefined();
    },
  );

  it("writes nothing while nodes are well", async () => {
    let writes = 0;
    const through: NonNullable<StageOptions["through"]> = (transport) => (request) => {
      if (request.method !== "GET") writes += 1;
      return transport(request);
    };
    const names = Array.from({ length: 30 }, (_, index) => `n${index}`);
    await using play = await village(names, { through });
    await play.live(20, names);
    writes = 0;
    await play.live(100, names);
    expect(writes).toBe(0);
  });
});

it("a service does without a node that died, and its pods are replaced elsewhere", async () => {
  const others = [taintEvictionController, endpointSliceController, endpointsController, replicaSetController];
  await using play = await village(["n1", "n2", "n3"], {}, others);
  await play.client.create(services, webService("web"));
  await play.client.create(replicaSets, {
    metadata: { namespace: "default", name: "web" },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "i" }] } },
    },
  });
  await play.settled();
  const place = async (taken: readonly string[]): Promise<void> => {
    const free = ["n1", "n2", "n3"].filter((name) => !taken.includes(name));
    for (const pod of await play.client.list(pods, { namespace: "default" })) {
      const { name = "", namespace } = pod.metadata ?? {};
      if (pod.spec?.nodeName !== undefined) continue;
      const node = free.shift() ?? "";
      await play.client.create(pods, bindingOf(namespace, name, node), "binding");
      await report(play.client, name, { ips: [`10.1.0.${node.slice(1)}`], since: play.clock.now() });
    }
  };
  const ready = async (): Promise<string[]> => {
    const slices = await play.client.list(endpointSlices, { namespace: "default" });
    const serving = slices
      .flatMap(({ endpoints: own }) => own ?? [])
      .filter(({ nodeName, conditions }) => nodeName && conditions?.ready);
    const [subset] = (await play.client.get(endpoints, { namespace: "default", name: "web" })).subsets ?? [];
    const nodesOfSlices = serving.map(({ nodeName = "" }) => nodeName).toSorted();
    expect((subset?.addresses ?? []).map(({ nodeName = "" }) => nodeName).toSorted()).toEqual(nodesOfSlices);
    return nodesOfSlices;
  };
  await place([]);
  await play.live(20, ["n1", "n2", "n3"]);
  expect(await ready()).toEqual(["n1", "n2"]);
  await play.live(60, ["n2", "n3"]);
  expect(await ready()).toEqual(["n2"]);
  await play.live(320, ["n2", "n3"]);
  await place(["n1", "n2"]);
  await play.live(20, ["n2", "n3"]);
  expect(await ready()).toEqual(["n2", "n3"]);
});

function bindingOf(namespace: string | undefined, name: string, node: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Binding",
    metadata: { ...(namespace === undefined ? {} : { namespace }), name },
    target: { apiVersion: "v1", kind: "Node", name: node },
  } as KubeObject;
}
