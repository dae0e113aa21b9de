import { Http2Client } from "./http2-client.ts";
import { load, type LoadResult } from "./load.ts";
import { count, type Measurement, ms } from "./measurement.ts";
import { createPod, podBody, podsPath } from "./pods.ts";
import { ServerProcess } from "./server-process.ts";
import { median } from "./statistics.ts";

const rounds = 5;
const steps = [
  { clients: 1, requests: 2000 },
  { clients: 64, requests: 10_000 },
] as const;

export const get: Measurement = {
  name: "get",
  title: "Get of one pod",
  async measure(scratch) {
    await using server = await ServerProcess.start({ folder: scratch });
    const path = `${podsPath}/${await madePod(server)}`;
    const template = { method: "GET", path, headers: { accept: "application/json" } };
    await load(server.target, { template, clients: 64, requests: 10_000 });
    const rows: string[][] = [];
    for (const step of steps) {
      const results: LoadResult[] = [];
      const before = await server.usage();
      for (let round = 0; round < rounds; round++) results.push(await load(server.target, { template, ...step }));
      const cpuUs = (((await server.usage()).cpuMs - before.cpuMs) * 1000) / (rounds * step.requests);
      const middle = (key: keyof LoadResult): number => median(results.map((result) => result[key]));
      rows.push([
        String(step.clients),
        ...[count(middle("perSecond")), ms(middle("p50Ms")), ms(middle("p99Ms")), count(cpuUs)],
      ]);
    }
    return { columns: ["clients", "gets/s", "p50 ms", "p99 ms", "server CPU us"], rows };
  },
};

async function madePod({ target }: ServerProcess): Promise<string> {
  using client = await Http2Client.open(target);
  let answer = "";
  await client.request(createPod, podBody, (piece) => (answer += piece.toString()));
  return (JSON.parse(answer) as { readonly metadata: { readonly name: string } }).metadata.name;
}
