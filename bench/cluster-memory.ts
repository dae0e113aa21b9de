import { setTimeout as sleep } from "node:timers/promises";
import { apiServerOnly, ClusterProcess } from "./cluster-process.ts";
import { HttpsRequests } from "./https-requests.ts";
import { createLightPods, createReplicas } from "./replicas.ts";
import { count, type Measurement, mb } from "./measurement.ts";
import { untilRunning } from "./pod-progress.ts";
import { scaled } from "./scale.ts";

const nodes = scaled(1000, 20);
const pods = scaled(30_000);
const deployments = 30;
/** What is garbage by then is collected, and the watch windows hold what they will. */
const settleMs = 20_000;

/** Resident memory of a whole cluster, beside an API server that only holds as many pods, in processes of their own. */
export const clusterMemory: Measurement = {
  name: "cluster-memory",
  title: `Memory of ${count(nodes)} nodes and ${count(pods)} running pods, store in memory`,
  async measure() {
    const alone = await apiServerWithPods();
    await using cluster = await ClusterProcess.start({ nodes });
    using requests = new HttpsRequests(cluster.target);
    await sleep(settleMs);
    const empty = (await cluster.usage()).rssBytes;
    await createReplicas(cluster.target, { name: "web", deployments, pods });
    await untilRunning(requests, pods);
    const atOnce = (await cluster.usage()).rssBytes;
    await sleep(settleMs);
    const full = (await cluster.usage()).rssBytes;
    const ratio = (rss: number): string => (rss / alone.full).toFixed(2);
    const each = (rss: number, before: number): string => count((rss - before) / pods);
    return {
      columns: ["what", "RSS MB", "ratio", "bytes per pod", "aim"],
      rows: [
        [
          "API server alone with these pods, never scheduled",
          mb(alone.full),
          "1.00",
          each(alone.full, alone.empty),
          "",
        ],
        ["nodes without pods", mb(empty), ratio(empty), "", ""],
        ["all pods running, at that moment", mb(atOnce), ratio(atOnce), each(atOnce, empty), ""],
        ["20 s later", mb(full), ratio(full), each(full, empty), "< 1,500 MB"],
      ],
    };
  },
};

async function apiServerWithPods(): Promise<{ readonly empty: number; readonly full: number }> {
  await using cluster = await ClusterProcess.start(apiServerOnly);
  const empty = (await cluster.usage()).rssBytes;
  await createLightPods(cluster.target, pods);
  await sleep(settleMs);
  return { empty, full: (await cluster.usage()).rssBytes };
}
