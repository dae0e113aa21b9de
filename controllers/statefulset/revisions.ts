import type { PodTemplateSpec } from "../../api/generated/types/core-v1.ts";
import { semanticEqual } from "../../api/machinery/equal.ts";
import { matches, type Selector } from "../../api/machinery/labels.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Client } from "../../client/client.ts";
import { controllerRevisions, statefulSets } from "../../client/resource-types.ts";
import { claim } from "../adoption.ts";
import { recordRevision } from "../history/record-revision.ts";
import { inOrder, nameOf, newestNumber, type Revision, surplus } from "../history/revisions.ts";
import { records } from "../history/template-patch.ts";
import { type AnyPod, type AnySet, revisionOf } from "./identity.ts";

/** Where a StatefulSet comes from, and where it goes. */
export interface Revisions {
  /** What pods below the partition have. */
  readonly current: Revision;
  /** What the template says now. */
  readonly update: Revision;
  readonly collisionCount: number;
}

/** The set's own revisions, and those that nobody owns, which it adopts. In order. */
export async function claimRevisions(
  set: AnySet,
  selector: Selector,
  candidates: readonly Revision[],
  client: Client,
): Promise<readonly Revision[]> {
  // One whose labels do not match is no longer read, but stays with the set.
  const matching = candidates.filter(({ metadata }) => matches(selector, metadata?.labels));
  const what = { ownerType: statefulSets, owner: set, type: controllerRevisions, selector };
  return inOrder(await claim(what, matching, client));
}

/** Those that are on record already: nothing is written. */
export function knownRevisions(set: AnySet, history: readonly Revision[]): Revisions | undefined {
  const newest = history.at(-1);
  const { template } = set.spec ?? {};
  if (newest === undefined || template === undefined || !records(newest, template)) return undefined;
  return { ...currentOf(set, history, newest), collisionCount: set.status?.collisionCount ?? 0 };
}

/** The template that a revision would bring back. */
type Restore = (revision: Revision) => DeepReadonly<PodTemplateSpec> | undefined;

/** Records the template if it is new; one that was there before becomes the newest again. */
export async function updateRevisions(
  set: AnySet,
  history: readonly Revision[],
  { client, restore }: { readonly client: Client; readonly restore: Restore },
): Promise<Revisions | undefined> {
  const known = knownRevisions(set, history);
  const { template } = set.spec ?? {};
  if (known !== undefined || template === undefined) return known;
  const collisionCount = set.status?.collisionCount ?? 0;
  const number = newestNumber(history) + 1;
  const same = history.findLast((revision) => records(revision, template));
  if (same !== undefined) {
    const update = await client.update(controllerRevisions, { ...same, revision: number });
    return { ...currentOf(set, history, update), collisionCount };
  }
  const newest = history.at(-1);
  if (newest !== undefined && semanticEqual(restore(newest), template))
    return { ...currentOf(set, history, newest), collisionCount };
  const what = { owner: set, ownerType: statefulSets, template, number, collisionCount };
  const recorded = await recordRevision(what, client);
  return { ...currentOf(set, history, recorded.revision), collisionCount: recorded.collisionCount };
}

function currentOf(
  { status }: AnySet,
  history: readonly Revision[],
  update: Revision,
): Pick<Revisions, "current" | "update"> {
  if (nameOf(update) === status?.currentRevision) return { current: update, update };
  return { current: history.find((revision) => nameOf(revision) === status?.currentRevision) ?? update, update };
}

/** Deletes the oldest revisions that no pod has, as far as there are more than the set wants to keep. */
export async function truncateHistory(
  set: AnySet,
  { history, current, update }: Revisions & { readonly history: readonly Revision[] },
  pods: readonly AnyPod[],
  client: Client,
): Promise<void> {
  const inUse = new Set([nameOf(current), nameOf(update), ...pods.map(revisionOf)]);
  const limit = set.spec?.revisionHistoryLimit ?? 10;
  for (const revision of surplus(history, limit, (one) => inUse.has(nameOf(one)))) {
    const { namespace, uid } = revision.metadata ?? {};
    await client.delete(controllerRevisions, { namespace, name: nameOf(revision) }, { preconditions: { uid } });
  }
}
