/** The plugins of one scheduler name, by extension point. */
import type { Plugin } from "./plugin.ts";

/** As `plugins` of a KubeSchedulerProfile names them. */
export type ExtensionPoint =
  | "preEnqueue"
  | "queueSort"
  | "preFilter"
  | "filter"
  | "postFilter"
  | "preScore"
  | "score"
  | "reserve"
  | "permit"
  | "preBind"
  | "bind"
  | "postBind";

export interface Profile {
  readonly schedulerName: string;
  /** In the order in which they run. A plugin is there wherever it is enabled, even where it has nothing to do. */
  readonly points: Readonly<Record<ExtensionPoint, readonly Plugin[]>>;
  /** Of Score, by plugin; 1 for one that is not there. */
  readonly weights: ReadonlyMap<string, number>;
  /** 0 or undefined: adapted to the size of the cluster. */
  readonly percentageOfNodesToScore?: number;
}

export function weightOf({ weights }: Profile, plugin: string): number {
  return weights.get(plugin) ?? 1;
}
