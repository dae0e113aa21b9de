/**
 * A KubeSchedulerConfiguration as people write it, before defaults.
 * https://kubernetes.io/docs/reference/config-api/kube-scheduler-config.v1/
 */
import type { Json } from "../../api/machinery/object.ts";
import type { ExtensionPoint } from "../framework/profile.ts";

export interface WrittenConfiguration {
  readonly parallelism?: number;
  readonly leaderElection?: WrittenLeaderElection;
  readonly clientConnection?: { readonly qps?: number; readonly burst?: number };
  readonly percentageOfNodesToScore?: number;
  readonly podInitialBackoffSeconds?: number | bigint;
  readonly podMaxBackoffSeconds?: number | bigint;
  readonly profiles?: readonly WrittenProfile[];
  readonly extenders?: readonly Json[];
}

export interface WrittenLeaderElection {
  readonly leaderElect?: boolean;
  /** Durations such as `15s`. */
  readonly leaseDuration?: string;
  readonly renewDeadline?: string;
  readonly retryPeriod?: string;
  readonly resourceLock?: string;
  readonly resourceName?: string;
  readonly resourceNamespace?: string;
}

export interface WrittenProfile {
  readonly schedulerName?: string;
  readonly percentageOfNodesToScore?: number;
  readonly plugins?: WrittenPlugins;
  readonly pluginConfig?: readonly WrittenPluginConfig[];
}

/** `multiPoint` stands for all extension points that a plugin has. */
export type WrittenPlugins = { readonly [P in ExtensionPoint | "multiPoint"]?: WrittenPluginSet };

export interface WrittenPluginSet {
  readonly enabled?: readonly WrittenPlugin[];
  /** `*` is all of the default ones. */
  readonly disabled?: readonly WrittenPlugin[];
}

export interface WrittenPlugin {
  readonly name: string;
  readonly weight?: number;
}

export interface WrittenPluginConfig {
  readonly name: string;
  readonly args?: Json;
}
