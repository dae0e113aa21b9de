import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Job, JobSpec } from "../../api/generated/types/batch-v1.ts";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { isPodActive } from "../../api/core/pod-state.ts";
import { formatTime } from "../../api/machinery/time.ts";
import { jobs, namespaces, pods } from "../../client/resource-types.ts";
import { failingAt } from "../failing-at.testing.ts";
import { runPod } from "../pods/run-pods.testing.ts";
import { endPod, podsIn } from "../pods/settle-pods.testing.ts";
import { toldEvents } from "../pods/told-events.testing.ts";
import { stage, type Stage } from "../stage.testing.ts";
import { completionIndexKey } from "./job-pods.ts";
import { jobController } from "./job-controller.ts";

const name = { namespace: "default", name: "sum" };

function sum(spec: Partial<JobSpec> = {}, restartPolicy = "Never"): Job {
  return {
    metadata: { ...name },
    spec: { template: { spec: { restartPolicy, containers: [{ name: "main", image: "busybox" }] } }, ...spec },
  };
}

const active = async (play: Stage): Promise<DeepReadonly<Pod>[]> => (await podsIn(play)).filter(isPodActive);
const indexOf = ({ metadata }: DeepReadonly<Pod>): string => metadata?.annotations?.[completionIndexKey] ?? "";
const jobOf = ({ client }: Stage): Promise<DeepReadonly<Job>> => client.get(jobs, name);
const conditionsOf = ({ status }: DeepReadonly<Job>): string[] =>
  (status?.conditions ?? []).filter(({ status: is }) => is === "True").map(({ type, reason }) => `${type} ${reason}`);

/** Its container ends by itself. */
async function exit({ client, clock }: Stage, pod: DeepReadonly<Pod>, exitCode: number): Promise<void> {
  const { namespace, name: named = "" } = pod.metadata ?? {};
  const finishedAt = formatTime(clock.now());
  const state = { terminated: { exitCode, finishedAt, reason: exitCode === 0 ? "Completed" : "Error" } };
  const container = { name: "main", ready: false, restartCount: 0, image: "busybox", imageID: "", state };
  const status = { phase: exitCode === 0 ? "Succeeded" : "Failed", containerStatuses: [container] };
  await client.patch(pods, { namespace, name: named }, { status }, { subresource: "status" });
}

async function exitAll(play: Stage, exitCode: (pod: DeepReadonly<Pod>) => number): Promise<void> {
  for (const pod of await active(play)) await exit(play, pod, exitCode(pod));
  await play.settled();
}

