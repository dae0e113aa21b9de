import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { isOwnCluster } from "../target.ts";
import { pod, workload } from "./objects.ts";
import { openWorkplace, type Workplace } from "./workplace.ts";

const zone = "topology.kubernetes.io/zone";

/** Where pods go, and why they do not: on three nodes of 16 cores in two zones. */
describe.runIf(isOwnCluster)("pods are scheduled", () => {
  let stage: Workplace;
  beforeAll(async () => {
    stage = await openWorkplace("scheduling");
    await stage.ok("label", "nodes", "node-0", "node-1", `${zone}=a`);
    await stage.ok("label", "nodes", "node-2", `${zone}=b`, "disk=ssd");
  });
  afterAll(() => stage[Symbol.asyncDispose]());
  afterEach(async () => {
    await stage.kubectl.run(["taint", "nodes", "--all", "dedicated-"]);
    await stage.ok("delete", "deployments,pods", "--all", "--cascade=foreground");
  });

  const nodeOf = async (name: string): Promise<string> => {
    await stage.untilIs(`pod/${name}`, "PodScheduled");
    return stage.value(`pod/${name}`, ".spec.nodeName");
  };
  const cpu = (amount: string): object => ({ resources: { requests: { cpu: amount } } });
  /** Why a pod is left over, without what preemption says of it. */
  const refusal = async (name: string): Promise<string> => {
    await stage.untilIs(`pod/${name}`, "PodScheduled=False");
    await stage.untilEvent(`pod/${name}`, "FailedScheduling");
    const [line = ""] = (await stage.events(`pod/${name}`)).slice(-1);
    expect(line).toMatch(/^Warning \| FailedScheduling \| default-scheduler \| /);
    expect(await stage.value(`pod/${name}`, ".status.conditions[0].reason")).toBe("Unschedulable");
    return line.split(" | ")[3] ?? "";
  };

  test("by labels of nodes: selectors and affinity", async () => {
    const affinity = (operator: string): object => ({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: zone, operator, values: ["a"] }] }],
        },
      },
    });
    const preferred = {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 100, preference: { matchExpressions: [{ key: "disk", operator: "In", values: ["ssd"] }] } },
        ],
      },
    };
    await stage.create(
      pod("selected", { spec: { nodeSelector: { disk: "ssd" } } }),
      pod("within", { spec: { affinity: affinity("In") } }),
      pod("without", { spec: { affinity: affinity("NotIn") } }),
      pod("preferring", { spec: { affinity: preferred } }),
      pod("nowhere", { spec: { nodeSelector: { disk: "tape" } } }),
    );
    expect(await nodeOf("selected")).toBe("node-2");
    expect(await nodeOf("within")).toMatch(/^node-[01]$/);
    expect(await nodeOf("without")).toBe("node-2");
    expect(await nodeOf("preferring")).toBe("node-2");
    expect(await refusal("nowhere")).toBe(
      "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
    );
    await stage.ok("label", "node", "node-1", "disk=tape");
    expect(await nodeOf("nowhere")).toBe("node-1");
  });

  test("by what they ask for: those that fit nowhere wait, and say why of each node", async () => {
    await stage.ok("taint", "node", "node-0", "dedicated=db:NoSchedule");
    await stage.create(
      pod("large", { container: cpu("12"), spec: { nodeSelector: { disk: "ssd" } } }),
      pod("huge", { container: cpu("40") }),
    );
    await stage.untilIs("pod/large", "Ready");
    expect(await refusal("huge")).toBe(
      "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
    );
    await stage.create(pod("another", { container: cpu("12"), spec: { nodeSelector: { disk: "ssd" } } }));
    expect(await refusal("another")).toBe(
      "0/3 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.",
    );
    expect((await stage.rows("pods"))[0]).toMatch(/^another \| 0\/1 \| Pending \| 0 \|/);
    // Room is made, and nobody has to ask again.
    await stage.ok("delete", "pod", "large");
    expect(await nodeOf("another")).toBe("node-2");
  });

  test("by each other: apart, together, and evenly over zones", async () => {
    const term = (app: string, topologyKey: string): object => ({
      requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app } }, topologyKey }],
    });
    const host = "kubernetes.io/hostname";
    await stage.create(
      workload(
        "Deployment",
        "apart",
        { replicas: 4 },
        { spec: { affinity: { podAntiAffinity: term("apart", host) } } },
      ),
      workload(
        "Deployment",
        "even",
        { replicas: 4 },
        {
          spec: {
            topologySpreadConstraints: [
              {
                maxSkew: 1,
                topologyKey: zone,
                whenUnsatisfiable: "DoNotSchedule",
                labelSelector: { matchLabels: { app: "even" } },
              },
            ],
          },
        },
      ),
    );
    await stage.until("deployment/apart", ".status.readyReplicas", 3);
    await stage.until("deployment/even", ".status.readyReplicas", 4);
    const nodesOf = async (app: string): Promise<readonly string[]> =>
      (await stage.ok("get", "pods", "-l", `app=${app}`, "-o", "jsonpath={.items[*].spec.nodeName}")).split(" ");
    expect((await nodesOf("apart")).toSorted()).toEqual(["node-0", "node-1", "node-2"]);
    expect((await nodesOf("even")).filter((node) => node === "node-2")).toHaveLength(2);
    const [left = ""] = (await stage.rows("pods", "-l", "app=apart")).filter((line) => line.includes("Pending"));
    expect(await refusal(left.split(" | ")[0] ?? "")).toContain(
      "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.",
    );
    await stage.create(
      pod("friend", { labels: { app: "friend" }, spec: { nodeSelector: { disk: "ssd" } } }),
      pod("follower", { spec: { affinity: { podAffinity: term("friend", host) } } }),
      pod("lonely", { spec: { affinity: { podAffinity: term("nobody", host) } } }),
    );
    expect(await nodeOf("follower")).toBe("node-2");
    expect(await refusal("lonely")).toContain("3 node(s) didn't match pod affinity rules.");
  });

  test("by their priority: the important ones take the place of others", async () => {
    await stage.ok("create", "priorityclass", "conformance-high", "--value=1000000");
    await stage.ok("create", "priorityclass", "conformance-polite", "--value=1000000", "--preemption-policy=Never");
    const onSsd = { nodeSelector: { disk: "ssd" } };
    await stage.create(pod("humble", { container: cpu("10"), spec: onSsd }));
    await stage.untilIs("pod/humble", "Ready");
    await stage.create(
      pod("polite", { container: cpu("10"), spec: { ...onSsd, priorityClassName: "conformance-polite" } }),
    );
    expect(await refusal("polite")).toContain("1 Insufficient cpu");
    await stage.create(
      pod("proud", { container: cpu("10"), spec: { ...onSsd, priorityClassName: "conformance-high" } }),
    );
    await stage.untilIs("pod/proud", "Ready");
    expect(await nodeOf("proud")).toBe("node-2");
    expect(await stage.ok("get", "pods", "-o", "name")).toBe("pod/polite\npod/proud\n");
    const uid = await stage.value("pod/proud", ".metadata.uid");
    const told = await stage.ok(
      "get",
      "events",
      "--field-selector=involvedObject.name=humble,reason=Preempted",
      "-o",
      "jsonpath={.items[*].message}",
    );
    expect(told).toBe(`Preempted by pod ${uid} on node node-2`);
    await stage.kubectl.ok(["delete", "priorityclass", "conformance-high", "conformance-polite"]);
  });

  test("when their gates are lifted", async () => {
    await stage.create(pod("gated", { spec: { schedulingGates: [{ name: "example.com/wait" }] } }));
    expect((await stage.rows("pods"))[0]).toMatch(/^gated \| 0\/1 \| SchedulingGated \| 0 \|/);
    await stage.ok("patch", "pod", "gated", "--type=json", "-p", '[{"op":"remove","path":"/spec/schedulingGates"}]');
    await stage.untilIs("pod/gated", "Ready");
  });
});
