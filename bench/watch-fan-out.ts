import { Http2Client } from "./http2-client.ts";
import { type Measurement, ms } from "./measurement.ts";
import { createPod, podBody, podsPath } from "./pods.ts";
import { ServerProcess } from "./server-process.ts";
import { quantile } from "./statistics.ts";

const events = 200;
const watchersPerConnection = 100;

/** One event at a time to many watchers on HTTP/2, from the write's first byte to the event's last one at the last watcher. */
export const watchFanOut: Measurement = {
  name: "watch-fan-out",
  title: "Watch fan-out",
  async measure(scratch) {
    const rows: string[][] = [];
    for (const watchers of [1, 100, 1000]) {
      await using server = await ServerProcess.start({ folder: `${scratch}/${watchers}` });
      rows.push([
        String(watchers),
        ...(await fanOut(server, watchers)),
        watchers === 1000 ? "event to all < 10 ms" : "",
      ]);
    }
    const columns = [
      "watchers",
      "write answered ms",
      "write to all p50 ms",
      "write to all p99 ms",
      "event to all p50 ms",
      "event to all p99 ms",
      "aim",
    ];
    return { columns, rows };
  },
};

async function fanOut(server: ServerProcess, watchers: number): Promise<readonly string[]> {
  using writer = await Http2Client.open(server.target);
  const connections = await Promise.all(
    Array.from({ length: Math.ceil(watchers / watchersPerConnection) }, () => Http2Client.open(server.target)),
  );
  const crowd = new Crowd(watchers);
  for (let index = 0; index < watchers; index++) {
    const connection = connections[Math.floor(index / watchersPerConnection)];
    // Ends with the connection.
    connection
      ?.request({ method: "GET", path: `${podsPath}?watch=1` }, undefined, (piece) => crowd.take(piece))
      .catch(() => undefined);
  }
  const answered: number[] = [];
  const fromWrite: number[] = [];
  const fromFirst: number[] = [];
  for (let event = 0; event < events; event++) {
    const reached = crowd.next();
    const started = performance.now();
    const written = writer.request(createPod, podBody).then(() => answered.push(performance.now() - started));
    const { firstAt, lastAt } = await reached;
    await written;
    // The first rounds warm up, and wait for the last watches to begin.
    if (event < events / 4) continue;
    fromWrite.push(lastAt - started);
    fromFirst.push(lastAt - firstAt);
  }
  for (const connection of connections) connection[Symbol.dispose]();
  return [
    ms(quantile(answered, 0.5)),
    ...[fromWrite, fromFirst].flatMap((times) => [ms(quantile(times, 0.5)), ms(quantile(times, 0.99))]),
  ];
}

/** Counts whom an event has reached: each frame ends with a line feed, and there is no other in it. */
class Crowd {
  readonly #size: number;
  #reached = 0;
  #firstAt = 0;
  #resolve: ((times: { firstAt: number; lastAt: number }) => void) | undefined;

  constructor(size: number) {
    this.#size = size;
  }

  /** Resolves when the next event has reached everybody. */
  next(): Promise<{ readonly firstAt: number; readonly lastAt: number }> {
    this.#reached = 0;
    return new Promise((resolve) => (this.#resolve = resolve));
  }

  take(piece: Buffer): void {
    if (this.#reached === 0) this.#firstAt = performance.now();
    if (piece.at(-1) !== 0x0a) return;
    this.#reached += 1;
    if (this.#reached === this.#size) this.#resolve?.({ firstAt: this.#firstAt, lastAt: performance.now() });
  }
}
