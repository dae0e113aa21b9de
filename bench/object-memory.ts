import { fill } from "./fill.ts";
import { Http2Client } from "./http2-client.ts";
import { count, type Measurement, mb } from "./measurement.ts";
import { podsPath } from "./pods.ts";
import { ServerProcess } from "./server-process.ts";

const pods = 20_000;

/** Resident memory that the objects add: what is left of it after a restart, when all have been read, is what they need. */
export const objectMemory: Measurement = {
  name: "object-memory",
  title: "Memory per stored object of 3 KB",
  async measure(scratch) {
    await fill(scratch, pods);
    await using server = await ServerProcess.start({ folder: scratch });
    const started = (await server.usage()).rssBytes;
    using client = await Http2Client.open(server.target);
    await client.request({ method: "GET", path: `${podsPath}?limit=1` });
    const loaded = (await server.usage()).rssBytes;
    for (let index = 0; index < 5; index++) await client.request({ method: "GET", path: podsPath });
    const listed = (await server.usage()).rssBytes;
    const row = (what: string, rss: number): string[] => [what, mb(rss), count((rss - started) / pods)];
    return {
      columns: ["server", "RSS MB", "bytes per object"],
      rows: [
        [`started on ${pods} pods`, mb(started), ""],
        row("all read", loaded),
        row("after five lists of all", listed),
      ],
    };
  },
};
