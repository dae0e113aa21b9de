/** The extension points after the choice of a node: Reserve, Permit, PreBind, Bind, PostBind. */
import type { PodCycle } from "./plugin.ts";
import type { PodInfo } from "./pod-info.ts";
import type { Profile } from "./profile.ts";
import { asPlugin, PluginError, type Rejected, type Wait } from "./status.ts";

/** Where one plugin rejects or throws, all are unreserved. */
export function runReserve(profile: Profile, cycle: PodCycle, nodeName: string): Rejected | undefined {
  let isReserved = false;
  try {
    for (const { name } of profile.points.reserve) {
      const filter = cycle.prepared.get(name);
      const rejected = asPlugin(name, "Reserve", () => filter?.reserve?.(nodeName));
      if (rejected !== undefined) return rejected;
    }
    isReserved = true;
    return undefined;
  } finally {
    if (!isReserved) runUnreserve(profile, cycle, nodeName);
  }
}

/** The last plugin first. */
export function runUnreserve(profile: Profile, cycle: PodCycle, nodeName: string): void {
  for (const { name } of profile.points.reserve.toReversed()) cycle.prepared.get(name)?.unreserve?.(nodeName);
}

/** Those that want to wait, unless one rejects. */
export function runPermit(profile: Profile, pod: PodInfo, nodeName: string): Rejected | readonly Wait[] {
  const waits: Wait[] = [];
  for (const plugin of profile.points.permit) {
    const answer = asPlugin(plugin.name, "Permit", () => plugin.permit?.(pod, nodeName));
    if (answer === undefined) continue;
    if (answer.code !== "Wait") return answer;
    waits.push(answer);
  }
  return waits;
}

/** Whether binding will first have to write something else, and so may take long: the pod then nominates its node. */
export function needsPreBind(profile: Profile, { prepared }: PodCycle, nodeName: string): boolean {
  return profile.points.preBind.some(({ name }) => prepared.get(name)?.needsPreBind?.(nodeName) ?? false);
}

export async function runPreBind(
  profile: Profile,
  cycle: PodCycle,
  nodeName: string,
  signal: AbortSignal,
): Promise<Rejected | undefined> {
  for (const { name } of profile.points.preBind) {
    const rejected = await asyncPlugin(name, "PreBind", cycle.prepared.get(name)?.preBind?.(nodeName, signal));
    if (rejected !== undefined) return rejected;
  }
  return undefined;
}

/** The first plugin that does not skip has bound the pod, or could not. */
export async function runBind(
  profile: Profile,
  pod: PodInfo,
  nodeName: string,
  signal: AbortSignal,
): Promise<Rejected | undefined> {
  for (const { name, bind } of profile.points.bind) {
    if (bind === undefined) continue;
    const answer = await asyncPlugin(name, "Bind", bind(pod, nodeName, signal));
    if (answer?.code !== "Skip") return answer;
  }
  throw new Error("no bind plugin took the pod");
}

export function runPostBind(profile: Profile, pod: PodInfo, nodeName: string): void {
  for (const plugin of profile.points.postBind)
    asPlugin(plugin.name, "PostBind", () => plugin.postBind?.(pod, nodeName));
}

async function asyncPlugin<T>(plugin: string, extensionPoint: string, running: Promise<T> | undefined) {
  try {
    return await running;
  } catch (thrown) {
    throw new PluginError(plugin, extensionPoint, thrown);
  }
}
