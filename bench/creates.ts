import { join } from "node:path";
import { EtcdProcess, putBody, putTemplate } from "./etcd-process.ts";
import type { Target, Template } from "./http2-client.ts";
import { load } from "./load.ts";
import { count, type Measurement, ms } from "./measurement.ts";
import { createPod, podBody } from "./pods.ts";
import { ServerProcess } from "./server-process.ts";
import { median } from "./statistics.ts";
import type { Usage } from "./usage.ts";

const rounds = 5;
const steps = [
  { clients: 1, requests: 500 },
  { clients: 16, requests: 4000 },
  { clients: 64, requests: 8000 },
  { clients: 256, requests: 8000 },
] as const;

interface Figures {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuUs: number;
}

/** What is written to: a server's API, or etcd. */
interface Writable {
  readonly target: Target;
  usage(): Promise<Usage>;
}

interface Write {
  readonly template: Template;
  readonly body: () => Uint8Array;
}

/** Durable creates of 3 KB pods over HTTPS; etcd takes values of the same size. New servers in each round. */
export const creates: Measurement = {
  name: "creates",
  title: "Durable creates",
  async measure(scratch) {
    const ours = new Map<number, Figures[]>();
    const etcds = new Map<number, Figures[]>();
    for (let round = 0; round < rounds; round++) {
      const folder = join(scratch, String(round));
      await using server = await ServerProcess.start({ folder });
      await eachStep(server, { template: createPod, body: () => podBody }, ours);
      await server[Symbol.asyncDispose]();
      await using etcd = await EtcdProcess.start(join(folder, "etcd"), join(folder, "pki"));
      if (etcd !== undefined) await eachStep(etcd, { template: putTemplate, body: puts() }, etcds);
    }
    return {
      columns: [
        "clients",
        "creates/s",
        "p50 ms",
        "p99 ms",
        "server CPU us",
        "etcd puts/s",
        "etcd p99 ms",
        "etcd CPU us",
        "ratio",
        "aim",
      ],
      rows: steps.map(({ clients }) => row(clients, middle(ours.get(clients) ?? []), middle(etcds.get(clients) ?? []))),
    };
  },
};

function puts(): () => Buffer {
  let next = 0;
  return () => putBody(`/registry/pods/default/web-${next++}`, storedPod);
}

/** As large as what is stored of a pod. */
const storedPod = Buffer.alloc(3000, "x");

async function eachStep(store: Writable, write: Write, into: Map<number, Figures[]>): Promise<void> {
  // Compiled code is what a server runs for nearly all of its life.
  await load(store.target, { ...write, clients: 64, requests: 4000 });
  for (const { clients, requests } of steps) {
    const before = await store.usage();
    const { perSecond, p50Ms, p99Ms } = await load(store.target, { ...write, clients, requests });
    const cpuUs = (((await store.usage()).cpuMs - before.cpuMs) * 1000) / requests;
    into.set(clients, [...(into.get(clients) ?? []), { perSecond, p50Ms, p99Ms, cpuUs }]);
  }
}

function middle(figures: readonly Figures[]): Figures {
  const of = (key: keyof Figures): number => median(figures.map((figure) => figure[key]));
  return { perSecond: of("perSecond"), p50Ms: of("p50Ms"), p99Ms: of("p99Ms"), cpuUs: of("cpuUs") };
}

function row(clients: number, ours: Figures, etcd: Figures): readonly string[] {
  return [
    String(clients),
    ...[count(ours.perSecond), ms(ours.p50Ms), ms(ours.p99Ms), count(ours.cpuUs)],
    ...[count(etcd.perSecond), ms(etcd.p99Ms), count(etcd.cpuUs), (ours.perSecond / etcd.perSecond).toFixed(2)],
    clients === 64 ? ">= 3,000/s" : "",
  ];
}
