/**
 * The arguments that `pluginConfig` gives to plugins, and their defaults.
 * https://kubernetes.io/docs/reference/config-api/kube-scheduler-config.v1/
 */
import type { NodeAffinity, TopologySpreadConstraint } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";

export interface NodeAffinityArgs {
  /** Demanded of, or preferred for, every pod of the profile, beside its own affinity. */
  readonly addedAffinity?: DeepReadonly<NodeAffinity>;
}

export interface ResourceSpec {
  readonly name: string;
  /** 1 to 100. */
  readonly weight: number;
}

export interface UtilizationShapePoint {
  /** Percent: 0 to 100. */
  readonly utilization: number;
  /** 0 to 10. */
  readonly score: number;
}

export interface ScoringStrategy {
  readonly type: "LeastAllocated" | "MostAllocated" | "RequestedToCapacityRatio";
  readonly resources: readonly ResourceSpec[];
  /** Only for RequestedToCapacityRatio: by rising utilization. */
  readonly requestedToCapacityRatio?: { readonly shape: readonly UtilizationShapePoint[] };
}

export interface NodeResourcesFitArgs {
  /** Extended resources that are not looked at. */
  readonly ignoredResources: readonly string[];
  /** The same by what comes before the `/`. */
  readonly ignoredResourceGroups: readonly string[];
  readonly scoringStrategy: ScoringStrategy;
}

export interface NodeResourcesBalancedAllocationArgs {
  readonly resources: readonly ResourceSpec[];
}

export interface InterPodAffinityArgs {
  /** What the required affinity of a pod that runs counts for, when a pod that it wants near comes: 0 to 100. */
  readonly hardPodAffinityWeight: number;
  /** What pods that run prefer does not count for a pod that prefers nothing itself. */
  readonly ignorePreferredTermsOfExistingPods: boolean;
}

export interface PodTopologySpreadArgs {
  /** For pods without constraints of their own; their selectors are deduced from what the pods belong to. */
  readonly defaultConstraints: readonly DeepReadonly<TopologySpreadConstraint>[];
  /** `System`: Kubernetes's own default constraints. */
  readonly defaultingType: "System" | "List";
}

export interface VolumeBindingArgs {
  /** How long PreBind waits for volumes to be bound. */
  readonly bindTimeoutSeconds: number;
}

export interface DefaultPreemptionArgs {
  /** Of the nodes that might do, how many are tried: at least this share… */
  readonly minCandidateNodesPercentage: number;
  /** …and at least so many. */
  readonly minCandidateNodesAbsolute: number;
}

export interface DynamicResourcesArgs {
  /** How long Filter may take on one node, as a duration; `0s`: no limit. */
  readonly filterTimeout: string;
  /** How long PreBind waits for a device to become ready. */
  readonly bindingTimeout: string;
}

/** By plugin: all of those that take arguments. */
export interface PluginArgs {
  readonly NodeAffinity: NodeAffinityArgs;
  readonly NodeResourcesFit: NodeResourcesFitArgs;
  readonly NodeResourcesBalancedAllocation: NodeResourcesBalancedAllocationArgs;
  readonly InterPodAffinity: InterPodAffinityArgs;
  readonly PodTopologySpread: PodTopologySpreadArgs;
  readonly VolumeBinding: VolumeBindingArgs;
  readonly DefaultPreemption: DefaultPreemptionArgs;
  readonly DynamicResources: DynamicResourcesArgs;
}

const cpuAndMemory: readonly ResourceSpec[] = [
  { name: "cpu", weight: 1 },
  { name: "memory", weight: 1 },
];

export const defaultArgs: PluginArgs = {
  NodeAffinity: {},
  NodeResourcesFit: {
    ignoredResources: [],
    ignoredResourceGroups: [],
    scoringStrategy: { type: "LeastAllocated", resources: cpuAndMemory },
  },
  NodeResourcesBalancedAllocation: { resources: cpuAndMemory },
  InterPodAffinity: { hardPodAffinityWeight: 1, ignorePreferredTermsOfExistingPods: false },
  PodTopologySpread: { defaultConstraints: [], defaultingType: "System" },
  VolumeBinding: { bindTimeoutSeconds: 600 },
  DefaultPreemption: { minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100 },
  DynamicResources: { filterTimeout: "10s", bindingTimeout: "10m" },
};
