/** How many replicas a metric calls for. https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details */
import type { Grouped, PodMetric, PodMetrics } from "./pod-metrics.ts";

/** How far usage may be from its target before anything is done: 0.1 is a tenth. */
export interface Tolerances {
  readonly up: number;
  readonly down: number;
}

export interface Proposal {
  readonly replicas: number;
  /** In thousandths: per pod, or of the whole object. */
  readonly usage: bigint;
  /** Percent of what is requested. */
  readonly utilization?: number;
}

export interface Present {
  /** Replicas that there are to be now. */
  readonly replicas: number;
  readonly tolerances: Tolerances;
}

const maxInt32 = 2 ** 31 - 1;
const maxInt64 = 2n ** 63n - 1n;

interface Measured {
  /** Of the usage to its target. */
  readonly ratio: number;
  readonly usage: bigint;
  readonly utilization?: number;
}

type Values = ReadonlyMap<string, bigint>;

/** By what share of their requests the pods use. Throws where nothing can be said of them. */
export function byUtilization(
  grouped: Grouped,
  { requests, target }: { readonly requests: Values; readonly target: number },
  present: Present,
): Proposal {
  const measure = (values: Values): Measured => {
    const known = [...values].filter(([name]) => requests.has(name));
    const used = known.reduce((sum, [, value]) => sum + value, 0n);
    const requested = known.reduce((sum, [name]) => sum + (requests.get(name) ?? 0n), 0n);
    if (requested === 0n) throw new Error("no metrics returned matched known pods");
    const utilization = toInt32(Number((used * 100n) / requested));
    return { ratio: utilization / target, utilization, usage: used / BigInt(known.length) };
  };
  // Those that nobody knows of might use all that they request, and more where that is the target.
  const most = BigInt(Math.max(100, target));
  const assumed = (name: string): bigint => ((requests.get(name) ?? 0n) * most) / 100n;
  return byPods(grouped, { measure, assumed }, present);
}

/** By what each pod is to use. */
export function byAverage(grouped: Grouped, target: bigint, present: Present): Proposal {
  const measure = (values: Values): Measured => {
    const usage = [...values.values()].reduce((sum, value) => sum + value, 0n) / BigInt(values.size);
    return { ratio: Number(usage) / Number(target), usage };
  };
  return byPods(grouped, { measure, assumed: () => target }, present);
}

interface Measure {
  readonly measure: (values: Values) => Measured;
  /** What a pod that nobody knows of is taken to use when there seem to be too many. */
  readonly assumed: (name: string) => bigint;
}

/**
 * Pods that nothing is known of count against any change: as using nothing when there seem to be too few, as using what
 * they should when there seem to be too many. Where that turns the decision round, nothing is done.
 */
function byPods(grouped: Grouped, how: Measure, { replicas, tolerances }: Present): Proposal {
  const { readyCount, unready, missing } = grouped;
  const values = valuesOf(grouped.metrics);
  const { ratio, ...about } = how.measure(values);
  const stay = { ...about, replicas };
  const isAllKnown = missing.size === 0 && (unready.size === 0 || ratio <= 1);
  if (isAllKnown)
    return isWithin(ratio, tolerances) ? stay : { ...about, replicas: toInt32(Math.ceil(ratio * readyCount)) };
  assume(values, ratio, grouped, how);
  const { ratio: careful } = how.measure(values);
  if (isWithin(careful, tolerances) || directionOf(careful) === -directionOf(ratio)) return stay;
  const proposed = toInt32(Math.ceil(careful * values.size));
  // More pods were counted than there are to be.
  return directionOf(careful) === -Math.sign(proposed - replicas) ? stay : { ...about, replicas: proposed };
}

function assume(values: Map<string, bigint>, ratio: number, { unready, missing }: Grouped, { assumed }: Measure): void {
  if (ratio < 1) for (const name of missing) values.set(name, assumed(name));
  if (ratio > 1) for (const name of [...missing, ...unready]) values.set(name, 0n);
}

/** 1: there are too few. -1: there are too many. */
function directionOf(ratio: number): number {
  return Math.sign(ratio - 1);
}

function valuesOf(metrics: PodMetrics): Map<string, bigint> {
  return new Map([...metrics].map(([name, { value }]: [string, PodMetric]) => [name, value]));
}

/** By a value that belongs to all pods together. `readyCount` is asked for only where it matters. */
export function byValue(usage: bigint, target: bigint, present: Present, readyCount: () => number): Proposal {
  const ratio = Number(usage) / Number(target);
  if (present.replicas === 0) return { usage, replicas: toInt32(Math.ceil(ratio)) };
  if (isWithin(ratio, present.tolerances)) return { usage, replicas: present.replicas };
  return { usage, replicas: toInt32(Math.ceil(ratio * readyCount())) };
}

/** By each pod's share of a value that belongs to all of them. `present.replicas`: those that there are. */
export function byShare(usage: bigint, target: bigint, { replicas, tolerances }: Present): Proposal {
  const ratio = Number(usage) / (Number(target) * replicas);
  const proposed = isWithin(ratio, tolerances) ? replicas : toInt32(Math.ceil(Number(usage) / Number(target)));
  if (usage >= maxInt64 || replicas === 0) return { usage: capped(usage), replicas: proposed };
  const [count, sign] = [BigInt(replicas), usage < 0n ? -1n : 1n];
  return { usage: sign > 0n ? (usage + count - 1n) / count : usage / count, replicas: proposed };
}

/** As much as an API object can say. */
export function capped(value: bigint): bigint {
  return value > maxInt64 ? maxInt64 : value;
}

function isWithin(ratio: number, { up, down }: Tolerances): boolean {
  return 1 - down <= ratio && ratio <= 1 + up;
}

function toInt32(value: number): number {
  return Math.min(Math.max(Number.isNaN(value) ? 0 : Math.trunc(value), -maxInt32 - 1), maxInt32);
}
