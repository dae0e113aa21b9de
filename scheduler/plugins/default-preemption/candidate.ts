import type { PodInfo } from "../../framework/pod-info.ts";

/** A node that would do without these pods. */
export interface Candidate {
  readonly nodeName: string;
  /** The most important first; at least one. */
  readonly victims: readonly PodInfo[];
  /** How many of them no disruption budget leaves to be evicted. */
  readonly violations: number;
}
