import { timeMillis } from "../../../api/machinery/time.ts";
import type { PodInfo } from "../../framework/pod-info.ts";
import type { Candidate } from "./candidate.ts";

/** What counts against a node, the weightiest first; a later one decides only between equals. */
type Cost = (candidate: Candidate, now: number) => number;

/** Makes priorities positive, so that one more victim always costs more. */
const priorityOffset = 2 ** 31;

const costs: readonly Cost[] = [
  ({ violations }) => violations,
  ({ victims }) => highestPriority(victims),
  ({ victims }) => victims.reduce((sum, { priority }) => sum + priority + priorityOffset, 0),
  ({ victims }) => victims.length,
  // Of the most important victims the first to have started: the later, the less is lost.
  ({ victims }, now) =>
    -victims
      .filter(({ priority }) => priority === highestPriority(victims))
      .reduce((earliest, victim) => Math.min(earliest, startTime(victim, now)), Number.POSITIVE_INFINITY),
];

/** The first of the best. */
export function pickCandidate(candidates: readonly Candidate[], now: number): Candidate | undefined {
  let left = candidates;
  for (const cost of costs) {
    if (left.length <= 1) break;
    const priced = left.map((candidate) => ({ candidate, price: cost(candidate, now) }));
    const least = priced.reduce((a, { price }) => Math.min(a, price), Number.POSITIVE_INFINITY);
    left = priced.filter(({ price }) => price === least).map(({ candidate }) => candidate);
  }
  return left[0];
}

function highestPriority(victims: readonly PodInfo[]): number {
  return victims.reduce((highest, { priority }) => Math.max(highest, priority), Number.NEGATIVE_INFINITY);
}

/** The higher priority first, then who has run for longer. */
export function byImportance(now: number): (a: PodInfo, b: PodInfo) => number {
  return (a, b) => b.priority - a.priority || startTime(a, now) - startTime(b, now);
}

function startTime({ pod }: PodInfo, now: number): number {
  return timeMillis(pod.status?.startTime) ?? now;
}
