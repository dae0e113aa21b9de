import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { apiServerOnly, ClusterProcess } from "./cluster-process.ts";
import { HttpsRequests } from "./https-requests.ts";
import { lightPod } from "./light-pod.ts";
import { load } from "./load.ts";
import { count, type Measurement } from "./measurement.ts";
import { createPod } from "./pods.ts";
import { scaled } from "./scale.ts";
import type { Usage } from "./usage.ts";
import { writeCounts } from "./write-counts.ts";

/** Bound before the measurement begins, so that the code is compiled and nodes hold pods already. */
const warmUp = scaled(1000, 300);
const pods = scaled(3000, 300);
/** Between two looks at the server's metrics, which it makes anew each time. */
const lookMs = 200;
/** Of each there are as many pods as of any other. */
const apps = 20;
const zones = 3;

const hostname = "kubernetes.io/hostname";
const zone = "topology.kubernetes.io/zone";

type Labels = Readonly<Record<string, string>>;

interface Kind {
  readonly what: string;
  readonly rules: (labels: Labels) => object;
}

const kinds: readonly Kind[] = [
  { what: "plain", rules: () => ({}) },
  {
    what: "required anti-affinity, host",
    rules: (labels) => ({
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(labels, hostname)] } },
    }),
  },
  {
    what: "topology spread, zone and host",
    rules: (labels) => ({
      topologySpreadConstraints: [
        { ...term(labels, zone), maxSkew: 1, whenUnsatisfiable: "DoNotSchedule" },
        { ...term(labels, hostname), maxSkew: 5, whenUnsatisfiable: "ScheduleAnyway" },
      ],
    }),
  },
  {
    what: "preferred affinity, zone",
    rules: (labels) => ({
      affinity: {
        podAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term(labels, zone) }],
        },
      },
    }),
  },
];

interface Figures {
  readonly perSecond: number;
  readonly cpuUs: number;
}

/** A backlog of pods that wait when the scheduler begins; each decision is written: a binding and an event. */
export const schedulerDecisions: Measurement = {
  name: "scheduler-decisions",
  title: `Scheduling of ${count(pods)} waiting pods, with their bindings`,
  async measure(scratch) {
    const rows: string[][] = [];
    for (const nodes of [scaled(1000, 50), scaled(5000, 50)]) {
      let plain: Figures | undefined;
      for (const kind of kinds) {
        const figures = await decide(kind, nodes, join(scratch, `${nodes}-${kind.what}`));
        plain ??= figures;
        const { perSecond, cpuUs } = figures;
        rows.push([count(nodes), kind.what, count(perSecond), count(cpuUs), (cpuUs / plain.cpuUs).toFixed(2)]);
      }
    }
    return { columns: ["nodes", "pods", "decisions/s", "CPU us/decision", "CPU ratio to plain"], rows };
  },
};

async function decide(kind: Kind, nodes: number, folder: string): Promise<Figures> {
  await fill(kind, nodes, folder);
  await using cluster = await ClusterProcess.start({
    ...apiServerOnly,
    scheduler: true,
    dataDir: folder,
    durable: false,
  });
  using requests = new HttpsRequests(cluster.target);
  const begin = await untilDecided(cluster, requests, warmUp);
  const end = await untilDecided(cluster, requests, warmUp + pods);
  const decisions = end.decided - begin.decided;
  return {
    perSecond: decisions / ((end.atMs - begin.atMs) / 1000),
    cpuUs: ((end.usage.cpuMs - begin.usage.cpuMs) * 1000) / decisions,
  };
}

interface Moment {
  readonly decided: number;
  readonly atMs: number;
  readonly usage: Usage;
}

async function untilDecided(cluster: ClusterProcess, requests: HttpsRequests, atLeast: number): Promise<Moment> {
  for (;;) {
    const decided = (await writeCounts(requests)).get("POST pods/binding") ?? 0;
    if (decided >= atLeast) return { decided, atMs: performance.now(), usage: await cluster.usage() };
    await sleep(lookMs);
  }
}

/** Leaves a store with the nodes, which nobody runs, and the pods. */
async function fill({ rules }: Kind, nodes: number, folder: string): Promise<void> {
  await using cluster = await ClusterProcess.start({ ...apiServerOnly, dataDir: folder, durable: false });
  const { target } = cluster;
  const createNode = { ...createPod, path: "/api/v1/nodes" };
  await load(target, { template: createNode, body: nodeBody, clients: 64, requests: nodes });
  const bodies = Array.from({ length: apps }, (_, app) => {
    const labels = { ...lightPod.metadata.labels, app: `app-${app}` };
    const pod = { metadata: { generateName: `app-${app}-`, labels }, spec: { ...lightPod.spec, ...rules(labels) } };
    return Buffer.from(JSON.stringify(pod));
  });
  const body = (at: number): Buffer => bodies[at % apps] ?? Buffer.alloc(0);
  await load(target, { template: createPod, body, clients: 64, requests: warmUp + pods });
}

function nodeBody(at: number): Buffer {
  const name = `node-${at}`;
  const capacity = { cpu: "16", memory: "64Gi", pods: "110", "ephemeral-storage": "256Gi" };
  const conditions = [{ type: "Ready", status: "True", reason: "KubeletReady" }];
  const labels = { [hostname]: name, [zone]: `zone-${at % zones}`, "kubernetes.io/os": "linux" };
  return Buffer.from(
    JSON.stringify({ metadata: { name, labels }, status: { capacity, allocatable: capacity, conditions } }),
  );
}

/** Pods of the same kind, by their place: in affinity and in spreading the same two fields. */
function term(labels: Labels, topologyKey: string): object {
  return { labelSelector: { matchLabels: labels }, topologyKey };
}
