/** Which extension points the plugins have, and which of them are enabled when nobody says otherwise. */
import type { ExtensionPoint } from "../framework/profile.ts";
import { allPlugins } from "../plugins/all.ts";
import type { WrittenPlugin } from "./written.ts";

const points: ReadonlyMap<string, readonly ExtensionPoint[]> = new Map(
  allPlugins.map((plugin) => [plugin.name, plugin.points]),
);

export const extensionPoints: readonly ExtensionPoint[] = [
  ...(["preEnqueue", "queueSort", "preFilter", "filter", "postFilter", "preScore", "score"] as const),
  ...(["reserve", "permit", "preBind", "bind", "postBind"] as const),
];

/** Undefined: there is no such plugin. */
export function pointsOf(plugin: string): readonly ExtensionPoint[] | undefined {
  return points.get(plugin);
}

/** https://kubernetes.io/docs/reference/scheduling/config/#scheduling-plugins */
export const defaultPlugins: readonly WrittenPlugin[] = allPlugins.map(({ name, weight }) =>
  weight === undefined ? { name } : { name, weight },
);
