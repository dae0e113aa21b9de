import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { brokenImage, image, newerImage, workload } from "./objects.ts";
import { openWorkplace, type Workplace } from "./workplace.ts";

/** Pods with names: one after the other, up and down. */
describe("a stateful set", () => {
  let stage: Workplace;
  beforeAll(async () => {
    stage = await openWorkplace("statefulsets");
    await stage.ok("create", "service", "clusterip", "db", "--clusterip=None", "--tcp=80");
    await stage.create(workload("StatefulSet", "db", { serviceName: "db", replicas: 3 }));
    await rolledOut();
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  const rolledOut = (): Promise<string> => stage.ok("rollout", "status", "statefulset/db", "--timeout=35s");
  const setImage = (to: string): Promise<string> => stage.ok("set", "image", "statefulset/db", `app=${to}`);
  const images = async (): Promise<readonly string[]> =>
    (
      await stage.ok(
        "get",
        "pods",
        "-l",
        "app=db",
        "-o",
        "jsonpath={range .items[*]}{.spec.containers[0].image}{'\\n'}{end}",
      )
    )
      .trim()
      .split("\n");
  const eventsOf = async (reason: string): Promise<readonly string[]> =>
    (await stage.events("statefulset/db")).filter((line) => line.includes(`| ${reason} |`));

  test("has pods with numbers, made in their order, who know their names", async () => {
    const rows = await stage.rows("pods", "-l", "app=db");
    expect(rows).toEqual(
      [0, 1, 2].map((index) => expect.stringMatching(new RegExp(`^db-${index} \\| 1/1 \\| Running`))),
    );
    const created = await stage.ok(
      "get",
      "pods",
      "-l",
      "app=db",
      "--sort-by=.metadata.creationTimestamp",
      "-o",
      "name",
    );
    expect(created).toBe("pod/db-0\npod/db-1\npod/db-2\n");
    expect(await eventsOf("SuccessfulCreate")).toEqual(
      [0, 1, 2].map(
        (index) =>
          `Normal | SuccessfulCreate | statefulset-controller | Create Pod db-${index} in StatefulSet db successful`,
      ),
    );
    const { spec, metadata } = await stage.json("get", "pod", "db-1");
    expect(spec).toMatchObject({ hostname: "db-1", subdomain: "db" });
    expect(metadata.labels).toMatchObject({
      "apps.kubernetes.io/pod-index": "1",
      "statefulset.kubernetes.io/pod-name": "db-1",
      "controller-revision-hash": expect.stringMatching(/^db-[0-9a-z]+$/),
    });
  });

  test("makes a deleted pod again under its name", async () => {
    const before = await stage.value("pod/db-1", ".metadata.uid");
    await stage.ok("delete", "pod", "db-1");
    await stage.until("statefulset/db", ".status.readyReplicas", 3);
    expect(await stage.value("pod/db-1", ".metadata.uid")).not.toBe(before);
  });

  test("is scaled down from its last", async () => {
    await stage.ok("scale", "statefulset", "db", "--replicas=1");
    await stage.ok("wait", "--for=delete", "pod/db-1", "pod/db-2", "--timeout=35s");
    expect(await stage.ok("get", "pods", "-l", "app=db", "-o", "name")).toBe("pod/db-0\n");
    await stage.untilEvent("statefulset/db", "Delete Pod db-1 in StatefulSet db successful");
    const deleted = (await eventsOf("SuccessfulDelete")).map((line) => line.split(" | ")[3]);
    expect(deleted.slice(-2)).toEqual([2, 1].map((index) => `Delete Pod db-${index} in StatefulSet db successful`));
    await stage.ok("scale", "statefulset", "db", "--replicas=3");
    await rolledOut();
  });

  test("is rolled from its last, as far as its partition", async () => {
    await stage.ok("patch", "statefulset", "db", "-p", '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":2}}}}');
    await setImage(newerImage);
    expect(await rolledOut()).toContain("partitioned roll out complete: 1 new pods have been updated...\n");
    expect(await images()).toEqual([image, image, newerImage]);
    await stage.ok("patch", "statefulset", "db", "-p", '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}');
    expect(await rolledOut()).toContain("partitioned roll out complete: 3 new pods have been updated...\n");
    expect(await images()).toEqual([newerImage, newerImage, newerImage]);
  });

  test("is undone", async () => {
    expect(await stage.ok("rollout", "history", "statefulset/db")).toBe(
      "statefulset.apps/db \nREVISION  CHANGE-CAUSE\n1         <none>\n2         <none>\n\n",
    );
    expect(await stage.ok("rollout", "undo", "statefulset/db")).toBe("statefulset.apps/db rolled back\n");
    await rolledOut();
    expect(await images()).toEqual([image, image, image]);
    expect(await stage.ok("rollout", "history", "statefulset/db")).toBe(
      "statefulset.apps/db \nREVISION  CHANGE-CAUSE\n2         <none>\n3         <none>\n\n",
    );
  });

  test("is restarted, and stops at a pod that does not come up", async () => {
    await stage.ok("rollout", "restart", "statefulset/db");
    await rolledOut();
    await setImage(brokenImage);
    await stage.untilEvent("pod/db-2", "Failed to pull image");
    expect((await images()).slice(0, 2)).toEqual([image, image]);
    expect(await stage.value("statefulset/db", ".status.readyReplicas")).toBe("2");
    await stage.ok("rollout", "undo", "statefulset/db");
    // The broken pod is never Ready, so that nobody replaces it but who deletes it.
    // https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
    await stage.ok("delete", "pod", "db-2");
    await rolledOut();
    expect(await images()).toEqual([image, image, image]);
  });

  test("makes all pods at once where it is told to, from another number on", async () => {
    const spec = { serviceName: "db", replicas: 3, podManagementPolicy: "Parallel", ordinals: { start: 5 } };
    await stage.create(workload("StatefulSet", "many", spec, { container: { image: brokenImage } }));
    await stage.until("statefulset/many", ".status.replicas", 3);
    expect(await stage.ok("get", "pods", "-l", "app=many", "-o", "name")).toBe("pod/many-5\npod/many-6\npod/many-7\n");
  });

  test("goes with all its pods", async () => {
    await stage.ok("delete", "statefulset", "--all");
    await stage.ok("wait", "--for=delete", "pods", "--all", "--timeout=35s");
    expect(await stage.rows("controllerrevisions")).toEqual([]);
  });
});
