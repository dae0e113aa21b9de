import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { differences } from "../contains.ts";
import { manifestFile, type Manifest } from "../manifests.ts";
import { minors, openStage, type Stage } from "./stage.ts";
import { tableLines } from "./table-text.ts";

interface Template {
  readonly spec: {
    readonly serviceAccountName?: string;
    readonly containers: readonly {
      readonly image: string;
      readonly env?: readonly object[];
      readonly resources?: object;
    }[];
  };
}

describe.each(minors)("kubectl 1.%i changes workloads", (minor) => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage(minor, "workloads");
    const kinds = [
      "apps/deployments",
      "apps/replicasets",
      "core/replicationcontrollers",
      "apps/statefulsets",
      "core/pods",
    ];
    await stage.ok("create", ...kinds.flatMap((kind) => ["-f", manifestFile(kind, "full")]));
    await stage.ok("create", ...kinds.slice(0, 2).flatMap((kind) => ["-f", manifestFile(kind, "minimal")]));
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  const templateOf = (object: Manifest): Template => (object["spec"] as { template: Template }).template;
  const container = async (): Promise<Template["spec"]["containers"][number] | undefined> =>
    templateOf(await stage.json("get", "deployment", "full")).spec.containers[0];

  test.each([
    ["deployment", "deployment.apps"],
    ["replicaset", "replicaset.apps"],
    ["replicationcontroller", "replicationcontroller"],
    ["statefulset", "statefulset.apps"],
  ])("scale %s", async (resource, qualified) => {
    const before = await stage.json("get", resource, "full");
    expect(await stage.ok("scale", `${resource}/full`, "--replicas=4")).toBe(`${qualified}/full scaled\n`);
    expect(await stage.refused("scale", `${resource}/full`, "--replicas=5", "--current-replicas=9")).toContain(
      "Expected replicas to be 9, was 4",
    );
    expect(await stage.ok("scale", `${resource}/full`, "--replicas=1", "--current-replicas=4")).toBe(
      `${qualified}/full scaled\n`,
    );
    const after = await stage.json("get", resource, "full");
    expect(differences({ spec: { replicas: 1 } }, after)).toEqual([]);
    expect(generationOf(after) - generationOf(before)).toBe(2);
    const scale = await stage.json("get", resource, "full", "--subresource=scale");
    expect(scale).toMatchObject({
      apiVersion: "autoscaling/v1",
      kind: "Scale",
      metadata: { name: "full" },
      spec: { replicas: 1 },
    });
    expect((scale["status"] as { selector?: string }).selector).toContain("app=full");
    const patch = ["--subresource=scale", "--type=merge", "-p", '{"spec":{"replicas":2}}'];
    expect(await stage.ok("patch", resource, "full", ...patch)).toBe("scale.autoscaling/full patched\n");
    expect(differences({ spec: { replicas: 2 } }, await stage.json("get", resource, "full"))).toEqual([]);
  });

  test("expose a deployment, a replica set, a pod and a service", async () => {
    for (const from of ["deployment/minimal", "rs/minimal", "rc/full", "pod/full"]) {
      const name = from.replace("/", "-");
      const args = [`--name=${name}`, "--port=80", "--target-port=8080", "--protocol=TCP", "--type=ClusterIP"];
      expect(await stage.ok("expose", from, ...args)).toBe(`service/${name} exposed\n`);
    }
    expect(await stage.ok("expose", "service/pod-full", "--name=again", "--port=443", "--type=NodePort")).toBe(
      "service/again exposed\n",
    );
    const { spec } = (await stage.json("get", "service", "deployment-minimal")) as { spec?: object };
    expect(spec).toMatchObject({
      type: "ClusterIP",
      clusterIP: expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/),
      selector: { app: "minimal" },
      ports: [{ port: 80, targetPort: 8080, protocol: "TCP" }],
    });
    const again = await stage.json("get", "service", "again");
    expect(again["spec"]).toMatchObject({
      type: "NodePort",
      ports: [{ port: 443, nodePort: expect.any(Number) }],
      selector: { suite: "conformance", app: "web" },
    });
    const [, line] = tableLines(await stage.ok("get", "service", "again", "--no-headers=false"));
    expect(line).toMatch(/^again \| NodePort \| [\d.]+ \| <none> \| 443:3[0-2]\d{3}\/TCP \| \S+$/);
  });

  test("autoscale", async () => {
    const cpu = minor >= 34 ? "--cpu=70%" : "--cpu-percent=70";
    expect(await stage.ok("autoscale", "deployment", "full", "--min=2", "--max=5", cpu)).toBe(
      "horizontalpodautoscaler.autoscaling/full autoscaled\n",
    );
    expect((await stage.json("get", "horizontalpodautoscalers.v2.autoscaling", "full"))["spec"]).toMatchObject({
      minReplicas: 2,
      maxReplicas: 5,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "full" },
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } },
      ],
    });
    expect((await stage.json("get", "horizontalpodautoscalers.v1.autoscaling", "full"))["spec"]).toMatchObject({
      targetCPUUtilizationPercentage: 70,
    });
  });

  test("set image keeps the other container and all else", async () => {
    const before = await stage.json("get", "deployment", "full");
    expect(await stage.ok("set", "image", "deployment/full", "app=registry.example/app:2")).toBe(
      "deployment.apps/full image updated\n",
    );
    const after = await stage.json("get", "deployment", "full");
    const [one, two] = templateOf(after).spec.containers;
    expect([one?.image, two?.image]).toEqual(["registry.example/app:2", "registry.example/logger:1"]);
    const expected = structuredClone(templateOf(before).spec) as { containers: { image: string }[] };
    if (expected.containers[0] !== undefined) expected.containers[0].image = "registry.example/app:2";
    expect(templateOf(after).spec).toEqual(expected);
    expect(await stage.ok("set", "image", "deployment/full", "*=registry.example/all:3")).toContain("image updated");
    expect(templateOf(await stage.json("get", "deployment", "full")).spec.containers.map(({ image }) => image)).toEqual(
      ["registry.example/all:3", "registry.example/all:3"],
    );
  });

  test("set env", async () => {
    await stage.ok("create", "configmap", "settings", "--from-literal=colour=red");
    const on = ["set", "env", "deployment/full", "-c", "app"];
    expect(await stage.ok(...on, "ONE=1", "TWO=2")).toBe("deployment.apps/full env updated\n");
    expect(await stage.ok(...on, "TWO-", "ONE=uno")).toBe("deployment.apps/full env updated\n");
    expect(await stage.ok(...on, "--from=configmap/settings", "--prefix=CFG_")).toBe(
      "deployment.apps/full env updated\n",
    );
    expect((await container())?.env).toEqual([
      { name: "ONE", value: "uno" },
      { name: "CFG_COLOUR", valueFrom: { configMapKeyRef: { name: "settings", key: "colour" } } },
    ]);
    expect(await stage.ok("set", "env", "deployment/full", "--list")).toContain("ONE=uno");
  });

  test("set resources, serviceaccount, selector and subject", async () => {
    const resources = ["-c", "app", "--limits=cpu=200m,memory=512Mi", "--requests=cpu=100m"];
    expect(await stage.ok("set", "resources", "deployment", "full", ...resources)).toBe(
      "deployment.apps/full resource requirements updated\n",
    );
    expect((await container())?.resources).toEqual({
      limits: { cpu: "200m", memory: "512Mi" },
      requests: { cpu: "100m" },
    });
    expect(await stage.ok("set", "serviceaccount", "deployment", "full", "robot")).toBe(
      "deployment.apps/full serviceaccount updated\n",
    );
    expect(templateOf(await stage.json("get", "deployment", "full")).spec.serviceAccountName).toBe("robot");
    await stage.ok("create", "service", "clusterip", "chosen", "--tcp=80");
    expect(await stage.ok("set", "selector", "service", "chosen", "app=other,tier=x")).toBe(
      "service/chosen selector updated\n",
    );
    expect((await stage.json("get", "service", "chosen"))["spec"]).toMatchObject({
      selector: { app: "other", tier: "x" },
    });
    await stage.ok("create", "rolebinding", "binding", "--clusterrole=view", "--user=jane");
    expect(
      await stage.ok("set", "subject", "rolebinding", "binding", "--user=joe", "--serviceaccount=default:robot"),
    ).toBe("rolebinding.rbac.authorization.k8s.io/binding subjects updated\n");
    const subjects = (await stage.json("get", "rolebinding", "binding"))["subjects"] as readonly { name: string }[];
    expect(subjects.map(({ name }) => name)).toEqual(["jane", "joe", "robot"]);
  });

  test("strategic patches: merge by key, replace, delete, order, retain keys", async () => {
    const patch = (body: object): Promise<Manifest> =>
      stage.json("patch", "deployment", "full", "--type=strategic", "-p", JSON.stringify({ spec: body }));
    const merged = await patch({
      template: { spec: { containers: [{ name: "app", env: [{ name: "THREE", value: "3" }] }] } },
    });
    expect(templateOf(merged).spec.containers).toHaveLength(2);
    expect(templateOf(merged).spec.containers[0]?.env).toContainEqual({ name: "THREE", value: "3" });
    expect(templateOf(merged).spec.containers[0]?.env).toContainEqual({ name: "ONE", value: "uno" });
    const deleted = await patch({
      template: { spec: { containers: [{ name: "app", env: [{ name: "ONE", $patch: "delete" }] }] } },
    });
    expect(templateOf(deleted).spec.containers[0]?.env?.map((each) => (each as { name: string }).name)).toEqual(
      expect.not.arrayContaining(["ONE"]),
    );
    const retained = await patch({ strategy: { $retainKeys: ["type"], type: "Recreate" } });
    expect(retained["spec"]).toMatchObject({ strategy: { type: "Recreate" } });
    expect(retained["spec"]).not.toHaveProperty("strategy.rollingUpdate");
    const ordered = await patch({
      template: {
        spec: {
          "$setElementOrder/containers": [{ name: "logger" }, { name: "app" }],
          containers: [{ name: "logger", tty: true }],
        },
      },
    });
    expect(templateOf(ordered).spec.containers.map((each) => (each as { name?: string }).name)).toEqual([
      "logger",
      "app",
    ]);
    expect(JSON.stringify(ordered["spec"])).not.toContain("$");
  });

  test("run makes a pod", async () => {
    const args = [
      "--image=registry.example/app:1",
      "--restart=Never",
      "--labels=app=runner",
      "--env=A=1",
      "--port=8080",
    ];
    expect(await stage.ok("run", "runner", ...args, "--dry-run=server")).toBe("pod/runner created (server dry run)\n");
    expect(await stage.ok("run", "runner", ...args, "--command", "--", "/app", "serve")).toBe("pod/runner created\n");
    expect(await stage.json("get", "pod", "runner")).toMatchObject({
      metadata: { labels: { app: "runner" } },
      spec: {
        restartPolicy: "Never",
        containers: [
          {
            name: "runner",
            image: "registry.example/app:1",
            command: ["/app", "serve"],
            env: [{ name: "A", value: "1" }],
            ports: [{ containerPort: 8080 }],
          },
        ],
      },
      status: { qosClass: "BestEffort" },
    });
    expect(await stage.ok("run", "exposed", "--image=registry.example/app:1", "--port=80", "--expose")).toBe(
      "service/exposed created\npod/exposed created\n",
    );
  });

  test("wait sees a condition that comes later, and one that does not", async () => {
    const condition = { type: "Available", status: "True", reason: "Tested", message: "by conformance" };
    const waiting = [
      "wait",
      "--for=condition=conformance.example/Ready",
      "deployment/full",
      "-n",
      stage.namespace,
      "--timeout=30s",
    ];
    await using waited = stage.kubectl.start(waiting);
    const body = { status: { conditions: [{ ...condition, type: "conformance.example/Ready" }] } };
    await stage.ok("patch", "deployment", "full", "--subresource=status", "--type=merge", "-p", JSON.stringify(body));
    expect(await waited.until((text) => text !== "")).toBe("deployment.apps/full condition met\n");
    expect(await stage.refused("wait", "--for=condition=Never", "deployment/full", "--timeout=1s")).toContain(
      "timed out waiting for the condition on deployments/full",
    );
  });

  const generationOf = ({ metadata }: Manifest): number => (metadata as { generation?: number }).generation ?? 0;
});

