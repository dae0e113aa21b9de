import { describe, expect, it } from "vitest";
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  MetricSpec,
} from "../../api/generated/types/autoscaling-v2.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { formatTime } from "../../api/machinery/time.ts";
import { deployments, horizontalPodAutoscalers, pods } from "../../client/resource-types.ts";
import { deploymentController } from "../deployment/deployment-controller.ts";
import { failingAt } from "../failing-at.testing.ts";
import { playKubelet } from "../pods/run-pods.testing.ts";
import { toldEvents } from "../pods/told-events.testing.ts";
import { replicaSetController } from "../replicaset/replica-set-controller.ts";
import { stage, type Stage } from "../stage.testing.ts";
import { horizontalPodAutoscalerController } from "./horizontal-pod-autoscaler-controller.ts";
import { playMetricsServer, podMetrics } from "./metrics-server.testing.ts";

const namespace = "default";
const name = { namespace, name: "web" };
const cpu: MetricSpec = {
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } },
};

interface Set extends AsyncDisposable {
  readonly play: Stage;
  readonly events: readonly string[];
  readonly server: ReturnType<typeof playMetricsServer>;
  /** Every pod uses so much from now on. */
  use(resources: Record<string, string>): void;
}

/** A Deployment of so many pods, each of which requests 100m and 128Mi. */
async function begin(replicas: number, through?: Parameters<typeof stage>[1]): Promise<Set> {
  const told = toldEvents(horizontalPodAutoscalerController);
  const server = playMetricsServer();
  const play = await stage([told.controller, deploymentController, replicaSetController, playKubelet()], {
    through: (transport) => server.through(through?.through?.(transport) ?? transport),
  });
  const labels = { app: "web" };
  const requests = { cpu: "100m", memory: "128Mi" };
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: "web", image: "nginx", resources: { requests } }] },
  };
  await play.client.create(deployments, {
    metadata: { ...name },
    spec: { replicas, selector: { matchLabels: labels }, template },
  });
  // Beyond the time in which CPU says little.
  await play.clock.advance(600_000);
  const use = (resources: Record<string, string>): void => {
    server.answers.set("metrics.k8s.io/v1beta1/namespaces/default/pods", async () => {
      const running = await play.client.list(pods, { namespace });
      const usage = Object.fromEntries(running.map(({ metadata }) => [metadata?.name ?? "", resources]));
      return podMetrics(usage, formatTime(play.clock.now()));
    });
  };
  return { play, events: told.events, server, use, [Symbol.asyncDispose]: () => play[Symbol.asyncDispose]() };
}

function autoscaler(spec: Partial<HorizontalPodAutoscalerSpec> = {}): HorizontalPodAutoscaler {
  const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
  return { metadata: { ...name }, spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 10, metrics: [cpu], ...spec } };
}

const get = ({ client }: Stage): Promise<DeepReadonly<HorizontalPodAutoscaler>> =>
  client.get(horizontalPodAutoscalers, name);
const sizeOf = async ({ client }: Stage): Promise<number | undefined> =>
  (await client.get(deployments, name)).spec?.replicas;

async function conditionsOf(play: Stage): Promise<string[]> {
  const { status } = await get(play);
  return (status?.conditions ?? []).map(({ type, status: is, reason }) => `${type} ${is} ${reason}`);
}

