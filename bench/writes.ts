import type { Target, Template } from "./http2-client.ts";
import { load } from "./load.ts";
import { median } from "./statistics.ts";
import type { Usage } from "./usage.ts";

/** What is written to: a server's API, or etcd. */
export interface Writable {
  readonly target: Target;
  usage(): Promise<Usage>;
}

export interface Writes {
  readonly template: Template | ((request: number) => Template);
  readonly body: (request: number) => Uint8Array;
}

export interface WriteFigures {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuUs: number;
}

export async function measureWrites(
  on: Writable,
  writes: Writes,
  volume: { readonly clients: number; readonly requests: number },
): Promise<WriteFigures> {
  const before = await on.usage();
  const { perSecond, p50Ms, p99Ms } = await load(on.target, { ...writes, ...volume });
  const cpuUs = (((await on.usage()).cpuMs - before.cpuMs) * 1000) / volume.requests;
  return { perSecond, p50Ms, p99Ms, cpuUs };
}

/** The median of each figure. */
export function middle(figures: readonly WriteFigures[]): WriteFigures {
  const of = (key: keyof WriteFigures): number => median(figures.map((figure) => figure[key]));
  return { perSecond: of("perSecond"), p50Ms: of("p50Ms"), p99Ms: of("p99Ms"), cpuUs: of("cpuUs") };
}
