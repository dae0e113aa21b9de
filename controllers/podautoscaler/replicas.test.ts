import { describe, expect, it } from "vitest";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import { groupPods, type PodMetric } from "./pod-metrics.ts";
import { requestsOf } from "./pod-requests.ts";
import { byAverage, byShare, byUtilization, byValue, type Tolerances } from "./replicas.ts";

const now = Date.UTC(2026, 0, 2);
const tolerances: Tolerances = { up: 0.1, down: 0.1 };
const settling = { cpuInitializationMs: 120_000, initialReadinessDelayMs: 10_000 };

/** By pod, a letter each. r: ready, u: not ready, h: started this moment, w: that and not ready, p: pending, f: failed, d: being deleted. */
type Pods = string;

function podsOf(pods: Pods, requests: readonly string[]): Pod[] {
  return Array.from(pods).map((kind, at) => {
    const start = new Date("hw".includes(kind) ? now : now - 180_000).toISOString();
    const status = "uwpfd".includes(kind) ? "False" : "True";
    const request = requests[at];
    const container = (name: string): NonNullable<Pod["spec"]>["containers"][number] => ({
      name,
      resources: { requests: request === undefined ? {} : { cpu: request } },
    });
    return {
      metadata: { name: `p${at}`, ...(kind === "d" ? { deletionTimestamp: start } : {}) },
      spec: { containers: [container("one"), container("two")] },
      status: {
        phase: kind === "p" ? "Pending" : kind === "f" ? "Failed" : "Running",
        startTime: start,
        conditions: [{ type: "Ready", status, lastTransitionTime: start }],
      },
    };
  });
}

function metricsOf(levels: readonly number[], times = 1): Map<string, PodMetric> {
  return new Map(
    levels.map((level, at) => [`p${at}`, { value: BigInt(level * times), timestamp: now, windowMs: 60_000 }]),
  );
}

const ones = (count: number): string[] => Array.from({ length: count }, () => "1.0");

/** Each pod has two containers, which use the level each. */
function utilization(
  current: number,
  pods: Pods,
  levels: readonly number[],
  target: number,
  requests = ones(pods.length),
): (number | undefined)[] {
  const those = podsOf(pods, requests);
  const grouped = groupPods({ pods: those, metrics: metricsOf(levels, 2), resource: "cpu", now, ...settling });
  const present = { replicas: current, tolerances };
  const proposal = byUtilization(grouped, { requests: requestsOf(those, "cpu"), target }, present);
  return [proposal.replicas, proposal.utilization, Number(proposal.usage)];
}

