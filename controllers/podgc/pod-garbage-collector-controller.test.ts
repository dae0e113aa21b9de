import { describe, expect, it } from "vitest";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import { nodes, pods } from "../../client/resource-types.ts";
import { runPod } from "../pods/run-pods.testing.ts";
import { podsIn } from "../pods/settle-pods.testing.ts";
import { names, stage, type Stage } from "../stage.testing.ts";
import { podGarbageCollectorController } from "./pod-garbage-collector-controller.ts";

const pod = (name: string, nodeName?: string, finalizers: string[] = []): Pod => ({
  metadata: { namespace: "default", name, finalizers },
  spec: { containers: [{ name: "a", image: "a" }], ...(nodeName === undefined ? {} : { nodeName }) },
});

async function end(play: Stage, name: string, more: object = {}): Promise<void> {
  const key = { namespace: "default", name };
  await play.client.patch(pods, key, { status: { phase: "Failed", ...more } }, { subresource: "status" });
}

const left = async (play: Stage): Promise<string[]> => names(await podsIn(play, "default"));

describe("the pod garbage collector", () => {
  it("deletes pods that have ended when there are too many, the evicted and the oldest first", async () => {
    await using play = await stage([podGarbageCollectorController], { config: { terminatedPodThreshold: 2 } });
    for (const name of ["a", "b", "c", "d", "e"]) {
      await play.client.create(pods, pod(name));
      await play.clock.advance(1_000);
    }
    for (const name of ["a", "b", "c", "d"]) await end(play, name, name === "d" ? { reason: "Evicted" } : {});
    await play.clock.advance(20_000);
    expect(await left(play)).toEqual(["b", "c", "e"]);
  });

  it("leaves all that have ended without a threshold", async () => {
    await using play = await stage([podGarbageCollectorController], { config: { terminatedPodThreshold: 0 } });
    await play.client.create(pods, pod("a"));
    await end(play, "a");
    await play.clock.advance(60_000);
    expect(await left(play)).toEqual(["a"]);
  });

  it("deletes pods of nodes that are gone, after a while, as failed by a disruption", async () => {
    await using play = await stage([podGarbageCollectorController]);
    await play.client.create(nodes, { metadata: { name: "node" } });
    await play.client.create(pods, pod("stays", "node"));
    await play.client.create(pods, pod("orphan", "gone", ["example.com/keep"]));
    await play.client.create(pods, pod("unbound"));
    await runPod(play, await play.client.get(pods, { namespace: "default", name: "orphan" }));
    await play.clock.advance(59_000);
    const orphan = await play.client.get(pods, { namespace: "default", name: "orphan" });
    expect(orphan.metadata?.deletionTimestamp).toBeUndefined();
    await play.clock.advance(1_000);
    const deleted = await play.client.get(pods, { namespace: "default", name: "orphan" });
    expect(deleted.metadata?.deletionTimestamp).toBeDefined();
    expect(deleted.status?.phase).toBe("Failed");
    expect(deleted.status?.conditions).toContainEqual(
      expect.objectContaining({
        type: "DisruptionTarget",
        status: "True",
        reason: "DeletionByPodGC",
        message: "PodGC: node no longer exists",
        lastTransitionTime: "2026-01-01T00:01:00Z",
        observedGeneration: 1,
      }),
    );
    expect(await left(play)).toEqual(["orphan", "stays", "unbound"]);
  });

  it("asks the server before it takes a node for gone", async () => {
    let isHidden = true;
    await using play = await stage([podGarbageCollectorController], {
      objects: (client) => client.create(nodes, { metadata: { name: "late" } }),
      // The watch of nodes is late, and the server answers all the same.
      through: (transport) => async (request) => {
        if (isHidden && request.url.startsWith("/api/v1/nodes?watch")) {
          const quiet = new URL(request.url, "http://server");
          quiet.searchParams.set("labelSelector", "none=here");
          return transport({ ...request, url: `${quiet.pathname}${quiet.search}` });
        }
        return transport(request);
      },
    });
    isHidden = false;
    await play.client.create(pods, pod("a", "late"));
    await play.clock.advance(120_000);
    expect(await left(play)).toEqual(["a"]);
  });

  it("deletes what terminates without a node, or on one that is out of service", async () => {
    await using play = await stage([podGarbageCollectorController]);
    for (const name of ["off", "on"]) await play.client.create(nodes, { metadata: { name } });
    const taints = [{ key: "node.kubernetes.io/out-of-service", value: "nodeshutdown", effect: "NoExecute" }];
    await play.client.patch(nodes, { name: "off" }, { spec: { taints } });
    for (const made of [
      pod("on-off", "off"),
      pod("on-on", "on"),
      pod("living", "off"),
      pod("unbound", undefined, ["example.com/keep"]),
    ]) {
      await play.client.create(pods, made);
      if (made.metadata?.name !== "living")
        await play.client.delete(pods, { namespace: "default", name: made.metadata?.name ?? "" });
    }
    await play.clock.advance(20_000);
    expect(await left(play)).toEqual(["living", "on-on", "unbound"]);
    expect((await play.client.get(pods, { namespace: "default", name: "unbound" })).status?.phase).toBe("Failed");
  });
});
