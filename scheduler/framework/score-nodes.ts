import type { Random } from "../../base/random.ts";
import type { NodeInfo } from "./node-info.ts";
import { highestScore, type Plugin, type PodCycle, type PodScorer } from "./plugin.ts";
import { type Profile, weightOf } from "./profile.ts";
import { asPlugin, PluginError } from "./status.ts";

/** Runs PreScore, Score and NormalizeScore: the weighted sum for each node, in their order. */
export function scoreNodes(profile: Profile, cycle: PodCycle, nodes: readonly NodeInfo[]): readonly number[] {
  const totals = nodes.map(() => 0);
  for (const plugin of profile.points.score) {
    const scorer = asPlugin(plugin.name, "PreScore", () => plugin.preScore?.(cycle, nodes));
    if (scorer === undefined || "code" in scorer) continue;
    const weight = weightOf(profile, plugin.name);
    const scores = scoresOf(plugin, scorer, nodes);
    for (let index = 0; index < totals.length; index += 1)
      totals[index] = (totals[index] ?? 0) + (scores[index] ?? 0) * weight;
  }
  return totals;
}

function scoresOf({ name }: Plugin, scorer: PodScorer, nodes: readonly NodeInfo[]): readonly number[] {
  return asPlugin(name, "Score", () => {
    const scores = scorer.scores?.(nodes) ?? nodes.map((node) => scorer.score(node));
    scorer.normalize?.(scores, nodes);
    for (const score of scores) {
      if (score >= 0 && score <= highestScore) continue;
      const range = `should in the range of [0, ${highestScore}] after normalizing`;
      throw new PluginError(
        name,
        "Score",
        new Error(`plugin "${name}" returns an invalid score ${score}, it ${range}`),
      );
    }
    return scores;
  });
}

/** One of those with the highest score, each as likely as the others. */
export function selectHost(
  nodes: readonly NodeInfo[],
  scores: readonly number[],
  random: Random,
): NodeInfo | undefined {
  const highest = highestOf(scores, Number.NEGATIVE_INFINITY);
  const best = nodes.filter((_, index) => scores[index] === highest);
  return best.length > 1 ? best[random.integer(best.length)] : best[0];
}

/** NormalizeScore as most plugins do it: the highest becomes 100; `reverse` for scores that count against the node. */
export function normalizeToHighest(scores: number[], reverse: boolean): void {
  const highest = highestOf(scores, 0);
  if (highest === 0) {
    if (reverse) scores.fill(highestScore);
    return;
  }
  for (let index = 0; index < scores.length; index += 1) {
    const normal = Math.trunc((highestScore * (scores[index] ?? 0)) / highest);
    scores[index] = reverse ? highestScore - normal : normal;
  }
}

function highestOf(scores: readonly number[], least: number): number {
  let highest = least;
  for (const score of scores) if (score > highest) highest = score;
  return highest;
}
