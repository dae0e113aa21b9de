import { Http2Client, type Target, type Template } from "./http2-client.ts";
import { quantile } from "./statistics.ts";

export interface LoadResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Load {
  /** The same for all, or made for each request by its number. */
  readonly template: Template | ((request: number) => Template);
  /** Made anew for each request. */
  readonly body?: (request: number) => Uint8Array;
  readonly clients: number;
  readonly requests: number;
}

/** Clients that share a connection, as goroutines of one program do. */
const clientsPerConnection = 64;

/** Closed loop: each client sends its next request when it has the answer to the last. */
export async function load(target: Target, { template, body, clients, requests }: Load): Promise<LoadResult> {
  const connections = await Promise.all(
    Array.from({ length: Math.ceil(clients / clientsPerConnection) }, () => Http2Client.open(target)),
  );
  const latencies: number[] = [];
  let sent = 0;
  const work = async (connection: Http2Client): Promise<void> => {
    const prepared = typeof template === "function" ? undefined : connection.prepare(template);
    while (sent < requests) {
      const request = sent++;
      const send = prepared ?? connection.prepare(typeof template === "function" ? template(request) : template);
      const bytes = body?.(request);
      const started = performance.now();
      await send(bytes);
      latencies.push(performance.now() - started);
    }
  };
  const started = performance.now();
  await Promise.all(connections.flatMap((connection, index) => clientsOf(index, clients).map(() => work(connection))));
  const seconds = (performance.now() - started) / 1000;
  for (const connection of connections) connection[Symbol.dispose]();
  return {
    perSecond: latencies.length / seconds,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
  };
}

function clientsOf(connection: number, clients: number): readonly undefined[] {
  const left = clients - connection * clientsPerConnection;
  return Array.from({ length: Math.min(left, clientsPerConnection) }, () => undefined);
}
