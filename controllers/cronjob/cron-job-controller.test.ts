import { describe, expect, it } from "vitest";
import type { CronJob, CronJobSpec } from "../../api/generated/types/batch-v1.ts";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { isPodActive } from "../../api/core/pod-state.ts";
import { cronJobs, jobs, namespaces, pods } from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";
import { failingAt } from "../failing-at.testing.ts";
import { jobController } from "../job/job-controller.ts";
import { toldEvents } from "../pods/told-events.testing.ts";
import { names, stage, type Stage } from "../stage.testing.ts";
import { cronJobController } from "./cron-job-controller.ts";

const name = { namespace: "default", name: "tick" };

function tick(schedule: string, spec: Partial<CronJobSpec> = {}, namespace = "default"): CronJob {
  const containers = [{ name: "main", image: "busybox" }];
  return {
    metadata: { ...name, namespace },
    spec: {
      schedule,
      jobTemplate: {
        metadata: { labels: { app: "tick" } },
        spec: { template: { spec: { restartPolicy: "Never", containers } } },
      },
      ...spec,
    },
  };
}

/** A kubelet whose pods end well after so long. */
function endsAfter(milliseconds: number): Controller {
  return {
    name: "kubelet",
    start({ client, informers, reconciler }) {
      const all = informers.of(pods);
      const begun = new Set<string>();
      const queue = reconciler({
        async reconcile(key) {
          const pod = all.get(key);
          if (pod === undefined || !isPodActive(pod)) return undefined;
          if (!begun.has(key)) {
            begun.add(key);
            return { after: milliseconds };
          }
          const { namespace, name: named = "" } = pod.metadata ?? {};
          await client.patch(
            pods,
            { namespace, name: named },
            { status: { phase: "Succeeded" } },
            { subresource: "status" },
          );
          return undefined;
        },
      });
      all.on({
        added: (pod: DeepReadonly<Pod>) => queue.add(`${pod.metadata?.namespace ?? ""}/${pod.metadata?.name ?? ""}`),
      });
    },
  };
}

const hour = 3_600_000;
const runsOf = async ({ client }: Stage): Promise<string[]> => names(await client.list(jobs, { namespace: "default" }));

describe("a CronJob", () => {
  it("makes a Job at each of its times, and keeps the last three", async () => {
    const told = toldEvents(cronJobController);
    await using play = await stage([told.controller, jobController, endsAfter(60_000)]);
    await play.client.create(cronJobs, tick("0 * * * *"));
    await play.clock.advance(24 * hour + 120_000);
    const runs = await play.client.list(jobs, { namespace: "default" });
    expect(told.events.filter((text) => text.includes("SuccessfulCreate"))).toHaveLength(24);
    expect(runs).toHaveLength(3);
    expect(runs[0]?.metadata).toMatchObject({
      name: `tick-${Date.UTC(2026, 0, 1, 22) / 60_000}`,
      labels: { app: "tick" },
      annotations: { "batch.kubernetes.io/cronjob-scheduled-timestamp": "2026-01-01T22:00:00Z" },
    });
    const { status } = await play.client.get(cronJobs, name);
    expect(status).toEqual({ lastScheduleTime: "2026-01-02T00:00:00Z", lastSuccessfulTime: "2026-01-02T00:01:00Z" });
  });

  it("lets runs overlap, skips one, or replaces the last, as it is told", async () => {
    await using play = await stage([cronJobController, jobController, endsAfter(1.5 * hour)]);
    const running: Record<string, number> = {};
    for (const concurrencyPolicy of ["Allow", "Forbid", "Replace"]) {
      const namespace = concurrencyPolicy.toLowerCase();
      await play.client.create(namespaces, { metadata: { name: namespace } });
      await play.client.create(cronJobs, tick("0 * * * *", { concurrencyPolicy }, namespace));
    }
    await play.clock.advance(2 * hour + 60_000);
    for (const { metadata, status } of await play.client.list(cronJobs)) {
      running[metadata?.namespace ?? ""] = status?.active?.length ?? 0;
    }
    expect(running).toEqual({ allow: 2, forbid: 1, replace: 1 });
    const replaced = await play.client.get(cronJobs, { namespace: "replace", name: "tick" });
    expect(replaced.status?.active?.[0]?.name).toBe(`tick-${Date.UTC(2026, 0, 1, 2) / 60_000}`);
    const kept = await play.client.get(cronJobs, { namespace: "forbid", name: "tick" });
    expect(kept.status?.active?.[0]?.name).toBe(`tick-${Date.UTC(2026, 0, 1, 1) / 60_000}`);
  });

  it("makes up for the last time that it missed, unless it is too late for it", async () => {
    const told = toldEvents(cronJobController);
    await using play = await stage([told.controller]);
    await play.client.create(cronJobs, tick("0 * * * *"));
    await play.settled();
    await play.stop();
    await play.clock.advance(5.5 * hour);
    await play.restart();
    expect(await runsOf(play)).toEqual([`tick-${Date.UTC(2026, 0, 1, 5) / 60_000}`]);
    await play.client.patch(cronJobs, name, { spec: { startingDeadlineSeconds: 60 } });
    await play.settled();
    await play.stop();
    await play.clock.advance(2 * hour);
    await play.restart();
    expect(await runsOf(play)).toHaveLength(1);
  });

  it("survives a clock that jumps ahead by years", async () => {
    const told = toldEvents(cronJobController);
    await using play = await stage([told.controller]);
    await play.client.create(cronJobs, tick("* * * * *"));
    await play.settled();
    play.clock.jump(10 * 365 * 24 * hour);
    await play.clock.advance(60_000);
    expect((await runsOf(play)).length).toBeLessThanOrEqual(2);
    expect(told.events.some((text) => text.includes("TooManyMissedTimes"))).toBe(true);
  });

  it("runs nothing while it is suspended or its times never come", async () => {
    await using play = await stage([cronJobController]);
    await play.client.create(cronJobs, tick("* * * * *", { suspend: true }));
    await play.client.create(namespaces, { metadata: { name: "never" } });
    await play.client.create(cronJobs, tick("59 23 31 2 *", {}, "never"));
    await play.clock.advance(10 * 60_000);
    expect(await play.client.list(jobs)).toEqual([]);
  });

  it.each(["unsent", "unanswered"] as const)("makes one Job for each time, whichever write is %s", async (how) => {
    const failing = failingAt(how);
    await using play = await stage([cronJobController], { through: failing.through });
    for (let at = 0; at < 6; at += 1) {
      const namespace = `n${at}`;
      await play.client.create(namespaces, { metadata: { name: namespace } });
      failing.arm(namespace, at);
      await play.client.create(cronJobs, tick("*/10 * * * *", {}, namespace));
    }
    await play.clock.advance(15 * 60_000);
    await play.restart();
    await play.clock.advance(16 * 60_000);
    for (let at = 0; at < 6; at += 1) {
      const runs = await play.client.list(jobs, { namespace: `n${at}` });
      const times = [10, 20, 30].map((minutes) => `tick-${Date.UTC(2026, 0, 1) / 60_000 + minutes}`);
      expect({ at, runs: names(runs) }).toEqual({ at, runs: times });
    }
  });
});
