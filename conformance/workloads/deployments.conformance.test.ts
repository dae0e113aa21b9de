import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { image, newerImage } from "./objects.ts";
import { openWorkplace, type Workplace } from "./workplace.ts";

/** The first chapter of every course: one Deployment, from its creation to its third image. */
describe("a deployment", () => {
  let stage: Workplace;
  beforeAll(async () => {
    stage = await openWorkplace("deployments");
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  const podNames = async (): Promise<readonly string[]> =>
    (await stage.ok("get", "pods", "-l", "app=web", "--field-selector=status.phase=Running", "-o", "name"))
      .trim()
      .split("\n");
  const rolledOut = (): Promise<string> => stage.ok("rollout", "status", "deployment/web", "--timeout=35s");
  const imageNow = (): Promise<string> => stage.value("deployment/web", ".spec.template.spec.containers[0].image");

  test("becomes three pods that are Running and Ready, each on a node of its own", async () => {
    expect(await stage.ok("create", "deployment", "web", `--image=${image}`, "--replicas=3", "--port=8080")).toBe(
      "deployment.apps/web created\n",
    );
    expect(await rolledOut()).toContain('deployment "web" successfully rolled out\n');
    expect(await stage.rows("deployment", "web")).toEqual([expect.stringMatching(/^web \| 3\/3 \| 3 \| 3 \| \S+$/)]);
    const pods = await stage.rows("pods", "-l", "app=web", "-o", "wide");
    expect(pods).toHaveLength(3);
    for (const line of pods)
      expect(line).toMatch(
        /^web-[0-9a-z]+-[0-9a-z]{5} \| 1\/1 \| Running \| 0 \| \S+ \| [\d.]+ \| \S+ \| <none> \| <none>$/,
      );
    expect(new Set(pods.map((line) => line.split(" | ")[6])).size).toBe(3);
    expect(new Set(pods.map((line) => line.split(" | ")[5])).size).toBe(3);
  });

  test("tells its story in events, each told by who did it", async () => {
    const { name: set = "" } = /(?<name>web-\S+)/.exec(await stage.ok("get", "rs", "-o", "name"))?.groups ?? {};
    const description = await stage.ok("describe", "deployment", "web");
    expect(description).toContain(
      "Replicas:               3 desired | 3 updated | 3 total | 3 available | 0 unavailable",
    );
    expect(description).toContain("RollingUpdateStrategy:  25% max unavailable, 25% max surge");
    expect(description).toMatch(
      /Available {6}True {4}MinimumReplicasAvailable\n {2}Progressing {4}True {4}NewReplicaSetAvailable/,
    );
    expect(description).toContain(`NewReplicaSet:   ${set} (3/3 replicas created)`);
    expect(await stage.events("deployment/web")).toEqual([
      `Normal | ScalingReplicaSet | deployment-controller | Scaled up replica set ${set} from 0 to 3`,
    ]);
    const pods = await podNames();
    expect((await stage.events(`rs/${set}`)).toSorted()).toEqual(
      pods
        .map((pod) => `Normal | SuccessfulCreate | replicaset-controller | Created pod: ${pod.replace("pod/", "")}`)
        .toSorted(),
    );
    const [pod = ""] = pods;
    await stage.untilEvent(pod, "Container started");
    const node = await stage.value(pod, ".spec.nodeName");
    const [first, ...others] = await stage.events(pod);
    expect(first).toBe(
      `Normal | Scheduled | default-scheduler | Successfully assigned ${stage.namespace}/${pod.replace("pod/", "")} to ${node}`,
    );
    const reasons = others.map((line) => line.split(" | ")[1]);
    expect(reasons).toEqual([...reasons.slice(0, -3).map(() => "Pulling"), "Pulled", "Created", "Started"]);
    expect(others.slice(-2)).toEqual([
      "Normal | Created | kubelet | spec.containers{pause}: Container created",
      "Normal | Started | kubelet | spec.containers{pause}: Container started",
    ]);
  });

  test("replaces a pod that is deleted", async () => {
    const before = await podNames();
    await stage.ok("delete", before[0] ?? "");
    await rolledOut();
    const after = await podNames();
    expect(after).toHaveLength(3);
    expect(after).not.toContain(before[0]);
    expect(after).toEqual(expect.arrayContaining(before.slice(1)));
  });

  test("is scaled up and down, and to nothing", async () => {
    for (const replicas of [5, 2, 0, 3]) {
      await stage.ok("scale", "deployment", "web", `--replicas=${replicas}`);
      await rolledOut();
      await stage.until("deployment/web", ".status.terminatingReplicas", 0);
      expect(await stage.rows("deployment", "web")).toEqual([
        expect.stringMatching(new RegExp(String.raw`^web \| ${replicas}/${replicas} \|`)),
      ]);
      expect((await stage.rows("pods", "-l", "app=web", "--ignore-not-found")).length).toBe(replicas);
    }
  });

  test("is rolled to another image, and history tells why", async () => {
    const cause = (text: string): Promise<string> =>
      stage.ok("annotate", "deployment/web", `kubernetes.io/change-cause=${text}`, "--overwrite");
    await cause("the first one");
    await stage.ok("set", "image", "deployment/web", `pause=${newerImage}`);
    await cause("newer");
    expect(await rolledOut()).toContain("successfully rolled out");
    const history = await stage.ok("rollout", "history", "deployment/web");
    expect(history).toBe("deployment.apps/web \nREVISION  CHANGE-CAUSE\n1         the first one\n2         newer\n\n");
    const second = await stage.ok("rollout", "history", "deployment/web", "--revision=2");
    expect(second).toContain("deployment.apps/web with revision #2\nPod Template:\n  Labels:\tapp=web\n");
    expect(second).toContain(`Image:\t${newerImage}\n`);
    const sets = await stage.rows("rs", "-l", "app=web", "--sort-by=.metadata.creationTimestamp");
    expect(sets.map((line) => line.split(" | ").slice(1, 4).join(" "))).toEqual(["0 0 0", "3 3 3"]);
  });

  test("is undone, and undone to a revision", async () => {
    expect(await stage.ok("rollout", "undo", "deployment/web")).toBe("deployment.apps/web rolled back\n");
    await rolledOut();
    expect(await imageNow()).toBe(image);
    await stage.ok("rollout", "undo", "deployment/web", "--to-revision=2");
    await rolledOut();
    expect(await imageNow()).toBe(newerImage);
    expect(await stage.ok("rollout", "history", "deployment/web")).toBe(
      "deployment.apps/web \nREVISION  CHANGE-CAUSE\n3         the first one\n4         newer\n\n",
    );
    expect(await stage.refused("rollout", "undo", "deployment/web", "--to-revision=9")).toContain(
      "error: unable to find specified revision 9 in history",
    );
  });

  test("is paused: changes gather, and one rollout brings them all when it is resumed", async () => {
    expect(await stage.ok("rollout", "pause", "deployment/web")).toBe("deployment.apps/web paused\n");
    const before = await podNames();
    await stage.ok("set", "image", "deployment/web", `pause=${image}`);
    await stage.ok("set", "env", "deployment/web", "COLOUR=red");
    await stage.untilIs("deployment/web", "Progressing=Unknown");
    expect(await stage.value("deployment/web", '.status.conditions[?(@.type=="Progressing")].reason')).toBe(
      "DeploymentPaused",
    );
    expect(await podNames()).toEqual(before);
    expect(await stage.refused("rollout", "undo", "deployment/web")).toContain("cannot rollback a paused deployment");
    expect(await stage.ok("rollout", "resume", "deployment/web")).toBe("deployment.apps/web resumed\n");
    await rolledOut();
    expect((await stage.rows("rs", "-l", "app=web")).length).toBe(3);
    expect(await podNames()).not.toEqual(expect.arrayContaining(before.slice(0, 1)));
  });

  test("is restarted: the same template, new pods", async () => {
    const before = await podNames();
    expect(await stage.ok("rollout", "restart", "deployment/web")).toBe("deployment.apps/web restarted\n");
    await rolledOut();
    const after = await podNames();
    expect(after).toHaveLength(3);
    expect(after.filter((name) => before.includes(name))).toEqual([]);
    expect(await stage.value("deployment/web", ".spec.template.metadata.annotations")).toContain(
      "kubectl.kubernetes.io/restartedAt",
    );
  });

  test("goes, and takes its ReplicaSets and pods along", async () => {
    await stage.ok("delete", "deployment", "web");
    await stage.ok("wait", "--for=delete", "rs,pods", "-l", "app=web", "--timeout=35s");
    expect(await stage.rows("all", "-l", "app=web")).toEqual([]);
  });
});
