import { describe, expect, it } from "vitest";
import type { Pod, Taint } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { nodes, pods } from "../../client/resource-types.ts";
import { recording } from "../endpoints/recording.testing.ts";
import { addNode, runPod } from "../endpoints/serving.testing.ts";
import { failingAt } from "../failing-at.testing.ts";
import { stage, type Stage } from "../stage.testing.ts";
import { taintEvictionController } from "./taint-eviction-controller.ts";

const unreachable = { key: "node.kubernetes.io/unreachable", effect: "NoExecute" };
const taintNode = ({ client }: Stage, ...taints: Taint[]) => client.patch(nodes, { name: "n1" }, { spec: { taints } });
const tolerating = (tolerationSeconds?: number) => ({
  tolerations: [
    {
      key: unreachable.key,
      operator: "Exists",
      effect: "NoExecute",
      ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
    },
  ],
});

/** Those that stay, and how those go that do not: the kubelet that would let them go is gone too. */
async function podsOf({ client, settled }: Stage): Promise<{ left: string[]; going: DeepReadonly<Pod>[] }> {
  await settled();
  const all = await client.list(pods, { namespace: "default" });
  const going = all.filter(({ metadata }) => metadata?.deletionTimestamp !== undefined);
  return { left: all.filter((pod) => !going.includes(pod)).map(({ metadata }) => metadata?.name ?? ""), going };
}

describe("a node with a NoExecute taint", () => {
  it("loses the pods that do not tolerate it, when their time is over", async () => {
    const events: string[] = [];
    await using play = await stage([recording(taintEvictionController, events)]);
    await addNode(play.client, "n1");
    await addNode(play.client, "n2");
    await runPod(play.client, "plain");
    await runPod(play.client, "patient", { spec: tolerating(600) });
    await runPod(play.client, "loyal", { spec: tolerating() });
    await runPod(play.client, "elsewhere", { node: "n2" });
    await taintNode(play, { key: "mine", effect: "NoSchedule" }, unreachable);
    expect((await podsOf(play)).left).toEqual(["elsewhere", "loyal", "patient", "plain"]);
    await play.clock.advance(299_000);
    expect((await podsOf(play)).left).toHaveLength(4);
    await play.clock.advance(1_000);
    const { left, going } = await podsOf(play);
    expect(left).toEqual(["elsewhere", "loyal", "patient"]);
    expect(going[0]?.status?.conditions?.find(({ type }) => type === "DisruptionTarget")).toMatchObject({
      status: "True",
      reason: "DeletionByTaintManager",
      message: "Taint manager: deleting due to NoExecute taint",
    });
    await play.clock.advance(300_000);
    expect((await podsOf(play)).left).toEqual(["elsewhere", "loyal"]);
    expect(events).toEqual([
      "Normal TaintManagerEviction Pod/plain: Marking for deletion Pod default/plain",
      "Normal TaintManagerEviction Pod/patient: Marking for deletion Pod default/patient",
    ]);
  });

  it("keeps its pods when the taint goes in time, and takes in none that would not stay", async () => {
    const events: string[] = [];
    await using play = await stage([recording(taintEvictionController, events)]);
    await addNode(play.client, "n1");
    await runPod(play.client, "a");
    await taintNode(play, unreachable);
    await play.clock.advance(100_000);
    await taintNode(play);
    await play.clock.advance(300_000);
    expect((await podsOf(play)).left).toEqual(["a"]);
    expect(events).toEqual(["Normal TaintManagerEviction Pod/a: Cancelling deletion of Pod default/a"]);
    await taintNode(play, { key: "mine", effect: "NoExecute" });
    await runPod(play.client, "late");
    expect((await podsOf(play)).left).toEqual([]);
  });

  it("does not take the time of one pod for another of its name", async () => {
    await using play = await stage([taintEvictionController]);
    await addNode(play.client, "n1");
    await runPod(play.client, "web-0");
    await taintNode(play, unreachable);
    await play.clock.advance(200_000);
    await play.client.delete(pods, { namespace: "default", name: "web-0" }, { gracePeriodSeconds: 0 });
    await runPod(play.client, "web-0");
    await play.clock.advance(200_000);
    expect((await podsOf(play)).left).toEqual(["web-0"]);
    await play.clock.advance(100_000);
    expect((await podsOf(play)).left).toEqual([]);
  });

  it.each([
    ["unsent", 0],
    ["unsent", 1],
    ["unanswered", 0],
    ["unanswered", 1],
  ] as const)("is cleared in the end though a write is %s (%i), and the controller starts anew", async (how, at) => {
    const failing = failingAt(how);
    await using play = await stage([taintEvictionController], { through: failing.through });
    await addNode(play.client, "n1");
    await runPod(play.client, "a");
    failing.arm("default", at);
    await taintNode(play, unreachable);
    await play.clock.advance(300_000);
    await play.restart();
    await play.clock.advance(300_000);
    expect(failing.failures).toBe(1);
    const { left, going } = await podsOf(play);
    expect([left, going.length]).toEqual([[], 1]);
    expect(going[0]?.status?.conditions?.filter(({ type }) => type === "DisruptionTarget")).toHaveLength(1);
  });
});
