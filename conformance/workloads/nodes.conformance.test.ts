import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { isOwnCluster } from "../target.ts";
import { pod, workload } from "./objects.ts";
import { openWorkplace, type Workplace } from "./workplace.ts";

/** What an administrator does to nodes; somebody's cluster is spared it. */
describe.runIf(isOwnCluster)("nodes", () => {
  let stage: Workplace;
  beforeAll(async () => {
    stage = await openWorkplace("nodes");
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  const web = async (replicas: number, spec: object = {}): Promise<void> => {
    await stage.create(workload("Deployment", "web", { replicas, ...spec }));
    await stage.ok("rollout", "status", "deployment/web", "--timeout=35s");
  };
  const nodesOf = async (selector: string): Promise<readonly string[]> =>
    (await stage.ok("get", "pods", "-l", selector, "-o", "jsonpath={.items[*].spec.nodeName}")).split(" ");
  const drain = (...args: readonly string[]): Promise<string> => stage.kubectl.ok(["drain", "--timeout=35s", ...args]);
  const gone = (...args: readonly string[]): Promise<string> =>
    stage.ok("wait", "--for=delete", ...args, "--timeout=35s");

  test("tell what they are, how they feel and what they hold", async () => {
    await stage.create(
      pod("busy", {
        container: { resources: { requests: { cpu: "2", memory: "1Gi" }, limits: { cpu: "4", memory: "2Gi" } } },
        spec: { nodeName: "node-1" },
      }),
    );
    expect(await stage.rows("nodes")).toEqual(
      [0, 1, 2].map((index) =>
        expect.stringMatching(new RegExp(String.raw`^node-${index} \| Ready \| <none> \| \S+ \| v1\.36\.`)),
      ),
    );
    const description = await stage.ok("describe", "node", "node-1");
    for (const line of [
      /^Taints: +<none>$/m,
      /^Unschedulable: +false$/m,
      /^ {2}MemoryPressure +False .* KubeletHasSufficientMemory +kubelet has sufficient memory available$/m,
      /^ {2}Ready +True .* KubeletReady +kubelet is posting ready status$/m,
      /^PodCIDR: +10\.244\.\d\.0\/24$/m,
      /^ {2}HolderIdentity: +node-1$/m,
      /^Non-terminated Pods: +\(1 in total\)$/m,
      /^ {2}conformance-nodes-\S+ +busy +2 \(12%\) +4 \(25%\) +1Gi \(1%\) +2Gi \(3%\) +\S+$/m,
      /^ {2}cpu +2 \(12%\) +4 \(25%\)$/m,
      /^ {2}memory +1Gi \(1%\) +2Gi \(3%\)$/m,
    ])
      expect(description).toMatch(line);
    await stage.untilEvent("node/node-1", "Registered Node node-1 in Controller");
    expect((await stage.events("node/node-1")).map((line) => line.split(" | ").slice(1, 3).join(" "))).toEqual(
      expect.arrayContaining(["Starting kubelet", "NodeReady kubelet", "RegisteredNode node-controller"]),
    );
    await stage.ok("delete", "pod", "busy");
  });

  test("that are cordoned take no new pods", async () => {
    expect(await stage.ok("cordon", "node-0", "node-1")).toBe("node/node-0 cordoned\nnode/node-1 cordoned\n");
    expect((await stage.rows("node", "node-0"))[0]).toMatch(/^node-0 \| Ready,SchedulingDisabled \|/);
    expect(await stage.ok("describe", "node", "node-0")).toMatch(
      /^Taints: +node\.kubernetes\.io\/unschedulable:NoSchedule\nUnschedulable: +true$/m,
    );
    await web(3);
    expect(new Set(await nodesOf("app=web"))).toEqual(new Set(["node-2"]));
    expect(await stage.ok("uncordon", "node-0", "node-1")).toBe("node/node-0 uncordoned\nnode/node-1 uncordoned\n");
    await stage.ok("rollout", "restart", "deployment/web");
    await stage.ok("rollout", "status", "deployment/web", "--timeout=35s");
    await stage.until("deployment/web", ".status.terminatingReplicas", 0);
    expect(new Set(await nodesOf("app=web"))).toEqual(new Set(["node-0", "node-1", "node-2"]));
  });

  describe("that are drained", () => {
    afterEach(async () => {
      await stage.ok("uncordon", "node-0", "node-1", "node-2");
      await stage.ok("delete", "daemonset", "--all", "--cascade=foreground");
    });

    test("lose their pods to others", async () => {
      const out = await drain("node-0");
      expect(out).toMatch(/^node\/node-0 cordoned\n(?:evicting pod .*\n)?/);
      expect(out).toMatch(/pod\/web-\S+ evicted\nnode\/node-0 drained\n$/);
      await stage.ok("rollout", "status", "deployment/web", "--timeout=35s");
      expect(await nodesOf("app=web")).not.toContain("node-0");
    });

    test("keep what a daemon set has there, when that is said", async () => {
      await stage.create(workload("DaemonSet", "agent", {}));
      await stage.ok("rollout", "status", "daemonset/agent", "--timeout=35s");
      const { stderr } = await stage.kubectl.exits(1, ["drain", "node-1"]);
      expect(stderr).toContain(
        `cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): ${stage.namespace}/agent-`,
      );
      await drain("node-1", "--ignore-daemonsets");
      expect(await nodesOf("app=agent")).toContain("node-1");
    });

    test("lose what nobody will make again by force only, and what has local data when that is said", async () => {
      await stage.create(pod("alone", { spec: { nodeName: "node-1" } }));
      await stage.create(pod("local", { spec: { nodeName: "node-1", volumes: [{ name: "scratch", emptyDir: {} }] } }));
      await stage.untilIs("pod/alone", "Ready");
      const { stderr } = await stage.kubectl.exits(1, ["drain", "node-1"]);
      expect(stderr).toContain("cannot delete Pods that declare no controller (use --force to override)");
      expect(stderr).toContain("cannot delete Pods with local storage (use --delete-emptydir-data to override)");
      await drain("node-1", "--force", "--delete-emptydir-data");
      await gone("pod/alone", "pod/local");
    });

    test("wait for what a disruption budget protects", async () => {
      await stage.ok("scale", "deployment", "web", "--replicas=2");
      await stage.until("deployment/web", ".status.availableReplicas", 2);
      await stage.ok("create", "poddisruptionbudget", "web", "--selector=app=web", "--min-available=2");
      await stage.until("pdb/web", ".status.currentHealthy", 2);
      expect(await stage.rows("pdb", "web")).toEqual([expect.stringMatching(/^web \| 2 \| N\/A \| 0 \| \S+$/)]);
      const [node = ""] = await nodesOf("app=web");
      const { stderr } = await stage.kubectl.exits(1, ["drain", node, "--timeout=2s"]);
      expect(stderr).toMatch(
        /error when evicting pods\/"web-\S+" -n "\S+" \(will retry after 5s\): Cannot evict pod as it would violate the pod's disruption budget\./,
      );
      expect(stderr).toContain("global timeout reached: 2s");
      await stage.ok("scale", "deployment", "web", "--replicas=3");
      await stage.until("pdb/web", ".status.disruptionsAllowed", 1);
      await drain(node);
      await stage.ok("delete", "pdb", "web");
    });
  });

  describe("that are tainted", () => {
    beforeEach(() => stage.ok("delete", "deployment", "--all", "--cascade=foreground"));
    // Some have none.
    afterEach(() => stage.kubectl.run(["taint", "nodes", "--all", "dedicated-"]));

    test("take only who tolerates that", async () => {
      expect(await stage.ok("taint", "nodes", "node-0", "node-1", "dedicated=db:NoSchedule")).toBe(
        "node/node-0 tainted\nnode/node-1 tainted\n",
      );
      await stage.create(
        workload("Deployment", "web", { replicas: 2 }),
        workload(
          "Deployment",
          "db",
          { replicas: 2 },
          {
            spec: {
              tolerations: [{ key: "dedicated", value: "db" }],
              nodeSelector: { "kubernetes.io/hostname": "node-0" },
            },
          },
        ),
      );
      for (const name of ["web", "db"]) await stage.ok("rollout", "status", `deployment/${name}`, "--timeout=35s");
      expect(await nodesOf("app=web")).toEqual(["node-2", "node-2"]);
      expect(await nodesOf("app=db")).toEqual(["node-0", "node-0"]);
    });

    test("NoExecute lose who does not, and who does for so long only after that", async () => {
      const tolerating = (seconds?: number): object => ({
        nodeName: "node-1",
        tolerations: [
          {
            key: "dedicated",
            operator: "Exists",
            effect: "NoExecute",
            ...(seconds !== undefined && { tolerationSeconds: seconds }),
          },
        ],
      });
      await stage.create(
        pod("never", { spec: { nodeName: "node-1" } }),
        pod("shortly", { spec: tolerating(3) }),
        pod("always", { spec: tolerating() }),
      );
      await stage.ok("wait", "pods", "--all", "--for=condition=Ready", "--timeout=35s");
      await stage.ok("taint", "node", "node-1", "dedicated=db:NoExecute");
      await gone("pod/never");
      expect(await stage.ok("get", "pods", "-o", "name")).toBe("pod/always\npod/shortly\n");
      await gone("pod/shortly");
      const told = await stage.ok(
        "get",
        "events",
        "--field-selector=reason=TaintManagerEviction",
        "-o",
        "jsonpath={.items[*].message}",
      );
      expect(told).toContain(`Marking for deletion Pod ${stage.namespace}/never`);
      expect(told).toContain(`Marking for deletion Pod ${stage.namespace}/shortly`);
      await stage.ok("delete", "pod", "always");
    });
  });

  test("that are deleted are forgotten", async () => {
    expect(await stage.ok("delete", "node", "node-2")).toBe('node "node-2" deleted\n');
    await web(2);
    expect(await nodesOf("app=web")).not.toContain("node-2");
    await stage.kubectl.ok(["wait", "--for=delete", "lease/node-2", "-n", "kube-node-lease", "--timeout=35s"]);
  });
});
