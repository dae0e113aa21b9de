import { setTimeout as sleep } from "node:timers/promises";
import { apiServerOnly, type ApartOptions, ClusterProcess } from "./cluster-process.ts";
import { type Measurement, mb } from "./measurement.ts";
import { scaled } from "./scale.ts";

/** What a cluster does at its start is over by then. */
const quietAfterMs = 15_000;
const windowMs = scaled(60_000, 20_000);

const clusters: readonly { readonly what: string; readonly options: ApartOptions; readonly aim: string }[] = [
  { what: "API server alone", options: apiServerOnly, aim: "" },
  { what: "all, no node", options: { nodes: 0 }, aim: "" },
  { what: "all, 1 node", options: { nodes: 1 }, aim: "< 2 %" },
  { what: "all, 1,000 nodes", options: { nodes: 1000 }, aim: "" },
];

/** Share of a core that a cluster takes when nobody asks anything of it. */
export const idleCpu: Measurement = {
  name: "idle-cpu",
  title: "Processor time of an idle cluster",
  async measure() {
    const rows: string[][] = [];
    for (const { what, options, aim } of clusters) {
      await using cluster = await ClusterProcess.start(options);
      await sleep(quietAfterMs);
      const before = await cluster.usage();
      await sleep(windowMs);
      const { cpuMs, rssBytes } = await cluster.usage();
      rows.push([what, (((cpuMs - before.cpuMs) / windowMs) * 100).toFixed(2), mb(rssBytes), aim]);
    }
    return { columns: ["cluster", "% of a core", "RSS MB", "aim"], rows };
  },
};
