import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCluster, type TestCluster } from "../../cluster/testing.ts";
import { createKubectl, type Kubectl } from "../kubectl/kubectl.ts";
import { tableLines } from "../kubectl/table-text.ts";
import { isOwnCluster } from "../target.ts";
import { ending, image, workload } from "./objects.ts";

/**
 * Stories of minutes and hours, in simulated time; so there is no other cluster they could be told of, nor any ages
 * worth looking at.
 */
describe.runIf(isOwnCluster)("as time passes", () => {
  let cluster: TestCluster;
  let kubectl: Kubectl;
  beforeAll(async () => {
    cluster = await createCluster({ nodes: 3, clock: "simulated" });
    kubectl = await createKubectl(36, cluster.kubeconfig);
    // The kubelets and everybody else have told all they had to.
    await cluster.advance("10s");
  });
  afterAll(async () => {
    await kubectl[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
  });

  const ok = (...args: readonly string[]): Promise<string> => kubectl.ok(args);
  const rows = async (...args: readonly string[]): Promise<readonly string[]> =>
    tableLines(await ok("get", ...args, "--no-headers"));
  const value = (object: string, path: string): Promise<string> => ok("get", object, "-o", `jsonpath={${path}}`);
  const create = (object: object): Promise<string> =>
    kubectl.ok(["create", "-f", "-"], { stdin: JSON.stringify(object) });

  test("a cron job makes a job each time, and keeps the last three", async () => {
    await create({
      ...{ apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "tick" } },
      spec: { schedule: "*/10 * * * *", jobTemplate: { spec: { template: ending(0) } } },
    });
    await cluster.advance("10m");
    expect((await rows("jobs"))[0]).toMatch(/^tick-\d+ \| Complete \| 1\/1 \|/);
    expect(await value("cronjob/tick", ".status.lastScheduleTime")).toBe("2026-01-01T00:10:00Z");
    await cluster.advance("6h");
    expect(await rows("jobs")).toHaveLength(3);
    expect(await rows("pods", "--field-selector=status.phase=Succeeded")).toHaveLength(3);
    expect((await rows("cronjob", "tick"))[0]).toMatch(/^tick \| \*\/10 \* \* \* \* \| <none> \| False \| 0 \|/);
    const description = await ok("describe", "cronjob", "tick");
    expect(description).toContain(
      "Last Schedule Time:  Thu, 01 Jan 2026 06:10:00 +0000\nActive Jobs:         <none>\n",
    );
    expect(description).toMatch(
      /Normal +SuccessfulCreate .* cronjob-controller +(?:\(combined from similar events\): )?Created job tick-\d+/,
    );
  });

  test("a cron job that is suspended rests, but a job can be made from it", async () => {
    await ok("patch", "cronjob", "tick", "-p", '{"spec":{"suspend":true}}');
    const before = await ok("get", "jobs", "-o", "name");
    await cluster.advance("1h");
    expect(await ok("get", "jobs", "-o", "name")).toBe(before);
    expect((await rows("cronjob", "tick"))[0]).toMatch(/\| True \| 0 \|/);
    expect(await ok("create", "job", "by-hand", "--from=cronjob/tick")).toBe("job.batch/by-hand created\n");
    await cluster.advance("5s");
    expect((await rows("job", "by-hand"))[0]).toMatch(/^by-hand \| Complete \| 1\/1 \|/);
    expect(await value("job/by-hand", ".metadata.annotations.cronjob\\.kubernetes\\.io/instantiate")).toBe("manual");
    await ok("delete", "cronjob", "tick");
    await cluster.settled();
    expect(await rows("jobs,pods")).toEqual([]);
  });

  test("an autoscaler follows the load", async () => {
    const load = (cpu: string): object => ({
      annotations: { "simulated.wherry.dev/cpu": cpu },
      container: { resources: { requests: { cpu: "100m", memory: "64Mi" } } },
    });
    await create(workload("Deployment", "busy", { replicas: 1 }, load("200m")));
    expect(await ok("autoscale", "deployment", "busy", "--min=1", "--max=4", "--cpu=50%")).toBe(
      "horizontalpodautoscaler.autoscaling/busy autoscaled\n",
    );
    await cluster.advance("5m");
    expect((await rows("hpa", "busy"))[0]).toMatch(/^busy \| Deployment\/busy \| cpu: \d{3}%\/50% \| 1 \| 4 \| 4 \|/);
    expect(await value("deployment/busy", ".status.readyReplicas")).toBe("4");
    const description = await ok("describe", "hpa", "busy");
    expect(description).toMatch(/^ {2}AbleToScale +True +\S+ /m);
    expect(description).toMatch(
      /^ {2}ScalingActive +True +ValidMetricFound +the HPA was able to successfully calculate a replica count from cpu resource utilization \(percentage of request\)$/m,
    );
    expect(description).toMatch(
      /^ {2}ScalingLimited +True +TooManyReplicas +the desired replica count is more than the maximum replica count$/m,
    );
    expect(description).toMatch(
      /Normal +SuccessfulRescale .* horizontal-pod-autoscaler +New size: 4; reason: cpu resource utilization \(percentage of request\) above target/,
    );
    await ok(
      "patch",
      "deployment",
      "busy",
      "-p",
      '{"spec":{"template":{"metadata":{"annotations":{"simulated.wherry.dev/cpu":"10m"}}}}}',
    );
    await cluster.advance("15m");
    expect(await value("deployment/busy", ".status.readyReplicas")).toBe("1");
    await ok("delete", "hpa,deployment", "busy");
  });

  test("a node that is gone loses its pods to the others", async () => {
    await create(workload("Deployment", "web", { replicas: 3 }));
    await cluster.settled();
    await ok("delete", "node", "node-2");
    // Nobody looks for such pods more often than that, where time is simulated.
    await cluster.advance("1h");
    const nodes = (await ok("get", "pods", "-o", "jsonpath={.items[*].spec.nodeName}")).split(" ");
    expect(nodes).toHaveLength(3);
    expect(nodes).not.toContain("node-2");
    expect(await value("deployment/web", ".status.readyReplicas")).toBe("3");
    await ok("delete", "deployment", "web");
  });

  test("a pod that crashes is started again, later each time", async () => {
    await create({
      ...{ apiVersion: "v1", kind: "Pod" },
      metadata: {
        name: "crashing",
        annotations: { "simulated.wherry.dev/exit-after": "1s", "simulated.wherry.dev/exit-code": "1" },
      },
      spec: { containers: [{ name: "app", image }] },
    });
    await cluster.advance("2s");
    expect((await rows("pod", "crashing"))[0]).toMatch(/^crashing \| 0\/1 \| (?:Error|CrashLoopBackOff) \| [01] /);
    await cluster.advance("5m");
    expect((await rows("pod", "crashing"))[0]).toMatch(/^crashing \| 0\/1 \| CrashLoopBackOff \| 5 /);
    const description = await ok("describe", "pod", "crashing");
    expect(description).toMatch(
      /State: +Waiting\n +Reason: +CrashLoopBackOff\n +Last State: +Terminated\n +Reason: +Error\n +Exit Code: +1\n/,
    );
    expect(description).toMatch(
      /Warning +BackOff .* kubelet +spec\.containers\{app\}: Back-off restarting failed container app in pod crashing_default\(/,
    );
    await ok("delete", "pod", "crashing");
  });
});
