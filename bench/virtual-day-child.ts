/** A day of an hourly CronJob in simulated time. */
import type { CronJob, Job } from "../api/generated/types/batch-v1.ts";
import type { Pod } from "../api/generated/types/core-v1.ts";
import type { DeepReadonly, KubeObject } from "../api/machinery/object.ts";
import type { Transport } from "../api/wire.ts";
import { realClock } from "../base/clock.ts";
import { silentLogger } from "../base/log.ts";
import { systemRandom } from "../base/random.ts";
import { type Client, createClient } from "../client/client.ts";
import { type InformerHandler, WatchingInformer } from "../client/informer.ts";
import { cronJobs, jobs, pods, type ResourceType } from "../client/resource-types.ts";
import { loadBuiltLibrary } from "./built-library.ts";
import { workApart } from "./run-apart.ts";
import type { Day, DayResult } from "./virtual-day.ts";

const administrator = { name: "bench", groups: ["system:masters", "system:authenticated"] };
const userAgent = "bench";
const namespace = "default";

const hourly: CronJob = {
  metadata: { name: "hourly", namespace },
  spec: {
    schedule: "0 * * * *",
    jobTemplate: {
      spec: {
        template: { spec: { restartPolicy: "Never", containers: [{ name: "work", image: "busybox:1.36" }] } },
      },
    },
  },
};

await workApart(async ({ nodes, hasCronJob }: Day): Promise<DayResult> => {
  const { createCluster } = await loadBuiltLibrary();
  const started = performance.now();
  await using cluster = await createCluster({ nodes, clock: "simulated" });
  await cluster.advance("1m");
  const readyMs = performance.now() - started;
  const transport = cluster.as(administrator);
  const client = createClient({ transport, userAgent });
  const done = new Set<string>();
  const ending = new AbortController();
  const watching = [
    await watch<Job>(transport, ending.signal, jobs, {
      updated: ({ metadata, status }) => {
        if (status?.succeeded === 1) done.add(metadata?.name ?? "");
      },
    }),
  ];
  if (nodes === 0) watching.push(await watch<Pod>(transport, ending.signal, pods, player(client)));
  if (hasCronJob) await client.create(cronJobs, hourly);
  const began = performance.now();
  await cluster.advance("24h");
  const ms = performance.now() - began;
  ending.abort();
  await Promise.all(watching.map(({ running }) => running));
  return { readyMs, ms, jobs: done.size };
});

async function watch<T extends KubeObject>(
  transport: Transport,
  signal: AbortSignal,
  type: ResourceType<T>,
  handler: InformerHandler<T>,
): Promise<{ readonly running: Promise<void> }> {
  const deps = { transport, userAgent, clock: realClock, random: systemRandom, log: silentLogger, signal };
  const informer = new WatchingInformer<T>({ type, namespace }, deps);
  informer.on(handler);
  const running = informer.run();
  await informer.synced;
  return { running };
}

/** In place of a node: each pod succeeds at once. */
function player(client: Client): InformerHandler<Pod> {
  const status = { phase: "Succeeded" };
  return {
    added({ metadata }: DeepReadonly<Pod>) {
      const name = { namespace, name: metadata?.name ?? "" };
      client.patch(pods, name, { status }, { subresource: "status" }).catch((error: unknown) => console.error(error));
    },
  };
}
