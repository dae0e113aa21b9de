import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { mb, type Measurement } from "./measurement.ts";
import { ServerProcess } from "./server-process.ts";
import { median } from "./statistics.ts";

const rounds = 5;

/** Resident memory of a server that has just started and has nothing to do. */
export const idleMemory: Measurement = {
  name: "idle-memory",
  title: "Idle memory",
  async measure(scratch) {
    const fresh: number[] = [];
    const restarted: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const folder = join(scratch, String(round));
      fresh.push(await idle(folder));
      restarted.push(await idle(folder));
    }
    return {
      columns: ["server", "RSS MB", "aim"],
      rows: [
        ["after its first start", mb(median(fresh)), "< 110 MB"],
        ["started before", mb(median(restarted)), "< 110 MB"],
      ],
    };
  },
};

async function idle(folder: string): Promise<number> {
  await using server = await ServerProcess.start({ folder, whole: true });
  await sleep(3000);
  return (await server.usage()).rssBytes;
}
