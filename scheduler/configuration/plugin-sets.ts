/**
 * Out of what is enabled and disabled, by extension point and for all (`multiPoint`): which plugins run where.
 * https://kubernetes.io/docs/reference/scheduling/config/#multipoint
 */
import type { ExtensionPoint } from "../framework/profile.ts";
import { ConfigurationError } from "./configuration-error.ts";
import { defaultPlugins, extensionPoints, pointsOf } from "./plugin-points.ts";
import type { WrittenPlugin, WrittenPlugins, WrittenPluginSet } from "./written.ts";

export interface EnabledPlugins {
  readonly points: Readonly<Record<ExtensionPoint, readonly string[]>>;
  readonly weights: ReadonlyMap<string, number>;
}

/** Throws ConfigurationError. */
export function enabledPlugins(schedulerName: string, written: WrittenPlugins): EnabledPlugins {
  const multiPoint = mergeWithDefault(written.multiPoint ?? {});
  for (const point of extensionPoints) checkSet(point, written[point]?.enabled ?? []);
  const point = (name: ExtensionPoint): readonly string[] => pluginsAt(name, written[name] ?? {}, multiPoint);
  const points = {
    preEnqueue: point("preEnqueue"),
    queueSort: point("queueSort"),
    preFilter: point("preFilter"),
    filter: point("filter"),
    postFilter: point("postFilter"),
    preScore: point("preScore"),
    score: point("score"),
    reserve: point("reserve"),
    permit: point("permit"),
    preBind: point("preBind"),
    bind: point("bind"),
    postBind: point("postBind"),
  };
  const profile = `profile with scheduler name ${JSON.stringify(schedulerName)}`;
  if (points.queueSort.length !== 1)
    throw new ConfigurationError(
      `only one queue sort plugin required for ${profile}, but got ${points.queueSort.length}`,
    );
  if (points.bind.length === 0) throw new ConfigurationError(`at least one bind plugin is needed for ${profile}`);
  return { points, weights: weightsOf([...(written.score?.enabled ?? []), ...multiPoint]) };
}

/** A default plugin that is configured anew keeps its place; what is not a default one comes after them. */
function mergeWithDefault({ enabled = [], disabled = [] }: WrittenPluginSet): readonly WrittenPlugin[] {
  const isDisabled = disabledIn(disabled);
  const replaced = new Set<WrittenPlugin>();
  const merged: WrittenPlugin[] = [];
  for (const plugin of defaultPlugins) {
    if (isDisabled(plugin.name)) continue;
    const own = enabled.findLast(({ name }) => name === plugin.name);
    if (own !== undefined) replaced.add(own);
    merged.push(own ?? plugin);
  }
  return [...merged, ...enabled.filter((plugin) => !replaced.has(plugin))];
}

function disabledIn(disabled: readonly WrittenPlugin[]): (name: string) => boolean {
  const named = new Set(disabled.map(({ name }) => name));
  return named.has("*") ? () => true : (name) => named.has(name);
}

/** First those that are for all points but are named here, too; then the others for all points; then the rest. */
function pluginsAt(point: ExtensionPoint, set: WrittenPluginSet, multiPoint: readonly WrittenPlugin[]): string[] {
  const isDisabled = disabledIn(set.disabled ?? []);
  const own = (set.enabled ?? []).map(({ name }) => name);
  if (isDisabled("*")) return own;
  const overridden = new Set<string>();
  const general: string[] = [];
  for (const { name } of multiPoint) {
    if (!hasPoint(name, point) || isDisabled(name)) continue;
    if (own.includes(name)) overridden.add(name);
    else if (general.includes(name)) throw alreadyRegistered(name, point);
    else general.push(name);
  }
  return [...own.filter((name) => overridden.has(name)), ...general, ...own.filter((name) => !overridden.has(name))];
}

function hasPoint(name: string, point: ExtensionPoint): boolean {
  const points = pointsOf(name);
  if (points === undefined)
    throw new ConfigurationError(`${pluginType("preEnqueue")} ${JSON.stringify(name)} does not exist`);
  return points.includes(point);
}

function checkSet(point: ExtensionPoint, enabled: readonly WrittenPlugin[]): void {
  const seen = new Set<string>();
  for (const { name } of enabled) {
    const points = pointsOf(name);
    const quoted = JSON.stringify(name);
    if (points === undefined) throw new ConfigurationError(`${pluginType(point)} ${quoted} does not exist`);
    if (!points.includes(point))
      throw new ConfigurationError(`plugin ${quoted} does not extend ${pluginType(point)} plugin`);
    if (seen.has(name)) throw alreadyRegistered(name, point);
    seen.add(name);
  }
}

function alreadyRegistered(name: string, point: ExtensionPoint): ConfigurationError {
  return new ConfigurationError(`plugin ${JSON.stringify(name)} already registered as "${pluginType(point)}"`);
}

function pluginType(point: ExtensionPoint): string {
  return `${point.charAt(0).toUpperCase()}${point.slice(1)}Plugin`;
}

const highestTotal = 2n ** 63n - 1n;
const highestScore = 100n;

/** What is said of the point itself goes before what is said for all. */
function weightsOf(scoring: readonly WrittenPlugin[]): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  let total = 0n;
  for (const { name, weight = 0 } of scoring) {
    if (pointsOf(name)?.includes("score") !== true || weights.has(name)) continue;
    weights.set(name, weight === 0 ? 1 : weight);
    total += BigInt(weight) * highestScore;
    if (total > highestTotal)
      throw new ConfigurationError("score plugins: total score of Score plugins could overflow");
  }
  return weights;
}
