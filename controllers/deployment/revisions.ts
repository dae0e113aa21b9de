/** What a Deployment keeps in annotations of its own and of its ReplicaSets. */
import type { Deployment } from "../../api/generated/types/apps-v1.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import type { Bounds } from "./bounds.ts";
import { oldestFirst, type SeenSet } from "./replica-sets.ts";

export const revisionKey = "deployment.kubernetes.io/revision";
const historyKey = "deployment.kubernetes.io/revision-history";
const desiredKey = "deployment.kubernetes.io/desired-replicas";
const maxKey = "deployment.kubernetes.io/max-replicas";
/** Of the removed extensions/v1beta1: which revision to go back to. */
export const rollbackKey = "deprecated.deployment.rollback.to";
/** About a hundred revisions. */
const maxHistoryLength = 2000;

export type Annotations = Readonly<Record<string, string>>;

/** Those that belong to one object only, and are copied neither to ReplicaSets nor back. */
const own: ReadonlySet<string> = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  revisionKey,
  historyKey,
  desiredKey,
  maxKey,
  rollbackKey,
]);

export function split(annotations: Annotations | undefined): {
  readonly own: Annotations;
  readonly shared: Annotations;
} {
  const entries = Object.entries(annotations ?? {});
  return {
    own: Object.fromEntries(entries.filter(([key]) => own.has(key))),
    shared: Object.fromEntries(entries.filter(([key]) => !own.has(key))),
  };
}

/** 0 where it has none, undefined where what it has is no number. */
export function revisionOf({ metadata }: DeepReadonly<KubeObject>): number | undefined {
  return wholeNumber(metadata?.annotations?.[revisionKey] ?? "0");
}

export function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^[+-]?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

export function highestRevision(sets: readonly SeenSet[]): number {
  return Math.max(0, ...sets.map((set) => revisionOf(set) ?? 0));
}

export function byRevision(left: SeenSet, right: SeenSet): number {
  const [one, other] = [revisionOf(left), revisionOf(right)];
  if (one === undefined || other === undefined || one === other) return oldestFirst(left, right);
  return one - other;
}

/** The annotations of the newest ReplicaSet: the Deployment's, the highest revision, and which ones it was before. */
export function annotationsOfNewest(
  deployment: DeepReadonly<Deployment>,
  present: Annotations,
  others: readonly SeenSet[],
): Annotations {
  const before = present[revisionKey];
  const was = before === undefined || before === "" ? 0 : wholeNumber(before);
  // Somebody has written there what we do not understand: it stays.
  if (was === undefined) return present;
  const annotations = { ...present, ...split(deployment.metadata?.annotations).shared };
  const revision = highestRevision(others) + 1;
  if (was >= revision) return annotations;
  const history = before === undefined ? {} : { [historyKey]: appended(present[historyKey] ?? "", before) };
  return { ...annotations, ...history, [revisionKey]: String(revision) };
}

/** The oldest ones go where it gets too long. */
function appended(history: string, revision: string): string {
  if (history === "") return revision;
  const revisions = [...history.split(","), revision];
  while (revisions.length > 1 && revisions.join(",").length > maxHistoryLength) revisions.shift();
  return revisions.join(",");
}

/** What tells a ReplicaSet's share of the Deployment apart from a change of the Deployment's size. */
export function sizeAnnotations({ wanted, maxSurge }: Bounds): Annotations {
  return { [desiredKey]: String(wanted), [maxKey]: String(wanted + maxSurge) };
}

export function desiredOf(set: SeenSet): number | undefined {
  return count(set, desiredKey);
}

export function maxOf(set: SeenSet): number | undefined {
  return count(set, maxKey);
}

function count({ metadata }: SeenSet, key: string): number | undefined {
  const text = metadata?.annotations?.[key];
  const value = text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
  return value !== undefined && value <= 0x7fffffff ? value : undefined;
}
