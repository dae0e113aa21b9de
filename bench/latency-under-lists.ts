import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { fill } from "./fill.ts";
import { Http2Client } from "./http2-client.ts";
import type { Listing } from "./lister-process.ts";
import { count, type Measurement, ms } from "./measurement.ts";
import { podsPath } from "./pods.ts";
import { ServerProcess } from "./server-process.ts";
import { quantile } from "./statistics.ts";

const pods = 10_000;
const listers = 4;
const seconds = 10;
/** Between two small requests, so that they see the server at any moment of a list. */
const pauseMs = 2;
const smallPath = "/api/v1/namespaces/default";

const lists = [
  { what: "none", template: undefined },
  { what: "JSON", template: { method: "GET", path: podsPath, headers: { accept: "application/json" } } },
  {
    what: "Table",
    template: { method: "GET", path: podsPath, headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" } },
  },
] as const;

/** What small requests wait for while clients in another process list all pods in a loop. */
export const latencyUnderLists: Measurement = {
  name: "latency-under-lists",
  title: `Small requests while ${listers} clients list ${pods} pods in a loop`,
  async measure(scratch) {
    await fill(scratch, pods);
    const rows: string[][] = [];
    for (const { what, template } of lists) {
      await using server = await ServerProcess.start({ folder: scratch });
      const { target } = server;
      if (template === undefined) rows.push([what, "0", ...(await smallRequests(server)), ""]);
      else rows.push([what, ...(await whileListing({ target, template, clients: listers }, server)), "p99 < 25 ms"]);
    }
    return { columns: ["lists", "lists/s", "p50 ms", "p99 ms", "max ms", "aim"], rows };
  },
};

async function whileListing(listing: Listing, server: ServerProcess): Promise<readonly string[]> {
  const child = fork(fileURLToPath(new URL("lister-process.ts", import.meta.url)));
  let listed = 0;
  child.on("message", () => listed++);
  child.send(listing);
  // Until the objects are read and the code is compiled.
  while (listed < 3 * listers) await sleep(50);
  listed = 0;
  const figures = await smallRequests(server);
  const perSecond = count(listed / seconds);
  const exited = once(child, "exit");
  child.kill();
  await exited;
  return [perSecond, ...figures];
}

async function smallRequests({ target }: ServerProcess): Promise<readonly string[]> {
  using client = await Http2Client.open(target);
  const send = client.prepare({ method: "GET", path: smallPath });
  const latencies: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const started = performance.now();
    await send();
    latencies.push(performance.now() - started);
    await sleep(pauseMs);
  }
  return [ms(quantile(latencies, 0.5)), ms(quantile(latencies, 0.99)), ms(Math.max(...latencies))];
}
