import { join } from "node:path";
import { fill } from "./fill.ts";
import { Http2Client } from "./http2-client.ts";
import { type Measurement, ms } from "./measurement.ts";
import { podsPath } from "./pods.ts";
import { ServerProcess } from "./server-process.ts";
import { median } from "./statistics.ts";

const rounds = 7;
const pods = 10_000;

interface Start {
  readonly readyMs: number;
  readonly firstListMs: number;
}

/** From the start of the process to its word that it is ready; objects are read when they are first asked for. */
export const coldStart: Measurement = {
  name: "cold-start",
  title: "Cold start",
  async measure(scratch) {
    const filled = join(scratch, "filled");
    await fill(filled, pods);
    const first: Start[] = [];
    const empty: Start[] = [];
    const full: Start[] = [];
    for (let round = 0; round < rounds; round++) {
      const folder = join(scratch, `empty-${round}`);
      first.push(await start(folder));
      empty.push(await start(folder));
      full.push(await start(filled));
    }
    return {
      columns: ["store", "ready ms", "first list of one pod ms", "aim"],
      rows: [
        row("first start: certificates, bootstrap objects", first, "< 600 ms"),
        row("started before, empty", empty, "< 600 ms"),
        row(`${pods} pods of 3 KB`, full, "< 600 ms"),
      ],
    };
  },
};

async function start(folder: string): Promise<Start> {
  await using server = await ServerProcess.start({ folder, whole: true });
  using client = await Http2Client.open(server.target);
  const asked = performance.now();
  await client.request({ method: "GET", path: `${podsPath}?limit=1` });
  return { readyMs: server.readyMs, firstListMs: performance.now() - asked };
}

function row(store: string, starts: readonly Start[], aim: string): readonly string[] {
  return [
    store,
    ms(median(starts.map(({ readyMs }) => readyMs))),
    ms(median(starts.map(({ firstListMs }) => firstListMs))),
    aim,
  ];
}