describe("an autoscaler", () => {
  it("makes more pods when they use much, at once, and fewer when they have used little for five minutes", async () => {
    await using set = await begin(2);
    const { play, events, use } = set;
    use({ cpu: "90m" });
    await play.client.create(horizontalPodAutoscalers, autoscaler());
    await play.clock.advance(14_000);
    expect((await get(play)).status?.conditions).toBeUndefined();
    await play.clock.advance(2_000);
    expect(await sizeOf(play)).toBe(4);
    expect(events).toContain(
      "Normal SuccessfulRescale New size: 4; reason: cpu resource utilization (percentage of request) above target",
    );
    const { status } = await get(play);
    expect(status).toMatchObject({
      currentReplicas: 2,
      desiredReplicas: 4,
      currentMetrics: [
        { type: "Resource", resource: { name: "cpu", current: { averageUtilization: 90, averageValue: "90m" } } },
      ],
    });
    expect(status?.lastScaleTime).toBeDefined();
    expect(await conditionsOf(play)).toEqual([
      "AbleToScale True SucceededRescale",
      "ScalingActive True ValidMetricFound",
      "ScalingLimited False DesiredWithinRange",
    ]);
    use({ cpu: "10m" });
    await play.clock.advance(60_000);
    expect(await sizeOf(play)).toBe(4);
    expect((await conditionsOf(play))[0]).toBe("AbleToScale True ScaleDownStabilized");
    await play.clock.advance(400_000);
    expect(await sizeOf(play)).toBe(1);
    expect(events.at(-1)).toBe("Normal SuccessfulRescale New size: 1; reason: All metrics below target");
    await play.clock.advance(120_000);
    const rested = (await get(play)).metadata?.resourceVersion;
    await play.clock.advance(120_000);
    expect((await get(play)).metadata?.resourceVersion).toBe(rested);
  });

  it("keeps to its bounds, also where there are no metrics", async () => {
    await using set = await begin(2);
    const { play, events } = set;
    await play.client.create(horizontalPodAutoscalers, autoscaler({ minReplicas: 3 }));
    await play.clock.advance(16_000);
    expect(await sizeOf(play)).toBe(3);
    expect(events).toEqual([
      "Normal SuccessfulRescale New size: 3; reason: Current number of replicas below Spec.MinReplicas",
    ]);
    await play.client.patch(deployments, name, { spec: { replicas: 20 } });
    await play.clock.advance(16_000);
    expect(await sizeOf(play)).toBe(10);
    await play.clock.advance(16_000);
    const why =
      "failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)";
    expect(events.slice(-2)).toEqual([
      `Warning FailedGetResourceMetric ${why}`,
      `Warning FailedComputeMetricsReplicas invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: ${why}`,
    ]);
    const active = (await get(play)).status?.conditions?.find(({ type }) => type === "ScalingActive");
    expect(active).toMatchObject({
      status: "False",
      reason: "FailedGetResourceMetric",
      message: `the HPA was unable to compute the replica count: ${why}`,
    });
  });

  it("leaves what was scaled to nothing alone", async () => {
    await using set = await begin(0);
    const { play, use } = set;
    use({ cpu: "90m" });
    await play.client.create(horizontalPodAutoscalers, autoscaler());
    await play.clock.advance(31_000);
    expect(await sizeOf(play)).toBe(0);
    expect(await conditionsOf(play)).toEqual([
      "AbleToScale True SucceededGetScale",
      "ScalingActive False ScalingDisabled",
    ]);
  });

  it("takes the most that any metric calls for; where one fails, no fewer than there are", async () => {
    await using set = await begin(2);
    const { play, use, events } = set;
    const memory: MetricSpec = {
      type: "Resource",
      resource: { name: "memory", target: { type: "AverageValue", averageValue: "64Mi" } },
    };
    const container: MetricSpec = {
      type: "ContainerResource",
      containerResource: { name: "cpu", container: "none", target: { type: "Utilization", averageUtilization: 50 } },
    };
    use({ cpu: "10m", memory: "96Mi" });
    await play.client.create(horizontalPodAutoscalers, autoscaler({ metrics: [cpu, memory] }));
    await play.clock.advance(16_000);
    expect(await sizeOf(play)).toBe(3);
    expect((await get(play)).status?.currentMetrics?.[1]?.resource?.current).toEqual({ averageValue: "96Mi" });
    await play.client.patch(horizontalPodAutoscalers, name, { spec: { metrics: [cpu, container] } });
    await play.clock.advance(600_000);
    expect(await sizeOf(play)).toBe(3);
    expect(events.at(-2)).toMatch(/^Warning FailedGetContainerResourceMetric failed to get cpu utilization: /);
    use({ cpu: "200m" });
    await play.clock.advance(16_000);
    expect(await sizeOf(play)).toBe(6);
  });

  it("asks for metrics of pods, of objects and from outside", async () => {
    await using set = await begin(2);
    const { play, server, events } = set;
    const value = (name: string, amount: string): object => ({
      describedObject: { name },
      timestamp: formatTime(play.clock.now()),
      value: amount,
    });
    const running = await play.client.list(pods, { namespace });
    server.answers.set("custom.metrics.k8s.io", {
      kind: "APIGroup",
      preferredVersion: { version: "v1beta2" },
      versions: [{ version: "v1beta2" }],
    });
    server.answers.set("custom.metrics.k8s.io/v1beta2/namespaces/default/pods/*/qps", {
      items: running.map(({ metadata }) => value(metadata?.name ?? "", "30")),
    });
    server.answers.set("custom.metrics.k8s.io/v1beta2/namespaces/default/deployments.apps/web/load", {
      items: [value("web", "2500m")],
    });
    server.answers.set("custom.metrics.k8s.io/v1beta2/namespaces/default/metrics/queued", {
      items: [value("default", "3")],
    });
    server.answers.set("external.metrics.k8s.io/v1beta1/namespaces/default/jobs", {
      items: [{ value: "7" }, { value: "5" }],
    });
    const metrics: MetricSpec[] = [
      { type: "Pods", pods: { metric: { name: "qps" }, target: { type: "AverageValue", averageValue: "20" } } },
      {
        type: "Object",
        object: {
          metric: { name: "load" },
          describedObject: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
          target: { type: "Value", value: "1" },
        },
      },
      {
        type: "Object",
        object: {
          metric: { name: "queued" },
          describedObject: { apiVersion: "v1", kind: "Namespace", name: "default" },
          target: { type: "AverageValue", averageValue: "1" },
        },
      },
      {
        type: "External",
        external: {
          metric: { name: "jobs", selector: { matchLabels: { queue: "a" } } },
          target: { type: "AverageValue", averageValue: "3" },
        },
      },
    ];
    await play.client.create(horizontalPodAutoscalers, autoscaler({ metrics, maxReplicas: 50 }));
    await play.clock.advance(16_000);
    expect(server.asked.filter((path) => path.includes("namespaces"))).toEqual([
      "custom.metrics.k8s.io/v1beta2/namespaces/default/pods/*/qps?labelSelector=app=web",
      "custom.metrics.k8s.io/v1beta2/namespaces/default/deployments.apps/web/load",
      "custom.metrics.k8s.io/v1beta2/namespaces/default/metrics/queued",
      "external.metrics.k8s.io/v1beta1/namespaces/default/jobs?labelSelector=queue=a",
    ]);
    expect(
      (await get(play)).status?.currentMetrics?.map(
        ({ pods: ofPods, object, external }) => (ofPods ?? object ?? external)?.current,
      ),
    ).toEqual([{ averageValue: "30" }, { value: "2500m" }, { averageValue: "1500m" }, { averageValue: "6" }]);
    // 2500m of 1 calls for 5 of 2.
    expect(await sizeOf(play)).toBe(4);
    expect((await conditionsOf(play)).at(-1)).toBe("ScalingLimited True ScaleUpLimit");
    expect(events.at(-1)).toBe("Normal SuccessfulRescale New size: 4; reason: Deployment metric load above target");
  });

  it("says which of the metrics APIs is not there", async () => {
    await using set = await begin(1);
    const { play, events } = set;
    const metrics: MetricSpec[] = [
      { type: "Pods", pods: { metric: { name: "qps" }, target: { type: "AverageValue", averageValue: "20" } } },
      { type: "External", external: { metric: { name: "jobs" }, target: { type: "Value", value: "3" } } },
    ];
    await play.client.create(horizontalPodAutoscalers, autoscaler({ metrics }));
    await play.clock.advance(16_000);
    expect(events).toEqual([
      "Warning FailedGetPodsMetric unable to get metric qps: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered",
      "Warning FailedGetExternalMetric unable to get external metric default/jobs/nil: unable to fetch metrics from external metrics API: the server could not find the requested resource (get jobs.external.metrics.k8s.io)",
      expect.stringMatching(
        /^Warning FailedComputeMetricsReplicas invalid metrics \(2 invalid out of 2\), first error is: failed to get pods metric value: /,
      ),
    ]);
  });

  it("says what it cannot scale, and tries again", async () => {
    await using set = await begin(2);
    const { play, events, use } = set;
    use({ cpu: "90m" });
    const scaleTargetRef = { apiVersion: "example.com/v1", kind: "Fleet", name: "web" };
    await play.client.create(horizontalPodAutoscalers, autoscaler({ scaleTargetRef }));
    await play.clock.advance(16_000);
    expect(events).toEqual(['Warning FailedGetScale no matches for kind "Fleet" in group "example.com"']);
    expect(await conditionsOf(play)).toEqual(["AbleToScale False FailedGetScale"]);
    await play.client.patch(horizontalPodAutoscalers, name, {
      spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "none" } },
    });
    await play.clock.advance(16_000);
    expect(events.at(-1)).toBe('Warning FailedGetScale deployments.apps "none" not found');
    await play.client.patch(horizontalPodAutoscalers, name, { spec: { scaleTargetRef: { name: "web" } } });
    await play.clock.advance(16_000);
    expect(await sizeOf(play)).toBe(4);
  });

  it("tells when the new size is refused", async () => {
    const through: NonNullable<Parameters<typeof stage>[1]> = {
      through: (transport) => (request) => {
        if (request.method === "PUT" && request.url.endsWith("/scale")) throw new ApiError("Forbidden", "no");
        return transport(request);
      },
    };
    await using set = await begin(2, through);
    const { play, events, use } = set;
    use({ cpu: "90m" });
    await play.client.create(horizontalPodAutoscalers, autoscaler());
    await play.clock.advance(16_000);
    expect(events).toEqual([
      "Warning FailedRescale New size: 4; reason: cpu resource utilization (percentage of request) above target; error: no",
    ]);
    expect((await conditionsOf(play))[0]).toBe("AbleToScale False FailedUpdateScale");
    expect((await get(play)).status).toMatchObject({ currentReplicas: 2, desiredReplicas: 0 });
  });

  it("does not pull at pods that another one pulls at", async () => {
    await using set = await begin(2);
    const { play, events, use } = set;
    use({ cpu: "50m" });
    for (const one of ["web", "other"])
      await play.client.create(horizontalPodAutoscalers, { ...autoscaler(), metadata: { namespace, name: one } });
    await play.clock.advance(31_000);
    const message = "pods by selector app=web are controlled by multiple HPAs: [default/other default/web]";
    expect(events).toContain(`Warning AmbiguousSelector ${message}`);
    expect((await conditionsOf(play)).at(1)).toBe("ScalingActive False AmbiguousSelector");
    await play.client.delete(horizontalPodAutoscalers, { namespace, name: "other" });
    await play.clock.advance(31_000);
    expect((await conditionsOf(play)).at(1)).toBe("ScalingActive True ValidMetricFound");
  });

  it.each(["unsent", "unanswered"] as const)(
    "makes good what a write that was %s has left undone",
    async (how) => {
      for (const at of [0, 1, 2]) {
        const failing = failingAt(how);
        await using set = await begin(2, failing);
        const { play, use } = set;
        use({ cpu: "90m" });
        await play.client.create(horizontalPodAutoscalers, autoscaler({ maxReplicas: 4 }));
        failing.arm(namespace, at);
        await play.clock.advance(16_000);
        await play.restart();
        await play.clock.advance(31_000);
        expect(failing.failures).toBe(1);
        expect(await sizeOf(play)).toBe(4);
        expect((await get(play)).status).toMatchObject({ currentReplicas: 4, desiredReplicas: 4 });
      }
    },
    30_000,
  );
});
