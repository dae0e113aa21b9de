/**
 * Pods of some kind by the values of a topology key, over all nodes. Pods come in sets of equals that ask the same one
 * after the other, while few nodes change in between: a tally is kept, and brought up to date by what changed.
 */
import type { Labels } from "../../api/machinery/labels.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";
import type { Snapshot } from "./snapshot.ts";

export interface TallyQuestion {
  /** Names what `isCounted` tells: the same text, the same answers. */
  readonly kind: string;
  readonly isCounted: (pod: PodInfo) => boolean;
  readonly topologyKey: string;
  /** Nodes without all of these labels are left out. */
  readonly neededKeys: readonly string[];
}

export interface Tally {
  /** By value of the key, also values without pods. Changes with the next question. */
  readonly values: ReadonlyMap<string, Count>;
  /** Of all values. */
  readonly pods: number;
}

export interface Count {
  readonly pods: number;
  readonly nodes: number;
}

export interface Tallies {
  of(question: TallyQuestion, snapshot: Snapshot): Tally;
}

interface Counted {
  readonly values: Map<string, Count>;
  pods: number;
}

interface Kept extends Counted {
  readonly snapshot: Snapshot;
  version: number;
}

/** The one that was asked for longest ago goes first. */
const mostTallies = 64;

export function createTallies(): Tallies {
  const kept = new Map<string, Kept>();
  return {
    of(question, snapshot) {
      const key = JSON.stringify([question.topologyKey, question.neededKeys, question.kind]);
      let tally = kept.get(key);
      const changes = tally?.snapshot === snapshot ? snapshot.changesSince(tally.version) : undefined;
      if (tally === undefined || changes === undefined || changes.length > snapshot.nodes.length) {
        tally = { ...tallyOf(question, snapshot.nodes), snapshot, version: 0 };
      } else
        for (const { before, after } of changes) {
          if (before !== undefined) add(tally, question, before, -1);
          if (after !== undefined) add(tally, question, after, 1);
        }
      tally.version = snapshot.version;
      kept.delete(key);
      kept.set(key, tally);
      const [oldest] = kept.keys();
      if (kept.size > mostTallies && oldest !== undefined) kept.delete(oldest);
      return tally;
    },
  };
}

/** Not kept. */
export function tallyOf(question: TallyQuestion, nodes: Iterable<NodeInfo>): Counted {
  const tally: Counted = { values: new Map(), pods: 0 };
  for (const node of nodes) add(tally, question, node, 1);
  return tally;
}

function add(
  tally: Counted,
  { topologyKey, neededKeys, isCounted }: TallyQuestion,
  node: NodeInfo,
  sign: 1 | -1,
): void {
  const value = node.labels[topologyKey];
  if (value === undefined || !hasAll(node.labels, neededKeys)) return;
  let pods = 0;
  for (const pod of node.pods) if (isCounted(pod)) pods++;
  const { pods: former, nodes } = tally.values.get(value) ?? { pods: 0, nodes: 0 };
  tally.pods += sign * pods;
  if (nodes + sign === 0) tally.values.delete(value);
  else tally.values.set(value, { pods: former + sign * pods, nodes: nodes + sign });
}

function hasAll(labels: Labels, keys: readonly string[]): boolean {
  for (const key of keys) if (labels[key] === undefined) return false;
  return true;
}