describe("by utilization", () => {
  it.each<[string, number, Pods, number[], number, (number | undefined)[], string[]?]>([
    ["up", 3, "rrr", [300, 500, 700], 30, [5, 50, 1000]],
    ["up, less for one that is not ready", 3, "urr", [300, 500, 700], 30, [4, 60, 1200]],
    ["up, less for one that has just started", 3, "hrr", [300, 500, 700], 30, [4, 60, 1200]],
    ["not up, for two that are not ready", 3, "ruu", [400, 500, 700], 30, [3, 40, 800]],
    ["not up, for two that have just started", 3, "rww", [400, 500, 700], 30, [3, 40, 800]],
    ["up, whatever has failed", 2, "rrff", [500, 700], 30, [4, 60, 1200]],
    ["up, whatever is being deleted", 2, "rrdd", [500, 700], 30, [4, 60, 1200]],
    ["down", 5, "rrrrr", [100, 300, 500, 250, 250], 50, [3, 28, 560]],
    ["down, without those that are not ready", 5, "rrruu", [100, 300, 500, 250, 250], 50, [2, 30, 600]],
    ["down, without those that have no node", 5, "rpppp", [100], 50, [1, 10, 200]],
    ["down, without those that have just started", 5, "rrrhh", [100, 300, 500, 250, 250], 50, [2, 30, 600]],
    ["down, whatever has failed", 5, "rrrrrff", [100, 300, 500, 250, 250], 50, [3, 28, 560]],
    ["down, whatever is being deleted", 5, "rrrrrdd", [100, 300, 500, 250, 250], 50, [3, 28, 560]],
    ["neither, within the tolerance", 3, "rrr", [1010, 1030, 1020], 100, [3, 102, 2040], ["0.9", "1.0", "1.1"]],
    [
      "whatever is said of pods that are not there",
      4,
      "rrrr",
      [4000, 9500, 3000, 7000, 3200, 2000],
      100,
      [24, 587, 11750],
    ],
    ["down, with some that are missing", 4, "rrrr", [400, 95], 100, [3, 24, 495]],
    ["neither, with one that is missing, on target", 2, "rr", [1000], 100, [2, 100, 2000]],
    ["neither, with one that is missing, above", 2, "rr", [1900], 100, [2, 190, 3800]],
    ["neither, with one that is missing, below", 2, "rr", [600], 100, [2, 60, 1200]],
    ["neither, with one missing and one not ready", 3, "urr", [100, 450], 50, [3, 45, 900]],
    ["neither, with one missing and one just started", 3, "hrr", [100, 450], 50, [3, 45, 900]],
    ["up, with one missing and one not ready", 3, "urr", [100, 2000], 50, [4, 200, 4000]],
    ["up, with one missing and one just started", 3, "wrr", [100, 2000], 50, [4, 200, 4000]],
    ["down, with one missing and one not ready", 4, "urrr", [100, 100, 100], 50, [3, 10, 200]],
    ["down, with a target above 100 %", 4, "urrr", [200, 100, 100], 300, [2, 6, 200], ["1.0", "1.0", "2.0", "2.0"]],
    ["neither, with one pod too many of a rollout", 2, "rrr", [100, 100], 50, [2, 10, 200]],
  ])("%s", (_, current, pods, levels, target, expected, requests) => {
    expect(utilization(current, pods, levels, target, requests)).toEqual(expected);
  });

  it("says why it cannot tell", () => {
    expect(() => utilization(1, "r", [200], 100, [])).toThrow("missing request for cpu in container one of Pod p0");
    expect(() => utilization(2, "pp", [100, 100], 50)).toThrow(
      "did not receive metrics for targeted pods (pods might be unready)",
    );
    const strangers = groupPods({
      pods: podsOf("r", ones(1)),
      metrics: new Map([["older", { value: 1n, timestamp: now, windowMs: 0 }]]),
      now,
      ...settling,
    });
    const about = { requests: requestsOf(podsOf("r", ones(1)), "cpu"), target: 100 };
    expect(() => byUtilization(strangers, about, { replicas: 1, tolerances })).toThrow(
      "no metrics returned matched known pods",
    );
  });
});

describe("what is requested", () => {
  const [pod = {}] = podsOf("r", ["500m"]);

  it("is that of all containers and sidecars, of one, or of the pod", () => {
    const sidecar = { name: "side", restartPolicy: "Always", resources: { requests: { cpu: "1" } } };
    const withSidecar: Pod = { ...pod, spec: { containers: pod.spec?.containers ?? [], initContainers: [sidecar] } };
    expect(requestsOf([pod], "cpu").get("p0")).toBe(1000n);
    expect(requestsOf([withSidecar], "cpu").get("p0")).toBe(2000n);
    expect(requestsOf([withSidecar], "cpu", "side").get("p0")).toBe(1000n);
    const whole: Pod = {
      ...pod,
      spec: { containers: pod.spec?.containers ?? [], resources: { requests: { cpu: "3" } } },
    };
    expect(requestsOf([whole], "cpu").get("p0")).toBe(3000n);
    expect(requestsOf([whole], "cpu", "one").get("p0")).toBe(500n);
    expect(() => requestsOf([whole], "memory")).toThrow("missing pod-level request for memory in Pod p0");
    expect(() => requestsOf([pod], "cpu", "none")).toThrow("container none not found in Pod p0");
  });
});

