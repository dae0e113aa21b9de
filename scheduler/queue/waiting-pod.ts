import type { QueuedPod } from "../framework/plugin.ts";
import type { PodInfo } from "../framework/pod-info.ts";

/**
 * Where a pod is that has no node yet:
 * - `active`: to be tried now, in the order of QueueSort
 * - `backoff`: it failed not long ago, something has changed since; tried when its time is over, or nothing else waits
 * - `errorBackoff`: an error kept it from being tried properly; tried when its time is over
 * - `unschedulable`: waits for an event that may help, or for its gates
 * - `inFlight`: on its way through a cycle, which must not miss an event meanwhile
 * - `binding`: it has a node, and only the writes are left
 */
export type Place = "active" | "backoff" | "errorBackoff" | "unschedulable" | "inFlight" | "binding";

/** What the queue knows of one pod. Only the queue changes it. */
export interface WaitingPod extends QueuedPod {
  info: PodInfo;
  timestamp: number;
  /** Entry, where all else is equal. */
  order: number;
  place: Place;
  /** How often it was taken out. */
  attempts: number;
  /** When it was first ready to be tried, in milliseconds. */
  firstReadyAt: number | undefined;
  /** How often plugins have rejected it. */
  rejections: number;
  /** How often in a row an error came between. */
  errors: number;
  /** Plugins whose events may help. */
  unschedulable: ReadonlySet<string>;
  /** The same without back-off. */
  pending: ReadonlySet<string>;
  /** The plugin whose PreEnqueue holds it back. */
  gatedBy: string | undefined;
}

export function createWaitingPod(info: PodInfo, now: number, order: number): WaitingPod {
  return {
    info,
    timestamp: now,
    order,
    place: "unschedulable",
    attempts: 0,
    firstReadyAt: undefined,
    rejections: 0,
    errors: 0,
    unschedulable: nobody,
    pending: nobody,
    gatedBy: undefined,
  };
}

export const nobody: ReadonlySet<string> = new Set();
