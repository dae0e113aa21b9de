import { join } from "node:path";
import { EtcdProcess, putBody, putTemplate } from "./etcd-process.ts";
import { load } from "./load.ts";
import { count, type Measurement, ms } from "./measurement.ts";
import { createPod, podBody } from "./pods.ts";
import { ServerProcess } from "./server-process.ts";
import { measureWrites, middle, type Writable, type WriteFigures, type Writes } from "./writes.ts";

const rounds = 5;
const steps = [
  { clients: 1, requests: 500 },
  { clients: 16, requests: 4000 },
  { clients: 64, requests: 8000 },
  { clients: 256, requests: 8000 },
] as const;

/** Durable creates of 3 KB pods over HTTPS; etcd takes values of the same size. New servers in each round. */
export const creates: Measurement = {
  name: "creates",
  title: "Durable creates",
  async measure(scratch) {
    const ours = new Map<number, WriteFigures[]>();
    const etcds = new Map<number, WriteFigures[]>();
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

async function eachStep(store: Writable, writes: Writes, into: Map<number, WriteFigures[]>): Promise<void> {
  // Compiled code is what a server runs for nearly all of its life.
  await load(store.target, { ...writes, clients: 64, requests: 4000 });
  for (const step of steps)
    into.set(step.clients, [...(into.get(step.clients) ?? []), await measureWrites(store, writes, step)]);
}

function row(clients: number, ours: WriteFigures, etcd: WriteFigures): readonly string[] {
  return [
    String(clients),
    ...[count(ours.perSecond), ms(ours.p50Ms), ms(ours.p99Ms), count(ours.cpuUs)],
    ...[count(etcd.perSecond), ms(etcd.p99Ms), count(etcd.cpuUs), (ours.perSecond / etcd.perSecond).toFixed(2)],
    clients === 64 ? ">= 3,000/s" : "",
  ];
}
