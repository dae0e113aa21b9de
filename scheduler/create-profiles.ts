/** The profiles with their plugins, as the configuration has them. */
import type { SchedulerConfiguration } from "./configuration/configuration.ts";
import type { Plugin } from "./framework/plugin.ts";
import type { Profile } from "./framework/profile.ts";
import { allPlugins, type PluginNeeds } from "./plugins/all.ts";

/** By scheduler name. */
export function createProfiles(
  { profiles, percentageOfNodesToScore }: SchedulerConfiguration,
  needs: PluginNeeds,
): ReadonlyMap<string, Profile> {
  const made = profiles.map(({ schedulerName, points, weights, args, ...settings }): Profile => {
    const plugins = new Map<string, Plugin>();
    const used = new Set(Object.values(points).flat());
    for (const { name, create } of allPlugins) if (used.has(name)) plugins.set(name, create(args, needs));
    const at = (names: readonly string[]): Plugin[] => names.flatMap((name) => plugins.get(name) ?? []);
    return {
      schedulerName,
      points: {
        preEnqueue: at(points.preEnqueue),
        queueSort: at(points.queueSort),
        preFilter: at(points.preFilter),
        filter: at(points.filter),
        postFilter: at(points.postFilter),
        preScore: at(points.preScore),
        score: at(points.score),
        reserve: at(points.reserve),
        permit: at(points.permit),
        preBind: at(points.preBind),
        bind: at(points.bind),
        postBind: at(points.postBind),
      },
      weights,
      percentageOfNodesToScore: settings.percentageOfNodesToScore ?? percentageOfNodesToScore,
    };
  });
  return new Map(made.map((profile) => [profile.schedulerName, profile]));
}
