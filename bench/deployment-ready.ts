import { join } from "node:path";
import { transportOfKubeconfig } from "../client/kubeconfig-transport.ts";
import { type ApartOptions, ClusterProcess } from "./cluster-process.ts";
import { type Measurement, ms } from "./measurement.ts";
import { readyTimes } from "./ready-times.ts";
import { runApart } from "./run-apart.ts";
import { scaled } from "./scale.ts";
import { quantile } from "./statistics.ts";

const rounds = scaled(200, 20);
/** Before the code is compiled, which a cluster that has run for a minute is done with. */
const warmUp = 20;

/** What a user waits for after `kubectl create deployment --replicas=3`, without kubectl. */
export const deploymentReady: Measurement = {
  name: "deployment-ready",
  title: "A Deployment of three replicas from its creation to Ready, idle cluster of one node",
  async measure(scratch) {
    const inProcess = (await runApart(new URL("deployment-ready-child.ts", import.meta.url), {
      rounds: warmUp + rounds,
    })) as readonly number[];
    const inMemory = await overHttps({ nodes: 1 });
    const durable = await overHttps({ nodes: 1, dataDir: join(scratch, "durable") });
    const base = quantile(inProcess.slice(warmUp), 0.5);
    return {
      columns: ["client", "store", "first ms", "p50 ms", "p99 ms", "ratio", "aim"],
      rows: [
        row(["in process", "memory"], inProcess, base),
        row(["HTTPS", "memory"], inMemory, base),
        row(["HTTPS", "durable"], durable, base),
      ],
    };
  },
};

async function overHttps(options: ApartOptions): Promise<readonly number[]> {
  await using cluster = await ClusterProcess.start(options);
  await using transport = await transportOfKubeconfig(cluster.kubeconfig);
  return await readyTimes(transport.transport, warmUp + rounds);
}

function row(what: readonly string[], times: readonly number[], base: number): readonly string[] {
  const warm = times.slice(warmUp);
  const p50 = quantile(warm, 0.5);
  return [...what, ms(times[0] ?? Number.NaN), ms(p50), ms(quantile(warm, 0.99)), (p50 / base).toFixed(2), "< 150 ms"];
}
