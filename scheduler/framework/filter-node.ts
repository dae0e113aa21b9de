import type { NodeInfo } from "./node-info.ts";
import { withPod } from "./node-info.ts";
import type { NominatedPods, PodCycle } from "./plugin.ts";
import type { PodInfo } from "./pod-info.ts";
import { PluginError, type Rejected } from "./status.ts";

/** Runs Filter: the first plugin that rejects the node ends it. */
export function filterNode({ filters }: PodCycle, node: NodeInfo): Rejected | undefined {
  for (const { plugin, filter } of filters) {
    // No closure for each node and plugin, as asPlugin would take.
    try {
      const rejected = filter.filter(node);
      if (rejected !== undefined) return rejected;
    } catch (thrown) {
      throw new PluginError(plugin, "Filter", thrown);
    }
  }
  return undefined;
}

/**
 * As above, where room on the node was made for others that have not come yet. Those of at least the pod's priority
 * must fit in beside it. It must also fit without them: they may never come, and affinity must not count on them.
 */
export function filterBesideNominated(cycle: PodCycle, node: NodeInfo, nominated: NominatedPods): Rejected | undefined {
  const expected = expectedOn(node.name, cycle, nominated);
  if (expected.length === 0) return filterNode(cycle, node);
  let crowded = node;
  for (const pod of expected) crowded = addToTrial(cycle, crowded, pod);
  const rejected = filterTrial(cycle, crowded, () => {
    for (const pod of expected.toReversed()) for (const { filter } of cycle.filters) filter.removePod?.(pod, node);
  });
  return rejected ?? filterNode(cycle, node);
}

const nobody: readonly PodInfo[] = [];

function expectedOn(nodeName: string, { pod }: PodCycle, nominated: NominatedPods): readonly PodInfo[] {
  const all = nominated.on(nodeName);
  if (all.length === 0) return nobody;
  return all.filter(({ uid, priority }) => uid !== pod.uid && priority >= pod.priority);
}

function addToTrial(cycle: PodCycle, node: NodeInfo, pod: PodInfo): NodeInfo {
  for (const { filter } of cycle.filters) filter.addPod?.(pod, node);
  return withPod(node, pod);
}

function filterTrial(cycle: PodCycle, node: NodeInfo, undo: () => void): Rejected | undefined {
  try {
    return filterNode(cycle, node);
  } finally {
    undo();
  }
}
