import { describe, expect, it } from "vitest";
import type { Job } from "../../api/generated/types/batch-v1.ts";
import { formatTime } from "../../api/machinery/time.ts";
import { jobs } from "../../client/resource-types.ts";
import { names, stage, type Stage } from "../stage.testing.ts";
import { expiryOf, ttlAfterFinishedController } from "./ttl-after-finished-controller.ts";

const job = (name: string, ttlSecondsAfterFinished?: number): Job => ({
  metadata: { namespace: "default", name },
  spec: {
    ...(ttlSecondsAfterFinished === undefined ? {} : { ttlSecondsAfterFinished }),
    template: { spec: { restartPolicy: "Never", containers: [{ name: "a", image: "a" }] } },
  },
});

async function finish({ client, clock }: Stage, name: string): Promise<void> {
  const now = formatTime(clock.now());
  const conditions = ["SuccessCriteriaMet", "Complete"].map((type) => ({
    type,
    status: "True",
    lastTransitionTime: now,
  }));
  const status = { startTime: now, completionTime: now, succeeded: 1, conditions };
  await client.patch(jobs, { namespace: "default", name }, { status }, { subresource: "status" });
}

/** Those that nobody has asked to go: what goes in the foreground waits for the garbage collector. */
const staying = async ({ client }: Stage): Promise<string[]> =>
  names((await client.list(jobs)).filter(({ metadata }) => metadata?.deletionTimestamp === undefined));

describe("a finished Job", () => {
  it("goes when its time is over, its pods first, and stays without one", async () => {
    await using play = await stage([ttlAfterFinishedController]);
    for (const made of [job("soon", 10), job("at-once", 0), job("never"), job("running", 0)])
      await play.client.create(jobs, made);
    for (const name of ["soon", "at-once", "never"]) await finish(play, name);
    await play.settled();
    expect(await staying(play)).toEqual(["never", "running", "soon"]);
    await play.clock.advance(9_000);
    expect(await staying(play)).toContain("soon");
    await play.restart();
    await play.clock.advance(1_000);
    expect(await staying(play)).toEqual(["never", "running"]);
    const gone = await play.client.get(jobs, { namespace: "default", name: "soon" });
    expect(gone.metadata?.finalizers).toContain("foregroundDeletion");
  });

  it("lives longer when its time is prolonged", async () => {
    await using play = await stage([ttlAfterFinishedController]);
    await play.client.create(jobs, job("long", 10));
    await finish(play, "long");
    await play.clock.advance(5_000);
    await play.client.patch(jobs, { namespace: "default", name: "long" }, { spec: { ttlSecondsAfterFinished: 20 } });
    await play.clock.advance(14_000);
    expect(await staying(play)).toEqual(["long"]);
    await play.clock.advance(1_000);
    expect(await staying(play)).toEqual([]);
  });

  it.each<[string, Partial<Job>]>([
    ["has no time to live", { spec: { template: {} } }],
    ["has not finished", { spec: { template: {}, ttlSecondsAfterFinished: 1 } }],
    [
      "does not say when it finished",
      {
        spec: { template: {}, ttlSecondsAfterFinished: 1 },
        status: { conditions: [{ type: "Failed", status: "True" }] },
      },
    ],
  ])("stays when it %s", (_, made) => {
    expect(expiryOf(made)).toBeUndefined();
  });
});
