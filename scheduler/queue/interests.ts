/** Which plugins asked for which events, and what they say of one: queueing hints. */
import { type Action, type AnyRegisteredEvent, type ClusterEvent, type Hint, hintOf } from "../framework/events.ts";
import type { Plugin } from "../framework/plugin.ts";
import type { Profile } from "../framework/profile.ts";
import type { PodInfo } from "../framework/pod-info.ts";

export interface Interests {
  /** Those of any profile that asked for such an event. */
  interested(event: ClusterEvent): ReadonlySet<string>;
  /** Undefined: the plugin did not ask for it. Throws what the plugin throws. */
  hint(plugin: string, event: ClusterEvent, pod: PodInfo): Hint | undefined;
}

interface Asked {
  readonly plugin: string;
  readonly registered: AnyRegisteredEvent;
}

/** Plugins of one name answer alike in all profiles but for their arguments, so each profile has its own. */
export function createInterests(profiles: ReadonlyMap<string, Profile>): Interests {
  const byProfile = new Map([...profiles].map(([name, profile]) => [name, eventsByPlugin(profile)]));
  const all = [...byProfile.values()].flatMap((plugins) =>
    [...plugins].flatMap(([plugin, events]) => events.map((registered): Asked => ({ plugin, registered }))),
  );
  const known = new Map<string, ReadonlySet<string>>();
  return {
    interested(event) {
      const key = `${event.resource} ${[...event.actions].join(" ")}`;
      let plugins = known.get(key);
      if (plugins === undefined) {
        plugins = new Set(all.filter(({ registered }) => asksFor(registered, event)).map(({ plugin }) => plugin));
        known.set(key, plugins);
      }
      return plugins;
    },
    hint(plugin, event, pod) {
      const registered = byProfile.get(pod.pod.spec?.schedulerName ?? "")?.get(plugin) ?? [];
      let answer: Hint | undefined;
      for (const one of registered) {
        const hint = hintOf(one, event, pod);
        if (hint === "Queue") return hint;
        answer ??= hint;
      }
      return answer;
    },
  };
}

function eventsByPlugin({ points }: Profile): ReadonlyMap<string, readonly AnyRegisteredEvent[]> {
  const plugins = new Set<Plugin>(Object.values(points).flat());
  return new Map([...plugins].map(({ name, events = [] }) => [name, events]));
}

function asksFor({ resource, actions }: AnyRegisteredEvent, event: ClusterEvent): boolean {
  if (resource !== event.resource) return false;
  const isUpdate = [...event.actions].some((action) => action.startsWith("Update"));
  return actions.some((action: Action) => event.actions.has(action) || (action === "Update" && isUpdate));
}
