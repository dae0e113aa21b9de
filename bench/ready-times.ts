import type { Deployment } from "../api/generated/types/apps-v1.ts";
import type { Transport } from "../api/wire.ts";
import { realClock } from "../base/clock.ts";
import { silentLogger } from "../base/log.ts";
import { systemRandom } from "../base/random.ts";
import { createClient } from "../client/client.ts";
import { WatchingInformer } from "../client/informer.ts";
import { deployments } from "../client/resource-types.ts";
import { lightPod } from "./light-pod.ts";

const userAgent = "bench";
const namespace = "default";
const replicas = 3;

/** Milliseconds from the request that creates a Deployment to its status with all replicas ready, one after the other. */
export async function readyTimes(transport: Transport, rounds: number): Promise<readonly number[]> {
  const ending = new AbortController();
  const { signal } = ending;
  const client = createClient({ transport, userAgent, signal });
  const watching = { transport, userAgent, clock: realClock, random: systemRandom, log: silentLogger, signal };
  const informer = new WatchingInformer<Deployment>({ type: deployments, namespace }, watching);
  const running = informer.run();
  await informer.synced;
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const name = `ready-${round}`;
    const ready = new Promise<void>((resolve) => {
      const off = informer.on({
        updated({ metadata, status }) {
          if (metadata?.name !== name || status?.readyReplicas !== replicas) return;
          off();
          resolve();
        },
      });
    });
    const started = performance.now();
    await client.create(deployments, deployment(name));
    await ready;
    times.push(performance.now() - started);
    await client.delete(deployments, { namespace, name }, { propagationPolicy: "Foreground" });
    await gone(informer, name);
  }
  ending.abort();
  await running;
  return times;
}

/** So that each finds the cluster as idle as the one before. */
function gone(informer: WatchingInformer<Deployment>, name: string): Promise<void> {
  if (informer.get(`${namespace}/${name}`) === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    const off = informer.on({
      deleted({ metadata }) {
        if (metadata?.name !== name) return;
        off();
        resolve();
      },
    });
  });
}

function deployment(name: string): Deployment {
  const labels = { app: name };
  return {
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: structuredClone(lightPod.spec) as never },
    },
  };
}
