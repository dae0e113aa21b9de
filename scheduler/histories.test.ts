import fc from "fast-check";
import { expect, it } from "vitest";
import type { Pod } from "../api/generated/types/core-v1.ts";
import { ApiError } from "../api/machinery/status.ts";
import type { DeepReadonly } from "../api/machinery/object.ts";
import type { Transport } from "../api/wire.ts";
import { nodes, pods, priorityClasses } from "../client/resource-types.ts";
import { schedulerStage, type PodParts, type SchedulerStage } from "./stage.testing.ts";

const apart: PodParts = {
  labels: { app: "apart" },
  cpu: "100m",
  spec: {
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "apart" } } },
        ],
      },
    },
  },
};
const kinds: readonly PodParts[] = [
  { cpu: "700m" },
  { cpu: "1", spec: { priorityClassName: "high" } },
  { cpu: "300m", spec: { nodeSelector: { "kubernetes.io/hostname": "node-1" } } },
  apart,
];

const step = fc.record({
  do: fc.constantFrom(
    ...(["pod", "pod", "pod", "delete", "delete", "node", "no node", "cordon", "uncordon"] as const),
    ...(["seconds", "restart", "crash"] as const),
  ),
  which: fc.nat(3),
});

/** One request in so many fails, half of them after all was done. */
function flaky(): (transport: Transport) => Transport {
  let count = 0;
  return (transport) => async (request) => {
    if (request.method === "GET") return transport(request);
    count += 1;
    if (count % 7 === 0) throw new ApiError("InternalError", "the server is ill");
    const answer = await transport(request);
    if (count % 11 === 0) throw new ApiError("Timeout", "the answer is lost");
    return answer;
  };
}

function cpuOf({ spec }: DeepReadonly<Pod>): number {
  const text = spec?.containers[0]?.resources?.requests?.["cpu"] ?? "0";
  return text.endsWith("m") ? Number(text.slice(0, -1)) : Number(text) * 1000;
}

/** Nodes have two CPUs. */
async function expectRulesKept({ client }: SchedulerStage): Promise<void> {
  const byNode = new Map<string, DeepReadonly<Pod>[]>();
  for (const pod of await client.list(pods)) {
    const { nodeName } = pod.spec ?? {};
    if (!nodeName) continue;
    byNode.set(nodeName, [...(byNode.get(nodeName) ?? []), pod]);
    const wanted = pod.spec?.nodeSelector?.["kubernetes.io/hostname"];
    if (wanted !== undefined) expect(nodeName).toBe(wanted);
  }
  for (const [, on] of byNode) {
    expect(on.reduce((sum, pod) => sum + cpuOf(pod), 0)).toBeLessThanOrEqual(2000);
    expect(on.filter(({ metadata }) => metadata?.labels?.["app"] === "apart").length).toBeLessThanOrEqual(1);
  }
}

it("property: never overcommits, never breaks a required rule, and in the end all that fit have a node", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      await using play = await schedulerStage({ through: flaky() });
      const { client } = play;
      await client.create(priorityClasses, { metadata: { name: "high" }, value: 10 });
      const isThere = async (name: string): Promise<boolean> =>
        (await client.list(nodes)).some(({ metadata }) => metadata?.name === name);
      const cordon = async (name: string, unschedulable: boolean): Promise<void> => {
        if (await isThere(name)) await client.patch(nodes, { name }, { spec: { unschedulable } });
      };
      for (const [number, { do: what, which }] of steps.entries()) {
        const name = `node-${which}`;
        if (what === "pod") await play.addPod(`pod-${number}`, kinds[which]);
        else if (what === "node" && !(await isThere(name))) await play.addNode(name);
        // Its pods go with it, as the garbage collector of pods would have it.
        else if (what === "no node" && (await isThere(name))) {
          await client.delete(nodes, { name });
          await play.settled();
          await removePods(play, ({ spec }) => spec?.nodeName === name);
        } else if (what === "delete") await removePods(play, (_, index) => index === which);
        else if (what === "cordon") await cordon(name, true);
        else if (what === "uncordon") await cordon(name, false);
        else if (what === "seconds") await play.clock.advance(3_000);
        else if (what === "crash") await play.restart();
        else if (what === "restart") {
          await play.settled();
          await play.restart();
        }
        await removePods(play, ({ metadata }) => metadata?.deletionTimestamp !== undefined);
        await expectRulesKept(play);
      }
      for (const index of [0, 1, 2, 3]) await cordon(`node-${index}`, false);
      await play.addNode("spare");
      for (let round = 0; round < 6; round += 1) {
        await play.clock.advance(61_000);
        await removePods(play, ({ metadata }) => metadata?.deletionTimestamp !== undefined);
      }
      await expectRulesKept(play);
      await expectNobodyForgotten(play);
    }),
    { numRuns: 3 },
  );
}, 120_000);

/** The kubelet's part. */
async function removePods(
  { client }: SchedulerStage,
  isMeant: (pod: DeepReadonly<Pod>, index: number) => boolean,
): Promise<void> {
  for (const [index, pod] of (await client.list(pods)).entries()) {
    const { namespace, name = "" } = pod.metadata ?? {};
    if (isMeant(pod, index)) await client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0 });
  }
}

/** Who still waits fits nowhere. */
async function expectNobodyForgotten({ client }: SchedulerStage): Promise<void> {
  const all = await client.list(pods);
  for (const waiting of all.filter(({ spec }) => !spec?.nodeName)) {
    const isApart = waiting.metadata?.labels?.["app"] === "apart";
    const selected = waiting.spec?.nodeSelector?.["kubernetes.io/hostname"];
    for (const { metadata } of await client.list(nodes)) {
      const name = metadata?.name ?? "";
      if (selected !== undefined && selected !== name) continue;
      const on = all.filter(({ spec, status }) => spec?.nodeName === name || status?.nominatedNodeName === name);
      const isTaken = isApart && on.some((pod) => pod.metadata?.labels?.["app"] === "apart");
      const used = on.filter((pod) => pod !== waiting).reduce((sum, pod) => sum + cpuOf(pod), 0);
      expect(isTaken || used + cpuOf(waiting) > 2000).toBe(true);
    }
  }
}
