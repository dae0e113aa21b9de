import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pod, podTemplate, workload } from "./objects.ts";
import { openWorkplace, type Workplace } from "./workplace.ts";

/** How objects come to be, and how they and what belongs to them go. */
describe("lifecycle", () => {
  let stage: Workplace;
  beforeAll(async () => {
    stage = await openWorkplace("lifecycle");
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  const web = async (name: string, replicas = 2): Promise<void> => {
    await stage.create(workload("Deployment", name, { replicas }));
    await stage.untilIs(`deployment/${name}`, "Available");
  };
  const gone = (...args: readonly string[]): Promise<string> =>
    stage.ok("wait", "--for=delete", ...args, "--timeout=35s");
  const owners = (object: string): Promise<string> => stage.value(object, ".metadata.ownerReferences[*].kind");

  describe("a deployment is deleted", () => {
    test("in the background: it goes at once, and the rest follows", async () => {
      await web("back");
      expect(await stage.ok("delete", "deployment", "back")).toMatch(/^deployment\.apps "back" deleted/);
      await gone("rs,pods", "-l", "app=back");
    });

    test("in the foreground: it goes last", async () => {
      await web("fore", 1);
      const [set, held] = (await stage.ok("get", "rs,pods", "-l", "app=fore", "-o", "name")).trim().split("\n");
      const hold = (finalizers: string): Promise<string> =>
        stage.ok("patch", held ?? "", "--type=merge", "-p", `{"metadata":{"finalizers":${finalizers}}}`);
      await hold('["example.com/hold"]');
      await stage.ok("delete", "deployment", "fore", "--cascade=foreground", "--wait=false");
      for (const owner of ["deployment/fore", set ?? ""])
        await stage.until(owner, ".metadata.finalizers[0]", "foregroundDeletion");
      expect(await stage.value(held ?? "", ".metadata.deletionTimestamp")).toMatch(/Z$/);
      await hold("null");
      await gone("deployment/fore");
      expect(await stage.rows("rs,pods", "-l", "app=fore")).toEqual([]);
    });

    test("and leaves orphans, whom another one adopts", async () => {
      await web("parent");
      const pods = await stage.ok("get", "pods", "-l", "app=parent", "-o", "name");
      const set = (await stage.ok("get", "rs", "-l", "app=parent", "-o", "name")).trim();
      await stage.ok("delete", "deployment", "parent", "--cascade=orphan");
      expect(await owners(set)).toBe("");
      await stage.ok("delete", set, "--cascade=orphan");
      expect(await stage.ok("get", "pods", "-l", "app=parent", "-o", "name")).toBe(pods);
      for (const name of pods.trim().split("\n")) expect(await owners(name)).toBe("");
      const { metadata } = await stage.json("get", pods.split("\n")[0] ?? "");
      const hash = metadata.labels?.["pod-template-hash"] ?? "";
      const template = podTemplate({ labels: { app: "parent", "pod-template-hash": hash } });
      const selector = { matchLabels: { app: "parent", "pod-template-hash": hash } };
      await stage.create({
        ...{ apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name: "foster" } },
        spec: { replicas: 2, selector, template },
      });
      await stage.until("rs/foster", ".status.readyReplicas", 2);
      expect(await stage.ok("get", "pods", "-l", "app=parent", "-o", "name")).toBe(pods);
      for (const name of pods.trim().split("\n")) expect(await owners(name)).toBe("ReplicaSet");
      await stage.ok("delete", "rs", "foster");
      await gone("pods", "-l", "app=parent");
    });
  });

  test("a pod that loses its label is let go, and replaced", async () => {
    await web("loose", 1);
    const name = (await stage.ok("get", "pods", "-l", "app=loose", "-o", "name")).trim();
    await stage.ok("label", name, "app-", "spare=yes");
    await stage.ok("wait", "pods", "-l", "app=loose", "--for=condition=Ready", "--timeout=35s");
    expect(await owners(name)).toBe("");
    await stage.ok("delete", "deployment", "loose");
    await gone("pods", "-l", "app=loose");
    expect(await stage.ok("get", "pods", "-l", "spare=yes", "-o", "name")).toBe(`${name}\n`);
    await stage.ok("delete", name);
  });

  test("an object with a finalizer waits for who takes it away", async () => {
    const configMap = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "held", finalizers: ["example.com/hold"] },
    };
    await stage.create(configMap);
    await stage.ok("delete", "configmap", "held", "--wait=false");
    const { stderr } = await stage.kubectl.exits(1, [
      ...["wait", "--for=delete", "configmap/held", "-n", stage.namespace, "--timeout=1s"],
    ]);
    expect(stderr).toContain("error: timed out waiting for the condition on configmaps/held\n");
    await stage.ok(
      "patch",
      "configmap",
      "held",
      "--type=json",
      "-p",
      '[{"op":"remove","path":"/metadata/finalizers"}]',
    );
    await gone("configmap/held");
  });

  test("an owner in another namespace is none", async () => {
    const other = `${stage.namespace}-other`;
    await stage.kubectl.ok(["create", "namespace", other]);
    await stage.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "owner" } });
    const { metadata } = (await stage.json("get", "configmap", "owner")) as {
      metadata: { uid?: string } & { name: string };
    };
    const ownerReferences = [{ apiVersion: "v1", kind: "ConfigMap", name: "owner", uid: metadata.uid }];
    const child = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "child", ownerReferences } };
    await stage.kubectl.ok(["create", "-n", other, "-f", "-"], { stdin: JSON.stringify(child) });
    await stage.kubectl.ok(["wait", "--for=delete", "configmap/child", "-n", other, "--timeout=35s"]);
    const told = await stage.kubectl.ok([
      "get",
      "events",
      "-n",
      other,
      "-o",
      "jsonpath={.items[*].reason}: {.items[*].message}",
    ]);
    expect(told).toBe(
      `OwnerRefInvalidNamespace: ownerRef [v1/ConfigMap, namespace: ${other}, name: owner, uid: ${metadata.uid}] does not exist in namespace "${other}"`,
    );
    await stage.kubectl.ok(["delete", "namespace", other]);
  });

  test("a namespace goes with all that is in it", async () => {
    const name = `${stage.namespace}-full`;
    const inside = (...args: readonly string[]): Promise<string> => stage.kubectl.ok([...args, "-n", name]);
    await stage.kubectl.ok(["create", "namespace", name]);
    await inside("create", "deployment", "web", "--image=registry.k8s.io/pause:3.10", "--replicas=2");
    await inside("expose", "deployment", "web", "--port=80");
    await inside("create", "configmap", "settings", "--from-literal=a=b");
    await inside("rollout", "status", "deployment/web", "--timeout=35s");
    expect(await stage.kubectl.ok(["delete", "namespace", name])).toBe(`namespace "${name}" deleted\n`);
    expect((await stage.kubectl.exits(1, ["get", "namespace", name])).stderr).toContain("NotFound");
    expect(await inside("get", "all,configmaps,events")).toBe("");
  });

  test("a namespace says what keeps it", async () => {
    const name = `${stage.namespace}-held`;
    await stage.kubectl.ok(["create", "namespace", name]);
    const held = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "held", finalizers: ["example.com/hold"] } };
    await stage.kubectl.ok(["create", "-n", name, "-f", "-"], { stdin: JSON.stringify(held) });
    await stage.kubectl.ok(["delete", "namespace", name, "--wait=false"]);
    await stage.kubectl.ok([
      "wait",
      `namespace/${name}`,
      "--for=condition=NamespaceFinalizersRemaining",
      "--timeout=35s",
    ]);
    const conditions = await stage.kubectl.ok([
      "get",
      "namespace",
      name,
      "-o",
      "jsonpath={range .status.conditions[*]}{.type}={.status} {.message}{'\\n'}{end}",
    ]);
    expect(conditions).toContain(
      "NamespaceContentRemaining=True Some resources are remaining: configmaps. has 1 resource instances\n",
    );
    expect(conditions).toContain(
      "NamespaceFinalizersRemaining=True Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances\n",
    );
    await stage.kubectl.ok([
      "patch",
      "configmap",
      "held",
      "-n",
      name,
      "--type=merge",
      "-p",
      '{"metadata":{"finalizers":null}}',
    ]);
    await stage.kubectl.ok(["wait", "--for=delete", `namespace/${name}`, "--timeout=35s"]);
  });

  test("a quota is used up, refuses more, and is given back", async () => {
    await stage.ok("create", "quota", "few", "--hard=pods=2,count/configmaps=3");
    await stage.until("quota/few", ".status.used.pods", 0);
    await stage.create(pod("one"), pod("two"));
    await stage.until("quota/few", ".status.used.pods", 2);
    expect(await stage.refused("run", "three", "--image=registry.k8s.io/pause:3.10")).toBe(
      'Error from server (Forbidden): pods "three" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2\n',
    );
    await stage.create(workload("Deployment", "refused", { replicas: 1 }));
    await stage.untilIs("deployment/refused", "ReplicaFailure");
    const set = (await stage.ok("get", "rs", "-l", "app=refused", "-o", "name")).trim();
    await stage.untilEvent(set.replace(".apps", ""), "exceeded quota: few");
    await stage.ok("delete", "pod", "one", "two");
    await stage.ok("scale", "deployment", "refused", "--replicas=2");
    await stage.ok("rollout", "status", "deployment/refused", "--timeout=35s");
    expect(await stage.ok("describe", "quota", "few")).toMatch(/^pods +2 +2$/m);
    await stage.ok("delete", "deployment", "refused");
    await stage.until("quota/few", ".status.used.pods", 0);
    await stage.ok("delete", "quota", "few");
  });

  test("a watch beside it tells a pod's whole life", async () => {
    await using watch = stage.kubectl.start(["get", "pods", "-n", stage.namespace, "-w", "--output-watch-events"]);
    await stage.create(pod("life"));
    await stage.untilIs("pod/life", "Ready");
    await stage.ok("delete", "pod", "life");
    const text = await watch.until((stdout) => stdout.includes("DELETED"));
    const states = text
      .split("\n")
      .filter((line) => / life /.test(line))
      .map((line) =>
        line
          .trim()
          .split(/ +/)
          .filter((_, index) => index !== 1 && index < 4)
          .join(" "),
      )
      .filter((state, index, all) => state !== all[index - 1]);
    expect(states[0]).toBe("ADDED 0/1 Pending");
    expect(states).toContain("MODIFIED 1/1 Running");
    expect(states.indexOf("MODIFIED 1/1 Terminating")).toBeGreaterThan(states.indexOf("MODIFIED 1/1 Running"));
    expect(states.at(-1)).toMatch(/^DELETED \d\/1 (?:Terminating|Completed|Error)$/);
    const order = ["Pending", "ContainerCreating", "Running", "Terminating", "Completed", "Error"];
    const ranks = states.map((state) => order.indexOf(state.split(" ")[2] ?? ""));
    expect(ranks).not.toContain(-1);
    expect(ranks.slice(0, states.findIndex((state) => state.includes("Terminating")) + 1)).toEqual(
      ranks.slice(0, states.findIndex((state) => state.includes("Terminating")) + 1).toSorted((a, b) => a - b),
    );
  });

  test("wait: for a condition, a value, several, and in vain", async () => {
    await stage.create(pod("awaited"));
    expect(await stage.ok("wait", "pod/awaited", "--for=condition=Ready", "--timeout=35s")).toBe(
      "pod/awaited condition met\n",
    );
    expect(await stage.ok("wait", "pod/awaited", "--for=jsonpath={.status.podIP}")).toBe("pod/awaited condition met\n");
    expect(await stage.ok("wait", "pod/awaited", "--for=jsonpath={.status.phase}=Running")).toBe(
      "pod/awaited condition met\n",
    );
    expect(await stage.refused("wait", "pod/awaited", "--for=condition=Never", "--timeout=1s")).toContain(
      "error: timed out waiting for the condition on pods/awaited\n",
    );
    await stage.ok("delete", "pod", "awaited");
    expect(await stage.ok("wait", "--for=delete", "pod/awaited")).toBe("");
  });
});
