import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isOwnCluster } from "../target.ts";
import { image, newerImage, workload } from "./objects.ts";
import { openWorkplace, type Workplace } from "./workplace.ts";

/** It taints and labels nodes, which somebody's cluster had better be spared. */
describe.runIf(isOwnCluster)("a daemon set", () => {
  let stage: Workplace;
  beforeAll(async () => {
    stage = await openWorkplace("daemonsets");
    await stage.create(workload("DaemonSet", "agent", {}));
    await rolledOut();
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  const rolledOut = (): Promise<string> => stage.ok("rollout", "status", "daemonset/agent", "--timeout=35s");
  const nodes = async (): Promise<readonly string[]> =>
    (await stage.ok("get", "pods", "-l", "app=agent", "-o", "jsonpath={.items[*].spec.nodeName}"))
      .split(" ")
      .toSorted();
  const counts = async (): Promise<string> => {
    const [row = ""] = await stage.rows("daemonset", "agent");
    return row.split(" | ").slice(1, 6).join(" ");
  };

  test("has one pod on each node", async () => {
    expect(await counts()).toBe("3 3 3 3 3");
    expect(await nodes()).toEqual(["node-0", "node-1", "node-2"]);
    expect((await stage.events("daemonset/agent")).map((line) => line.replace(/-[0-9a-z]{5}$/, "-…"))).toEqual(
      Array<string>(3).fill("Normal | SuccessfulCreate | daemonset-controller | Created pod: agent-…"),
    );
    const pod = (await stage.ok("get", "pods", "-l", "app=agent", "-o", "name")).split("\n")[0] ?? "";
    const description = await stage.ok("describe", pod);
    expect(description).toContain("Controlled By:  DaemonSet/agent");
    for (const taint of ["disk-pressure:NoSchedule", "not-ready:NoExecute", "unschedulable:NoSchedule"])
      expect(description).toContain(`node.kubernetes.io/${taint} op=Exists\n`);
  });

  test("stays on a node that is cordoned, and leaves one that it does not tolerate", async () => {
    await stage.ok("cordon", "node-0");
    await stage.ok("delete", "pods", "-l", "app=agent", "--field-selector=spec.nodeName=node-0");
    await rolledOut();
    expect(await nodes()).toEqual(["node-0", "node-1", "node-2"]);
    await stage.ok("uncordon", "node-0");
    await stage.ok("taint", "node", "node-1", "dedicated=db:NoExecute");
    await stage.until("daemonset/agent", ".status.desiredNumberScheduled", 2);
    await stage.ok(
      "wait",
      "--for=delete",
      "pods",
      "-l",
      "app=agent",
      "--field-selector=spec.nodeName=node-1",
      "--timeout=35s",
    );
    expect(await nodes()).toEqual(["node-0", "node-2"]);
    await stage.ok("taint", "node", "node-1", "dedicated-");
    await stage.until("daemonset/agent", ".status.numberReady", 3);
  });

  test("is where its node selector says, as labels come and go", async () => {
    await stage.ok("label", "node", "node-2", "conformance-disk=ssd");
    const patch = (value: string): string =>
      `{"spec":{"template":{"spec":{"nodeSelector":{"conformance-disk":${value}}}}}}`;
    await stage.ok("patch", "daemonset", "agent", "-p", patch('"ssd"'));
    await rolledOut();
    await stage.ok(
      "wait",
      "--for=delete",
      "pods",
      "-l",
      "app=agent",
      "--field-selector=spec.nodeName!=node-2",
      "--timeout=35s",
    );
    expect(await nodes()).toEqual(["node-2"]);
    await stage.ok("label", "node", "node-0", "conformance-disk=ssd");
    await stage.until("daemonset/agent", ".status.numberReady", 2);
    expect(await nodes()).toEqual(["node-0", "node-2"]);
    await stage.ok("patch", "daemonset", "agent", "-p", patch("null"));
    await rolledOut();
    await stage.ok("label", "nodes", "--all", "conformance-disk-");
    expect(await counts()).toBe("3 3 3 3 3");
  });

  test("comes to a node that is new", async () => {
    const node = { apiVersion: "v1", kind: "Node", metadata: { name: "node-new" } };
    await stage.create(node);
    await stage.until("daemonset/agent", ".status.desiredNumberScheduled", 4);
    await stage.ok("delete", "node", "node-new");
    await stage.until("daemonset/agent", ".status.desiredNumberScheduled", 3);
  });

  test("is rolled a node at a time, and undone", async () => {
    await stage.ok("set", "image", "daemonset/agent", `app=${newerImage}`);
    expect(await rolledOut()).toContain('daemon set "agent" successfully rolled out\n');
    const images = (): Promise<string> =>
      stage.ok("get", "pods", "-l", "app=agent", "-o", "jsonpath={.items[*].spec.containers[0].image}");
    expect(new Set((await images()).split(" "))).toEqual(new Set([newerImage]));
    expect(await stage.ok("rollout", "undo", "daemonset/agent")).toBe("daemonset.apps/agent rolled back\n");
    await rolledOut();
    expect(new Set((await images()).split(" "))).toEqual(new Set([image]));
  });

  test("with OnDelete waits for who deletes its pods", async () => {
    await stage.ok(
      "patch",
      "daemonset",
      "agent",
      "-p",
      '{"spec":{"updateStrategy":{"type":"OnDelete","rollingUpdate":null}}}',
    );
    await stage.ok("set", "image", "daemonset/agent", `app=${newerImage}`);
    expect(await stage.refused("rollout", "status", "daemonset/agent")).toContain(
      "rollout status is only available for RollingUpdate strategy type",
    );
    await stage.ok("delete", "pods", "-l", "app=agent", "--field-selector=spec.nodeName=node-1");
    await stage.until("daemonset/agent", ".status.updatedNumberScheduled", 1);
    expect(await counts()).toMatch(/^3 3 \d 1 \d$/);
  });
});
