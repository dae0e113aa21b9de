import type { LogLine } from "../runtime.ts";
import type { Behaviour } from "./behaviour.ts";

export interface Logging {
  readonly log: Behaviour["log"];
  /** The only line of a container that no rule lets speak. */
  readonly greeting: string;
  readonly startedAt: number;
}

/** Older lines are gone, as from a log that was rotated. */
const most = 10_000;

/** All that was written after `after` and not after `until`: made up when asked for, so that nothing is kept. */
export function linesBetween({ log, greeting, startedAt }: Logging, after: number, until: number): readonly LogLine[] {
  const lines = (log.lines ?? [greeting]).map((text) => line(startedAt, text));
  const first = startedAt > after && startedAt <= until ? lines : [];
  if (log.every === undefined) return first.slice(-most);
  const { ms, line: text } = log.every;
  const last = Math.floor((until - startedAt) / ms);
  const from = Math.max(1, Math.floor((after - startedAt) / ms) + 1, last - most + 1);
  const repeated =
    last < from
      ? []
      : Array.from({ length: last - from + 1 }, (_, index) => line(startedAt + (from + index) * ms, text));
  return [...first, ...repeated].slice(-most);
}

/** When the next line comes; undefined: never. */
export function nextLineAt({ log, startedAt }: Logging, now: number): number | undefined {
  if (log.every === undefined) return undefined;
  const { ms } = log.every;
  return startedAt + (Math.floor(Math.max(now - startedAt, 0) / ms) + 1) * ms;
}

function line(at: number, text: string): LogLine {
  return { at, stream: "stdout", text };
}
