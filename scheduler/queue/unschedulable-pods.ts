import type { WaitingPod } from "./waiting-pod.ts";

/** Pods that wait for events, found by the plugins that rejected them: most events concern few plugins. */
export interface UnschedulablePods {
  readonly size: number;
  readonly gated: number;
  /** Its plugins must not change as long as it is there. */
  add(pod: WaitingPod): void;
  delete(pod: WaitingPod): void;
  /** Those that one of these plugins rejected: a list of its own, in order of entry within each plugin. */
  rejectedBy(plugins: Iterable<string>): readonly WaitingPod[];
  list(): readonly WaitingPod[];
}

export function createUnschedulablePods(): UnschedulablePods {
  const all = new Set<WaitingPod>();
  const byPlugin = new Map<string, Set<WaitingPod>>();
  let gated = 0;
  return {
    get size() {
      return all.size;
    },
    get gated() {
      return gated;
    },
    add(pod) {
      all.add(pod);
      if (pod.gatedBy !== undefined) gated += 1;
      for (const plugin of [...pod.unschedulable, ...pod.pending]) {
        const pods = byPlugin.get(plugin);
        if (pods === undefined) byPlugin.set(plugin, new Set([pod]));
        else pods.add(pod);
      }
    },
    delete(pod) {
      if (!all.delete(pod)) return;
      if (pod.gatedBy !== undefined) gated -= 1;
      for (const plugin of [...pod.unschedulable, ...pod.pending]) {
        const pods = byPlugin.get(plugin);
        pods?.delete(pod);
        if (pods?.size === 0) byPlugin.delete(plugin);
      }
    },
    rejectedBy(plugins) {
      const found = new Set<WaitingPod>();
      for (const plugin of plugins) for (const pod of byPlugin.get(plugin) ?? []) found.add(pod);
      return [...found];
    },
    list: () => [...all],
  };
}
