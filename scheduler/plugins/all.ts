/** All plugins in the order in which they run by default, with their weights. */
import type { Listers } from "../framework/listers.ts";
import type { Plugin } from "../framework/plugin.ts";
import type { ExtensionPoint } from "../framework/profile.ts";
import type { DefaultPreemptionArgs, PluginArgs } from "./args.ts";
import { createDynamicResources } from "./dynamic-resources/dynamic-resources.ts";
import type { ClaimEffects } from "./dynamic-resources/effects.ts";
import { imageLocality } from "./image-locality.ts";
import { createInterPodAffinity } from "./inter-pod-affinity/inter-pod-affinity.ts";
import { names, type PluginName } from "./names.ts";
import { createNodeAffinity } from "./node-affinity.ts";
import { nodeDeclaredFeatures } from "./node-declared-features.ts";
import { nodeName } from "./node-name.ts";
import { nodePorts } from "./node-ports.ts";
import { createBalancedAllocation } from "./node-resources-balanced-allocation.ts";
import { createNodeResourcesFit } from "./node-resources-fit.ts";
import { nodeUnschedulable } from "./node-unschedulable.ts";
import { createNodeVolumeLimits } from "./node-volume-limits.ts";
import { createPodTopologySpread } from "./pod-topology-spread/pod-topology-spread.ts";
import { prioritySort } from "./priority-sort.ts";
import { schedulingGates } from "./scheduling-gates.ts";
import { taintToleration } from "./taint-toleration.ts";
import type { VolumeBindingEffects } from "./volume-binding/effects.ts";
import { createVolumeBinding } from "./volume-binding/volume-binding.ts";
import { createVolumeRestrictions } from "./volume-restrictions.ts";
import { createVolumeZone } from "./volume-zone.ts";

/** What plugins need of the scheduler around them. */
export interface PluginNeeds {
  readonly listers: Listers;
  readonly volumes: VolumeBindingEffects;
  readonly claims: ClaimEffects;
  /** DefaultPreemption evicts, and DefaultBinder binds: that is not for plugins that only judge. */
  readonly createPreemption: (args: DefaultPreemptionArgs) => Plugin;
  readonly binder: Plugin;
}

export interface PluginRow {
  readonly name: PluginName;
  /** Of its scores; only for plugins that score. */
  readonly weight?: number;
  readonly points: readonly ExtensionPoint[];
  readonly create: (args: PluginArgs, needs: PluginNeeds) => Plugin;
}

const scoring = ["preScore", "score"] as const;

export const allPlugins: readonly PluginRow[] = [
  { name: names.schedulingGates, points: ["preEnqueue"], create: () => schedulingGates },
  { name: names.prioritySort, points: ["queueSort"], create: () => prioritySort },
  { name: names.nodeUnschedulable, points: ["filter"], create: () => nodeUnschedulable },
  { name: names.nodeName, points: ["filter"], create: () => nodeName },
  { name: names.taintToleration, weight: 3, points: ["filter", ...scoring], create: () => taintToleration },
  {
    name: names.nodeAffinity,
    weight: 2,
    points: ["preFilter", "filter", ...scoring],
    create: (args) => createNodeAffinity(args.NodeAffinity),
  },
  { name: names.nodePorts, points: ["preFilter", "filter"], create: () => nodePorts },
  {
    name: names.nodeResourcesFit,
    weight: 1,
    points: ["preFilter", "filter", ...scoring],
    create: (args) => createNodeResourcesFit(args.NodeResourcesFit),
  },
  {
    name: names.volumeRestrictions,
    points: ["preFilter", "filter"],
    create: (_, { listers }) => createVolumeRestrictions(listers),
  },
  {
    name: names.nodeVolumeLimits,
    points: ["preFilter", "filter"],
    create: (_, { listers }) => createNodeVolumeLimits(listers),
  },
  {
    name: names.volumeBinding,
    points: ["preFilter", "filter", "reserve", "preBind", ...scoring],
    create: (args, { listers, volumes }) => createVolumeBinding(args.VolumeBinding, listers, volumes),
  },
  {
    name: names.volumeZone,
    points: ["preFilter", "filter"],
    create: (_, { listers }) => createVolumeZone(listers),
  },
  {
    name: names.podTopologySpread,
    weight: 2,
    points: ["preFilter", "filter", ...scoring],
    create: (args, { listers }) => createPodTopologySpread(args.PodTopologySpread, listers),
  },
  {
    name: names.interPodAffinity,
    weight: 2,
    points: ["preFilter", "filter", ...scoring],
    create: (args, { listers }) => createInterPodAffinity(args.InterPodAffinity, listers),
  },
  {
    name: names.dynamicResources,
    // Before preemption: to free a claim that nobody uses is better than to evict a pod.
    points: ["preEnqueue", "preFilter", "filter", "postFilter", ...scoring, "reserve", "preBind"],
    create: (args, { listers, volumes, claims }) =>
      createDynamicResources(args.DynamicResources, listers, { ...claims, until: volumes.until }),
  },
  {
    name: names.defaultPreemption,
    points: ["preEnqueue", "postFilter"],
    create: (args, { createPreemption }) => createPreemption(args.DefaultPreemption),
  },
  {
    name: names.nodeResourcesBalancedAllocation,
    weight: 1,
    points: scoring,
    create: (args) => createBalancedAllocation(args.NodeResourcesBalancedAllocation),
  },
  { name: names.imageLocality, weight: 1, points: scoring, create: () => imageLocality },
  { name: names.nodeDeclaredFeatures, points: ["preFilter", "filter"], create: () => nodeDeclaredFeatures },
  { name: names.defaultBinder, points: ["bind"], create: (_, { binder }) => binder },
];
