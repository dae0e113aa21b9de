import { defaultArgs, type PluginArgs, type ResourceSpec } from "../plugins/args.ts";
import type { WrittenConfiguration, WrittenLeaderElection, WrittenPluginConfig } from "./written.ts";

/** The defaults of all but plugins. */
export function withDefaults(written: WrittenConfiguration): DefaultedConfiguration {
  const { profiles = [], leaderElection = {} } = written;
  const [only, ...others] = profiles.length === 0 ? [{}] : profiles;
  // With several profiles each must have a name of its own.
  const named =
    others.length === 0 ? [{ ...only, schedulerName: only?.schedulerName ?? "default-scheduler" }] : profiles;
  return {
    ...written,
    parallelism: written.parallelism ?? 16,
    leaderElection: electionWithDefaults(leaderElection),
    percentageOfNodesToScore: written.percentageOfNodesToScore ?? 0,
    podInitialBackoffSeconds: Number(written.podInitialBackoffSeconds ?? 1),
    podMaxBackoffSeconds: Number(written.podMaxBackoffSeconds ?? 10),
    profiles: named,
  };
}

export interface DefaultedConfiguration extends WrittenConfiguration {
  readonly parallelism: number;
  readonly leaderElection: Required<WrittenLeaderElection>;
  readonly percentageOfNodesToScore: number;
  readonly podInitialBackoffSeconds: number;
  readonly podMaxBackoffSeconds: number;
  readonly profiles: NonNullable<WrittenConfiguration["profiles"]>;
}

function electionWithDefaults(election: WrittenLeaderElection): Required<WrittenLeaderElection> {
  return {
    leaderElect: election.leaderElect ?? true,
    leaseDuration: nonZero(election.leaseDuration) ?? "15s",
    renewDeadline: nonZero(election.renewDeadline) ?? "10s",
    retryPeriod: nonZero(election.retryPeriod) ?? "2s",
    resourceLock: election.resourceLock || "leases",
    resourceName: election.resourceName || "kube-scheduler",
    resourceNamespace: election.resourceNamespace || "kube-system",
  };
}

function nonZero(duration: string | undefined): string | undefined {
  return duration === "0s" ? undefined : duration;
}

/** What the file says of plugins, over their defaults. */
export function argsWithDefaults(configs: readonly WrittenPluginConfig[]): PluginArgs {
  const balanced = written(configs, "NodeResourcesBalancedAllocation");
  const spread = written(configs, "PodTopologySpread");
  const volumes = written(configs, "VolumeBinding");
  return {
    NodeAffinity: { ...defaultArgs.NodeAffinity, ...written(configs, "NodeAffinity") },
    NodeResourcesFit: fitArgs(written(configs, "NodeResourcesFit")),
    NodeResourcesBalancedAllocation: {
      resources: weighted(balanced.resources ?? [], defaultArgs.NodeResourcesBalancedAllocation.resources),
    },
    InterPodAffinity: { ...defaultArgs.InterPodAffinity, ...written(configs, "InterPodAffinity") },
    PodTopologySpread: {
      ...defaultArgs.PodTopologySpread,
      ...spread,
      defaultingType: spread.defaultingType || defaultArgs.PodTopologySpread.defaultingType,
    },
    VolumeBinding: {
      bindTimeoutSeconds: Number(volumes.bindTimeoutSeconds ?? defaultArgs.VolumeBinding.bindTimeoutSeconds),
    },
    DefaultPreemption: { ...defaultArgs.DefaultPreemption, ...written(configs, "DefaultPreemption") },
    DynamicResources: { ...defaultArgs.DynamicResources, ...written(configs, "DynamicResources") },
  };
}

function fitArgs(args: Partial<PluginArgs["NodeResourcesFit"]>): PluginArgs["NodeResourcesFit"] {
  const { scoringStrategy, ...others } = { ...defaultArgs.NodeResourcesFit, ...args };
  const resources = weighted(scoringStrategy.resources ?? [], defaultArgs.NodeResourcesFit.scoringStrategy.resources);
  return { ...others, scoringStrategy: { ...scoringStrategy, resources } };
}

/** A weight of 0 is none. */
function weighted(resources: readonly Partial<ResourceSpec>[], otherwise: readonly ResourceSpec[]): ResourceSpec[] {
  if (resources.length === 0) return [...otherwise];
  return resources.map(({ name = "", weight = 0 }) => ({ name, weight: Number(weight) || 1 }));
}

/** The decoder has seen to it that the arguments are of the plugin's type. */
export function written<P extends keyof PluginArgs>(
  configs: readonly WrittenPluginConfig[],
  plugin: P,
): Partial<PluginArgs[P]> {
  const {
    kind: _kind,
    apiVersion: _apiVersion,
    ...args
  } = (configs.find(({ name }) => name === plugin)?.args ?? {}) as Partial<PluginArgs[P]> & {
    kind?: string;
    apiVersion?: string;
  };
  return args as unknown as Partial<PluginArgs[P]>;
}
