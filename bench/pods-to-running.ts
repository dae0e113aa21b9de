import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ClusterProcess } from "./cluster-process.ts";
import { HttpsRequests } from "./https-requests.ts";
import { count, type Measurement } from "./measurement.ts";
import { revisionOf, untilRunning } from "./pod-progress.ts";
import { createLightPods, createReplicas } from "./replicas.ts";
import { scaled } from "./scale.ts";
import { writeCounts, writesEach } from "./write-counts.ts";

const pods = scaled(10_000);
/** Deployments that they are made through. */
const deployments = 10;
const stores = ["memory", "durable"] as const;
const ways = ["Deployments", "directly"] as const;

type Store = (typeof stores)[number];
type Way = (typeof ways)[number];

interface Figures {
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly revisions: number;
  readonly writes: string;
}

/** From the first request to the last pod's Running, and what the server's store and processor had to do for one. */
export const podsToRunning: Measurement = {
  name: "pods-to-running",
  title: `${count(pods)} pods from creation to Running on simulated nodes`,
  async measure(scratch) {
    const rows: string[][] = [];
    for (const nodes of [100, 1000])
      for (const way of ways) {
        let inMemory: Figures | undefined;
        for (const store of stores) {
          const folder = join(scratch, `${nodes}-${way}`);
          const figures = await measureOne({ nodes, way, store, folder });
          inMemory ??= figures;
          rows.push([String(nodes), way, store, ...cells(figures, inMemory), aimOf(nodes, store), figures.writes]);
        }
      }
    return {
      columns: [
        ...["nodes", "made", "store", "pods/s", "ratio", "CPU us/pod", "ratio", "revisions/pod", "aim"],
        "writes that one pod costs",
      ],
      rows,
    };
  },
};

function aimOf(nodes: number, store: Store): string {
  if (nodes < 1000) return "";
  return store === "memory" ? ">= 1,000/s" : ">= 300/s";
}

function cells({ perSecond, cpuUs, revisions }: Figures, memory: Figures): readonly string[] {
  const [pace, cpu] = [perSecond / memory.perSecond, cpuUs / memory.cpuUs];
  return [count(perSecond), pace.toFixed(2), count(cpuUs), cpu.toFixed(2), revisions.toFixed(2)];
}

async function measureOne(what: {
  readonly nodes: number;
  readonly way: Way;
  readonly store: Store;
  readonly folder: string;
}): Promise<Figures> {
  const { nodes, way, store, folder } = what;
  await using cluster = await ClusterProcess.start({ nodes, ...(store === "memory" ? {} : { dataDir: folder }) });
  using requests = new HttpsRequests(cluster.target);
  // Compiled code is what a server runs for nearly all of its life.
  await make(cluster, way, { pods: 500, name: "first" });
  await untilRunning(requests, 500);
  await sleep(1000);
  const before = {
    usage: await cluster.usage(),
    revision: await revisionOf(requests),
    writes: await writeCounts(requests),
  };
  const started = performance.now();
  await make(cluster, way, { pods, name: "web" });
  await untilRunning(requests, 500 + pods);
  const seconds = (performance.now() - started) / 1000;
  const cpuMs = (await cluster.usage()).cpuMs - before.usage.cpuMs;
  const revision = await revisionOf(requests);
  return {
    perSecond: pods / seconds,
    cpuUs: (cpuMs * 1000) / pods,
    revisions: (revision - before.revision) / pods,
    writes: writesEach(before.writes, await writeCounts(requests), pods),
  };
}

async function make(
  { target }: ClusterProcess,
  way: Way,
  { pods: howMany, name }: { readonly pods: number; readonly name: string },
): Promise<void> {
  if (way === "Deployments") return createReplicas(target, { name, deployments, pods: howMany });
  return createLightPods(target, howMany);
}