describe.each(minors)("kubectl 1.%i changes nodes", (minor) => {
  let stage: Stage;
  let node: string;

  beforeAll(async () => {
    stage = await openStage(minor, "nodes");
    node = `conformance-node-${stage.run}`;
    const manifest = { apiVersion: "v1", kind: "Node", metadata: { name: node } };
    await stage.kubectl.ok(["create", "-f", "-"], { stdin: JSON.stringify(manifest) });
  });
  afterAll(async () => {
    await stage.ok("delete", "node", node);
    await stage[Symbol.asyncDispose]();
  });

  /** Without those that admission and controllers set. */
  const taints = async (): Promise<unknown> =>
    (((await stage.json("get", "node", node))["spec"] as { taints?: { key: string }[] }).taints ?? []).filter(
      ({ key }) => !key.startsWith("node.kubernetes.io/"),
    );

  test("taint", async () => {
    expect(await stage.ok("taint", "node", node, "dedicated=tests:NoSchedule", "other:NoExecute")).toBe(
      `node/${node} tainted\n`,
    );
    expect(await stage.refused("taint", "node", node, "dedicated=else:NoSchedule")).toContain(
      "already has dedicated taint(s) with same effect(s)",
    );
    expect(await stage.ok("taint", "node", node, "dedicated=else:NoSchedule", "--overwrite")).toBe(
      `node/${node} modified\n`,
    );
    expect(await taints()).toEqual(
      expect.arrayContaining([expect.objectContaining({ key: "dedicated", value: "else", effect: "NoSchedule" })]),
    );
    expect(await stage.ok("taint", "node", node, "dedicated:NoSchedule-", "other-")).toBe(`node/${node} untainted\n`);
    expect(await taints()).toEqual([]);
  });

  test("cordon and uncordon", async () => {
    const state = async (): Promise<string | undefined> =>
      tableLines(await stage.ok("get", "node", node))[1]?.split(" | ")[1];
    expect(await stage.ok("cordon", node)).toBe(`node/${node} cordoned\n`);
    expect(await stage.ok("cordon", node)).toBe(`node/${node} already cordoned\n`);
    expect(await state()).toMatch(/,SchedulingDisabled$/);
    expect(await stage.ok("uncordon", node)).toBe(`node/${node} uncordoned\n`);
    expect(await state()).not.toContain("SchedulingDisabled");
  });
});
