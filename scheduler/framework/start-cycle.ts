import type { PodCycle, PodFilter, RunningFilter } from "./plugin.ts";
import type { PodInfo } from "./pod-info.ts";
import type { Profile } from "./profile.ts";
import type { Snapshot } from "./snapshot.ts";
import { asPlugin, type Rejected, unresolvable } from "./status.ts";

export interface RejectedCycle {
  /** What the pod's message says in place of reasons for each node. */
  readonly rejected: Rejected;
  /** Those that the pod waits for, as several may have had a part in it. */
  readonly plugins: readonly string[];
  /** As far as it came: for PostFilter. */
  readonly cycle: PodCycle;
}

/**
 * Runs PreFilter. A rejection that no eviction can help ends it at once; after another one the rest still run, and the
 * last one counts.
 */
export function startCycle(profile: Profile, pod: PodInfo, snapshot: Snapshot): PodCycle | RejectedCycle {
  const prepared = new Map<string, PodFilter>();
  const narrowedBy: string[] = [];
  let nodeNames: ReadonlySet<string> | undefined;
  let rejected: Rejected | undefined;
  const cycle = (): PodCycle => ({
    pod,
    snapshot,
    prepared,
    filters: filtersOf(profile, prepared),
    nodeNames,
    narrowedBy,
  });
  for (const plugin of preparing(profile)) {
    const { name } = plugin;
    const answer = asPlugin(name, "PreFilter", () => plugin.preFilter?.(pod, snapshot));
    if (answer === undefined) continue;
    if ("code" in answer) {
      if (answer.code === "UnschedulableAndUnresolvable") return { rejected: answer, plugins: [name], cycle: cycle() };
      if (answer.code !== "Skip") rejected = answer;
      continue;
    }
    prepared.set(name, answer);
    if (answer.nodeNames === undefined) continue;
    narrowedBy.push(name);
    nodeNames = intersect(nodeNames, answer.nodeNames);
    if (nodeNames.size === 0) return { rejected: nothingLeft(narrowedBy), plugins: narrowedBy, cycle: cycle() };
  }
  return rejected === undefined ? cycle() : { rejected, plugins: [rejected.plugin], cycle: cycle() };
}

function filtersOf(profile: Profile, prepared: ReadonlyMap<string, PodFilter>): RunningFilter[] {
  return profile.points.filter.flatMap(({ name }) => {
    const filter = prepared.get(name);
    return filter === undefined ? [] : [{ plugin: name, filter }];
  });
}

/** What filters must also prepare. */
function preparing({ points }: Profile): Profile["points"]["preFilter"] {
  const more = points.filter.filter((plugin) => !points.preFilter.includes(plugin));
  return more.length === 0 ? points.preFilter : [...points.preFilter, ...more];
}

function intersect(a: ReadonlySet<string> | undefined, b: ReadonlySet<string>): ReadonlySet<string> {
  return a === undefined ? b : new Set([...a].filter((name) => b.has(name)));
}

function nothingLeft(plugins: readonly string[]): Rejected {
  const both = plugins.length > 1 ? " simultaneously" : "";
  return unresolvable(plugins[0] ?? "", `node(s) didn't satisfy plugin(s) [${plugins.join(" ")}]${both}`);
}
