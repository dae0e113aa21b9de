import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Manifest } from "../manifests.ts";
import { brokenImage, newerImage, workload } from "./objects.ts";
import { openWorkplace, type Workplace } from "./workplace.ts";

interface Counted extends Manifest {
  readonly spec: { readonly replicas: number };
  readonly status: { readonly replicas: number; readonly availableReplicas?: number };
}

/** What goes wrong in a rollout, and how far it may go at a time. */
describe("a rollout", () => {
  let stage: Workplace;
  beforeAll(async () => {
    stage = await openWorkplace("rollouts");
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  const setImage = (name: string, to: string): Promise<string> =>
    stage.ok("set", "image", `deployment/${name}`, `app=${to}`);
  const rolledOut = (name: string): Promise<string> =>
    stage.ok("rollout", "status", `deployment/${name}`, "--timeout=35s");
  const deployment = (name: string, spec: object, template: object = {}): Promise<string> =>
    stage.create(workload("Deployment", name, { replicas: 3, ...spec }, template));
  const named = (kind: string, filter: string): Promise<string> =>
    stage.ok("get", kind, "-o", `jsonpath={.items[?(@${filter})].metadata.name}`);
  const ageless = (line: string): string => line.replace(/ \| \S+$/, "");

  describe("to an image that nobody has", () => {
    beforeAll(async () => {
      await deployment("web", { progressDeadlineSeconds: 2 });
      await rolledOut("web");
      await stage.ok("expose", "deployment", "web", "--port=80");
      await setImage("web", brokenImage);
    });

    test("stops with the old pods serving", async () => {
      await stage.until("deployment/web", ".status.updatedReplicas", 1);
      const name = `pod/${await named("pods", `.spec.containers[0].image=="${brokenImage}"`)}`;
      await stage.untilEvent(name, "Back-off pulling image");
      const pods = await stage.rows("pods", "-l", "app=web");
      expect(pods.filter((line) => line.includes("1/1 | Running"))).toHaveLength(3);
      expect(pods.filter((line) => /\| 0\/1 \| (?:ErrImagePull|ImagePullBackOff) \|/.test(line))).toHaveLength(1);
      const [row = ""] = await stage.rows("deployment", "web");
      expect(ageless(row)).toBe("web | 3/3 | 1 | 3");
      const told = (await stage.events(name)).map((line) => line.split(" | ").slice(0, 2).join(" "));
      expect(told).toEqual(
        expect.arrayContaining(["Normal Scheduled", "Normal Pulling", "Warning Failed", "Normal BackOff"]),
      );
      const slices = await stage.ok(
        ...["get", "endpointslices", "-l", "kubernetes.io/service-name=web"],
        ...["-o", "jsonpath={.items[*].endpoints[?(@.conditions.ready==true)].addresses[0]}"],
      );
      expect(slices.split(" ")).toHaveLength(3);
    });

    test("is given up after its deadline, and says so", async () => {
      await stage.untilIs("deployment/web", "Progressing=False");
      const { stderr } = await stage.kubectl.exits(1, ["rollout", "status", "deployment/web", "-n", stage.namespace]);
      expect(stderr).toBe('error: deployment "web" exceeded its progress deadline\n');
      const set = await named("rs", `.spec.template.spec.containers[0].image=="${brokenImage}"`);
      expect(await stage.value("deployment/web", '.status.conditions[?(@.type=="Progressing")].message')).toBe(
        `ReplicaSet "${set}" has timed out progressing.`,
      );
      expect(await stage.ok("describe", "deployment", "web")).toMatch(
        /Available {6}True {4}MinimumReplicasAvailable\n {2}Progressing {4}False {3}ProgressDeadlineExceeded/,
      );
    });

    test("is undone without a pod lost", async () => {
      const before = await stage.ok(
        "get",
        "pods",
        "-l",
        "app=web",
        "--field-selector=status.phase=Running",
        "-o",
        "name",
      );
      await stage.ok("rollout", "undo", "deployment/web");
      await rolledOut("web");
      await stage.until("deployment/web", ".status.terminatingReplicas", 0);
      expect(await stage.ok("get", "pods", "-l", "app=web", "-o", "name")).toBe(before);
    });
  });

  test("that recreates ends all old pods before it makes a new one", async () => {
    await deployment("once", { strategy: { type: "Recreate" } });
    await rolledOut("once");
    await using watch = stage.kubectl.start([
      "get",
      "pods",
      "-n",
      stage.namespace,
      "-l",
      "app=once",
      "--watch",
      "--no-headers",
      "--output-watch-events",
    ]);
    await watch.until((stdout) => stdout.split("\n").length > 3);
    await setImage("once", newerImage);
    await rolledOut("once");
    const kinds = (text: string): readonly string[] =>
      text
        .split("\n")
        .flatMap((line) => /^(?:ADDED|DELETED)/.exec(line) ?? [])
        .slice(3);
    const text = await watch.until((stdout) => kinds(stdout).length >= 6);
    expect(kinds(text)).toEqual([...Array<string>(3).fill("DELETED"), ...Array<string>(3).fill("ADDED")]);
    expect(await stage.ok("describe", "deployment", "once")).toMatch(/StrategyType: +Recreate\n/);
  });

  test.each([
    [
      { maxSurge: 0, maxUnavailable: 1 },
      { most: 4, least: 3 },
    ],
    [
      { maxSurge: 2, maxUnavailable: 0 },
      { most: 6, least: 4 },
    ],
    [
      { maxSurge: "50%", maxUnavailable: "25%" },
      { most: 6, least: 3 },
    ],
  ])("with %j keeps within its bounds", async (rollingUpdate, { most, least }) => {
    const name = `bound-${most}-${least}`;
    await deployment(name, { replicas: 4, strategy: { rollingUpdate } });
    await rolledOut(name);
    await using watch = stage.kubectl.start([
      "get",
      "deployment",
      name,
      "-n",
      stage.namespace,
      "--watch",
      "-o",
      "jsonpath={.status.replicas} {.status.availableReplicas}{'\\n'}",
    ]);
    await watch.until((stdout) => stdout.includes("4 4"));
    await setImage(name, newerImage);
    await rolledOut(name);
    const seen = watch
      .text()
      .trim()
      .split("\n")
      .map((line) => line.split(" ").map(Number));
    expect(seen.length).toBeGreaterThan(2);
    for (const [total = 0, available = 0] of seen) {
      expect(total).toBeLessThanOrEqual(most);
      expect(available).toBeGreaterThanOrEqual(least);
    }
    await stage.ok("delete", "deployment", name, "--wait=false");
  });

  test("that is paused half-way keeps both, scales both in proportion, and goes on", async () => {
    await deployment("half", { replicas: 4, strategy: { rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } } });
    await rolledOut("half");
    await setImage("half", brokenImage);
    await stage.until("deployment/half", ".status.updatedReplicas", 2);
    await stage.ok("rollout", "pause", "deployment/half");
    await stage.ok("scale", "deployment/half", "--replicas=8");
    await stage.until("deployment/half", ".status.replicas", 10);
    const sets = JSON.parse(await stage.ok("get", "rs", "-l", "app=half", "-o", "json")) as {
      items: readonly Counted[];
    };
    expect(sets.items.map(({ spec }) => spec.replicas).toSorted((a, b) => a - b)).toEqual([3, 7]);
    await stage.ok("rollout", "resume", "deployment/half");
    await setImage("half", newerImage);
    await rolledOut("half");
    await stage.until("deployment/half", ".status.terminatingReplicas", 0);
    expect(
      (await stage.rows("pods", "-l", "app=half")).filter((line) => line.includes("| 1/1 | Running |")),
    ).toHaveLength(8);
  });

  test("waits until new pods have been ready for minReadySeconds", async () => {
    await deployment("late", { replicas: 2, minReadySeconds: 2 });
    await stage.until("deployment/late", ".status.readyReplicas", 2);
    expect(await stage.value("deployment/late", ".status.availableReplicas")).toBe("");
    expect(await rolledOut("late")).toMatch(
      /^Waiting for deployment "late" rollout to finish: [01] of 2 updated replicas are available\.\.\.$/m,
    );
    await stage.untilIs("deployment/late", "Available");
  });

  test("keeps so many old ReplicaSets as it is told", async () => {
    await deployment("short", { replicas: 1, revisionHistoryLimit: 1 });
    for (const colour of ["red", "green", "blue"]) {
      await rolledOut("short");
      await stage.ok("set", "env", "deployment/short", `COLOUR=${colour}`);
    }
    await rolledOut("short");
    await stage.until(
      "deployment/short",
      '.status.conditions[?(@.type=="Progressing")].reason',
      "NewReplicaSetAvailable",
    );
    expect(await stage.ok("rollout", "history", "deployment/short")).toBe(
      "deployment.apps/short \nREVISION  CHANGE-CAUSE\n3         <none>\n4         <none>\n\n",
    );
  });
});
