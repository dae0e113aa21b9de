/** What the scheduler runs by: the configuration with all defaults, checked. */
import type { ExtensionPoint } from "../framework/profile.ts";
import type { PluginArgs } from "../plugins/args.ts";

export interface SchedulerConfiguration {
  /** Accepted, and without effect: one thread filters all nodes. */
  readonly parallelism: number;
  readonly leaderElection: LeaderElectionSettings;
  /** 0: adapted to the size of the cluster. */
  readonly percentageOfNodesToScore: number;
  readonly podInitialBackoffSeconds: number;
  /** 0: none at all. */
  readonly podMaxBackoffSeconds: number;
  /** At least one; no two of the same name. */
  readonly profiles: readonly ProfileSettings[];
}

export interface LeaderElectionSettings {
  readonly leaderElect: boolean;
  readonly leaseDurationMs: number;
  readonly renewDeadlineMs: number;
  readonly retryPeriodMs: number;
  readonly resourceName: string;
  readonly resourceNamespace: string;
}

export interface ProfileSettings {
  readonly schedulerName: string;
  /** Undefined: as for the whole scheduler. */
  readonly percentageOfNodesToScore: number | undefined;
  /** Names of plugins, in the order in which they run. */
  readonly points: Readonly<Record<ExtensionPoint, readonly string[]>>;
  /** Of those that score. */
  readonly weights: ReadonlyMap<string, number>;
  readonly args: PluginArgs;
}
