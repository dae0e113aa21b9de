import { fill } from "./fill.ts";
import { Http2Client } from "./http2-client.ts";
import { mb, type Measurement, ms } from "./measurement.ts";
import { podsPath } from "./pods.ts";
import { ServerProcess } from "./server-process.ts";
import { median } from "./statistics.ts";

const pods = 10_000;
/** One tick of the kernel's CPU count is 10 ms: so many lists are counted together. */
const listsPerRound = 10;
const rounds = 5;

const forms = [
  { what: "JSON", accept: "application/json", aim: "CPU < 60 ms" },
  { what: "Table (kubectl get)", accept: "application/json;as=Table;v=v1;g=meta.k8s.io", aim: "" },
  { what: "metadata only", accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", aim: "" },
  { what: "protobuf", accept: "application/vnd.kubernetes.protobuf", aim: "" },
] as const;

export const list: Measurement = {
  name: "list",
  title: `List of ${pods} pods of 3 KB`,
  async measure(scratch) {
    await fill(scratch, pods);
    await using server = await ServerProcess.start({ folder: scratch });
    using client = await Http2Client.open(server.target);
    const rows: string[][] = [];
    for (const { what, accept, aim } of forms) {
      const list = (): Promise<number> => client.request({ method: "GET", path: podsPath, headers: { accept } });
      const [bytes, firstMs] = await timed(list);
      for (let warmUp = 0; warmUp < listsPerRound; warmUp++) await list();
      const walls: number[] = [];
      const cpus: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const before = await server.usage();
        for (let index = 0; index < listsPerRound; index++) walls.push((await timed(list))[1]);
        cpus.push(((await server.usage()).cpuMs - before.cpuMs) / listsPerRound);
      }
      rows.push([what, mb(bytes), ms(firstMs), ms(median(walls)), ms(median(cpus)), aim]);
    }
    return { columns: ["form", "MB", "first ms", "ms", "server CPU ms", "aim"], rows };
  },
};

async function timed(list: () => Promise<number>): Promise<readonly [bytes: number, ms: number]> {
  const started = performance.now();
  const bytes = await list();
  return [bytes, performance.now() - started];
}
