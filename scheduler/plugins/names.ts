/** The names by which configuration, events and metrics know the plugins. */
export const names = {
  schedulingGates: "SchedulingGates",
  prioritySort: "PrioritySort",
  nodeUnschedulable: "NodeUnschedulable",
  nodeName: "NodeName",
  taintToleration: "TaintToleration",
  nodeAffinity: "NodeAffinity",
  nodePorts: "NodePorts",
  nodeResourcesFit: "NodeResourcesFit",
  volumeRestrictions: "VolumeRestrictions",
  nodeVolumeLimits: "NodeVolumeLimits",
  volumeBinding: "VolumeBinding",
  volumeZone: "VolumeZone",
  podTopologySpread: "PodTopologySpread",
  interPodAffinity: "InterPodAffinity",
  dynamicResources: "DynamicResources",
  defaultPreemption: "DefaultPreemption",
  nodeResourcesBalancedAllocation: "NodeResourcesBalancedAllocation",
  imageLocality: "ImageLocality",
  nodeDeclaredFeatures: "NodeDeclaredFeatures",
  defaultBinder: "DefaultBinder",
} as const;

export type PluginName = (typeof names)[keyof typeof names];