describe("by an average", () => {
  it.each<[string, number, Pods, number[], number, number[], Tolerances?]>([
    ["up", 3, "rrr", [20000, 10000, 30000], 15000, [4, 20000]],
    ["up, whatever is not ready", 3, "rrw", [50000, 10000, 30000], 15000, [6, 30000]],
    ["up, though the ready ones alone would not do", 3, "wrw", [50000, 15000, 30000], 15000, [7, 31666]],
    ["up from one", 1, "r", [8600], 4400, [2, 8600]],
    ["down", 5, "rrrrr", [12000, 12000, 12000, 12000, 12000], 20000, [3, 12000]],
    ["neither, within the tolerance", 3, "rrr", [20000, 21000, 21000], 20000, [3, 20666]],
    ["up, beyond a tolerance of its own", 3, "rrr", [20000, 21000, 21000], 20000, [4, 20666], { down: 0.1, up: 0.01 }],
    ["neither, with some that are missing", 5, "rrrrr", [20000, 19000, 21000], 20000, [5, 20000]],
    ["neither, with one pod too many of a rollout", 2, "rrr", [10000, 10000], 17000, [2, 10000]],
  ])("%s", (_, current, pods, levels, target, expected, own = tolerances) => {
    const grouped = groupPods({ pods: podsOf(pods, []), metrics: metricsOf(levels), now, ...settling });
    const { replicas, usage } = byAverage(grouped, BigInt(target), { replicas: current, tolerances: own });
    expect([replicas, Number(usage)]).toEqual(expected);
  });
});

const most = 2n ** 63n - 1n;

describe("by a value of all together", () => {
  it.each<[string, number, number, bigint, bigint, number, Tolerances?]>([
    ["up", 3, 3, 20000n, 15000n, 4],
    ["up by the ready ones", 3, 1, 50000n, 10000n, 5],
    ["down to what the ready ones call for", 3, 1, 8600n, 4400n, 2],
    ["down", 5, 5, 12000n, 20000n, 3],
    ["down a little", 5, 5, 8600n, 14334n, 3],
    ["neither, within the tolerance", 3, 3, 20666n, 20000n, 3],
    ["neither, within the tolerance below", 3, 3, 8600n, 8888n, 3],
    ["up, beyond a tolerance of its own", 3, 3, 8900n, 8800n, 4, { down: 0.1, up: 0.01 }],
    ["up without bounds", 3, 3, most, 1n, 2 ** 31 - 1],
    ["neither, for what is beyond all numbers", 3, 3, most, most, 3],
    ["up from nothing", 0, 0, 2500n, 1000n, 3],
  ])("%s", (_, current, ready, usage, target, expected, own = tolerances) => {
    expect(byValue(usage, target, { replicas: current, tolerances: own }, () => ready)).toEqual({
      replicas: expected,
      usage,
    });
  });
});

describe("by shares of a value", () => {
  it.each<[string, number, bigint, bigint, number, bigint, Tolerances?]>([
    ["up", 3, 20000n, 5000n, 4, 6667n],
    ["up a little", 3, 8600n, 2150n, 4, 2867n],
    ["down", 5, 6000n, 2000n, 3, 1200n],
    ["down a little", 5, 8600n, 2867n, 3, 1720n],
    ["neither, within the tolerance", 4, 20166n, 5000n, 4, 5042n],
    ["up, beyond a tolerance of its own", 4, 20208n, 5000n, 5, 5052n, { down: 0.1, up: 0.01 }],
    ["up without bounds", 1, most, 1n, 2 ** 31 - 1, most],
    ["neither, for what is beyond all numbers", 1, most, most, 1, most],
    ["of none that are there yet", 0, 3000n, 1000n, 3, 3000n],
  ])("%s", (_, current, usage, target, replicas, share, own = tolerances) => {
    expect(byShare(usage, target, { replicas: current, tolerances: own })).toEqual({ replicas, usage: share });
  });
});