describe("a Job", () => {
  it("runs so many pods at a time until enough have succeeded", async () => {
    const told = toldEvents(jobController);
    await using play = await stage([told.controller]);
    await play.client.create(jobs, sum({ completions: 3, parallelism: 2 }));
    await play.settled();
    expect(await active(play)).toHaveLength(2);
    expect((await jobOf(play)).status).toMatchObject({ active: 2, ready: 0, terminating: 0 });
    await exitAll(play, () => 0);
    expect(await active(play)).toHaveLength(1);
    await play.clock.advance(5000);
    await exitAll(play, () => 0);
    const job = await jobOf(play);
    expect(job.status).toMatchObject({ succeeded: 3, completionTime: "2026-01-01T00:00:05Z" });
    expect(job.status?.active).toBeUndefined();
    expect(conditionsOf(job)).toEqual(["SuccessCriteriaMet CompletionsReached", "Complete CompletionsReached"]);
    expect(told.events.at(-1)).toBe("Normal Completed Job completed");
    expect((await podsIn(play)).every(({ metadata }) => metadata?.finalizers === undefined)).toBe(true);
  });

  it("waits longer after each failure, and fails at its limit", async () => {
    await using play = await stage([jobController]);
    await play.client.create(jobs, sum({ backoffLimit: 2 }));
    await play.settled();
    const waits: number[] = [];
    for (let failure = 0; failure < 3; failure += 1) {
      await exitAll(play, () => 1);
      const before = play.clock.now();
      await play.clock.until(async () => (await active(play)).length > 0, 60_000);
      waits.push((play.clock.now() - before) / 1000);
    }
    expect(waits).toEqual([10, 20, 60]);
    const job = await jobOf(play);
    expect(job.status).toMatchObject({ failed: 3 });
    expect(conditionsOf(job)).toEqual(["FailureTarget BackoffLimitExceeded", "Failed BackoffLimitExceeded"]);
  });

  it("gives each index its pod, tells it which, and does again only what has failed", async () => {
    await using play = await stage([jobController]);
    await play.client.create(jobs, sum({ completions: 4, parallelism: 4, completionMode: "Indexed" }));
    await play.settled();
    const made = await active(play);
    expect(made.map(indexOf).toSorted()).toEqual(["0", "1", "2", "3"]);
    const third = made.find((pod) => indexOf(pod) === "2");
    expect(third?.metadata?.generateName).toBe("sum-2-");
    expect(third?.spec?.hostname).toBe("sum-2");
    expect(third?.spec?.containers[0]?.env?.[0]).toMatchObject({ name: "JOB_COMPLETION_INDEX" });
    await exitAll(play, (pod) => (indexOf(pod) === "2" ? 1 : 0));
    expect((await jobOf(play)).status).toMatchObject({ completedIndexes: "0,1,3", failed: 1 });
    await play.clock.advance(10_000);
    expect((await active(play)).map(indexOf)).toEqual(["2"]);
    await exitAll(play, () => 0);
    expect((await jobOf(play)).status).toMatchObject({ completedIndexes: "0-3", succeeded: 4 });
  });

  it("counts failures of each index apart where it has a limit per index", async () => {
    await using play = await stage([jobController]);
    const spec = { completions: 2, parallelism: 2, completionMode: "Indexed", backoffLimitPerIndex: 1 };
    await play.client.create(jobs, sum(spec));
    await play.settled();
    for (let round = 0; round < 2; round += 1) {
      await exitAll(play, (pod) => (indexOf(pod) === "0" ? 1 : 0));
      await play.clock.advance(10_000);
    }
    const job = await jobOf(play);
    expect(job.status).toMatchObject({ completedIndexes: "1", failedIndexes: "0", failed: 2, succeeded: 1 });
    expect(conditionsOf(job)).toEqual(["FailureTarget FailedIndexes", "Failed FailedIndexes"]);
  });

  it("follows its pod failure policy", async () => {
    await using play = await stage([jobController]);
    const rules = [
      { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
      { action: "FailJob", onExitCodes: { operator: "In", values: [42] } },
    ];
    await play.client.create(jobs, sum({ podFailurePolicy: { rules }, backoffLimit: 5 }));
    await play.settled();
    const [disrupted] = await active(play);
    const conditions = [{ type: "DisruptionTarget", status: "True" }];
    const first = { namespace: "default", name: disrupted?.metadata?.name ?? "" };
    await play.client.patch(pods, first, { status: { phase: "Failed", conditions } }, { subresource: "status" });
    await play.clock.advance(10_000);
    expect((await jobOf(play)).status?.failed).toBeUndefined();
    const [pod] = await active(play);
    await exitAll(play, () => 42);
    const failed = (await jobOf(play)).status?.conditions?.find(({ type }) => type === "Failed");
    expect(failed?.message).toBe(
      `Container main for pod default/${pod?.metadata?.name ?? ""} failed with exit code 42 matching FailJob rule at index 1`,
    );
  });

  it("ends early when its success policy is met, and deletes what still runs", async () => {
    await using play = await stage([jobController]);
    const successPolicy = { rules: [{ succeededIndexes: "0" }] };
    await play.client.create(jobs, sum({ completions: 3, parallelism: 3, completionMode: "Indexed", successPolicy }));
    await play.settled();
    const leader = (await active(play)).find((pod) => indexOf(pod) === "0");
    if (leader !== undefined) await exit(play, leader, 0);
    await play.settled();
    const job = await jobOf(play);
    expect(conditionsOf(job)).toEqual(["SuccessCriteriaMet SuccessPolicy", "Complete SuccessPolicy"]);
    expect(await active(play)).toEqual([]);
    expect(job.status).toMatchObject({ succeeded: 1 });
  });

  it("stops its pods while it is suspended, and its time begins anew when it is resumed", async () => {
    const told = toldEvents(jobController);
    await using play = await stage([told.controller]);
    await play.client.create(jobs, sum({ activeDeadlineSeconds: 60 }));
    await play.settled();
    await play.client.patch(jobs, name, { spec: { suspend: true } });
    await play.clock.advance(300_000);
    expect(await active(play)).toEqual([]);
    expect(conditionsOf(await jobOf(play))).toEqual(["Suspended JobSuspended"]);
    await play.client.patch(jobs, name, { spec: { suspend: false } });
    await play.settled();
    expect(await active(play)).toHaveLength(1);
    expect((await jobOf(play)).status?.startTime).toBe("2026-01-01T00:05:00Z");
    await play.clock.advance(60_000);
    expect(conditionsOf(await jobOf(play))).toContain("Failed DeadlineExceeded");
    expect(told.events).toEqual(
      expect.arrayContaining(["Normal Suspended Job suspended", "Normal Resumed Job resumed"]),
    );
  });

  it("leaves one alone that somebody else manages", async () => {
    await using play = await stage([jobController]);
    await play.client.create(jobs, sum({ managedBy: "example.com/other" }));
    await play.settled();
    expect(await podsIn(play)).toEqual([]);
  });

  it("lets its pods go when it is deleted", async () => {
    await using play = await stage([jobController]);
    await play.client.create(jobs, sum());
    await play.settled();
    await play.client.delete(jobs, name, { propagationPolicy: "Background" });
    await play.settled();
    expect((await podsIn(play)).flatMap(({ metadata }) => metadata?.finalizers ?? [])).toEqual([]);
  });

  it("replaces a pod that is on its way out only when it has ended, if asked to", async () => {
    await using play = await stage([jobController]);
    await play.client.create(jobs, sum({ podReplacementPolicy: "Failed" }));
    await play.settled();
    const [pod] = await active(play);
    const named = { namespace: "default", name: pod?.metadata?.name ?? "" };
    await play.client.create(pods, { metadata: named, target: { kind: "Node", name: "n" } } as never, "binding");
    if (pod !== undefined) await runPod(play, pod);
    await play.client.delete(pods, named);
    await play.clock.advance(15_000);
    expect(await active(play)).toEqual([]);
    expect((await jobOf(play)).status).toMatchObject({ terminating: 1 });
    if (pod !== undefined) await exit(play, pod, 137);
    await play.clock.advance(15_000);
    expect(await active(play)).toHaveLength(1);
    expect((await jobOf(play)).status).toMatchObject({ failed: 1 });
  });
});

it.each(["unsent", "unanswered"] as const)("counts each end exactly once, whichever write is %s", async (how) => {
  const failing = failingAt(how);
  await using play = await stage([jobController], { through: failing.through });
  for (let at = 0; at < 14; at += 1) {
    const namespace = `n${at}`;
    await play.client.create(namespaces, { metadata: { name: namespace } });
    failing.arm(namespace, at);
    const spec = { completions: 2, parallelism: 1, backoffLimit: 3 };
    await play.client.create(jobs, { ...sum(spec), metadata: { namespace, name: "sum" } });
    await play.settled();
    for (let end = 0; end < 30; end += 1) {
      const [pod] = (await podsIn(play, namespace)).filter(isPodActive);
      if (pod !== undefined) await exit(play, pod, end === 0 ? 1 : 0);
      if (end === 1) await play.restart();
      await play.clock.advance(20_000);
    }
    const { status } = await play.client.get(jobs, { namespace, name: "sum" });
    expect({ at, succeeded: status?.succeeded, failed: status?.failed }).toEqual({ at, succeeded: 2, failed: 1 });
    expect((await podsIn(play, namespace)).flatMap(({ metadata }) => metadata?.finalizers ?? [])).toEqual([]);
  }
  expect(failing.failures).toBeGreaterThan(10);
});

it("never has more pods than it may, and never does an index again that has succeeded", async () => {
  await using play = await stage([jobController]);
  let run = 0;
  const step = fc.record({ pod: fc.nat(5), do: fc.constantFrom("succeed", "fail", "delete", "wait") });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.boolean(), async (steps, indexed) => {
      const namespace = `run-${(run += 1)}`;
      await play.client.create(namespaces, { metadata: { name: namespace } });
      const spec = { completions: 3, parallelism: 2, ...(indexed ? { completionMode: "Indexed" } : {}) };
      await play.client.create(jobs, { ...sum(spec), metadata: { namespace, name: "sum" } });
      const succeeded = new Set<string>();
      for (const { pod: at, do: what } of steps) {
        await play.settled();
        const now = (await podsIn(play, namespace)).filter(isPodActive);
        expect(now.length).toBeLessThanOrEqual(2);
        if (indexed) for (const pod of now) expect(succeeded).not.toContain(indexOf(pod));
        const pod = now[at % Math.max(now.length, 1)];
        if (pod === undefined || what === "wait") await play.clock.advance(60_000);
        else if (what === "delete") await endPod(play, pod);
        else {
          await exit(play, pod, what === "succeed" ? 0 : 1);
          if (what === "succeed") succeeded.add(indexOf(pod));
        }
      }
    }),
    { numRuns: 15 },
  );
});
