import type { Selector } from "../../api/machinery/labels.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { controllerReference } from "../../api/machinery/owners.ts";
import type { Client } from "../../client/client.ts";
import { controllerRevisions, daemonSets, pods as podType } from "../../client/resource-types.ts";
import { claim } from "../adoption.ts";
import { templateHash } from "../deployment/template-hash.ts";
import { inOrder, nameOf, newestNumber, type Revision, revisionName, surplus } from "../history/revisions.ts";
import { records, templatePatch } from "../history/template-patch.ts";
import { type AnyPod, type AnySet, hashOf, revisionLabel } from "./daemon-pod.ts";

export interface History {
  /** Of the newest template; its pods bear it as a label. */
  readonly hash: string;
  readonly old: readonly Revision[];
}

interface Recorded {
  readonly set: AnySet;
  readonly selector: Selector;
  /** Its revisions, and those that it may adopt. */
  readonly candidates: readonly Revision[];
  readonly pods: readonly AnyPod[];
}

const labelOf = ({ metadata }: Revision): string | undefined => metadata?.labels?.[revisionLabel];

/** The set's revisions, with its template as the newest; undefined where another try is needed, for its name is taken. */
export async function historyOf(
  { set, selector, candidates, pods }: Recorded,
  client: Client,
): Promise<History | undefined> {
  const { template } = set.spec ?? {};
  if (template === undefined) return undefined;
  const what = { ownerType: daemonSets, owner: set, type: controllerRevisions, selector };
  const claimed = await claim(what, candidates, client);
  const labelled = inOrder(await Promise.all(claimed.map((revision) => withLabel(revision, client))));
  const current = labelled.filter((revision) => records(revision, template));
  const old = labelled.filter((revision) => !current.includes(revision));
  const number = newestNumber(old) + 1;
  const newest = current.at(-1) ?? (await record(set, number, client));
  if (newest === undefined) return undefined;
  const hash = labelOf(newest) ?? nameOf(newest);
  await removeTwins(current.slice(0, -1), hash, pods, client);
  if (newest.revision < number) await client.update(controllerRevisions, { ...newest, revision: number });
  return { hash, old };
}

/** Its own name is a label that no other revision has. */
async function withLabel(revision: Revision, client: Client): Promise<Revision> {
  if (labelOf(revision) !== undefined) return revision;
  const labels = { ...revision.metadata?.labels, [revisionLabel]: nameOf(revision) };
  return client.update(controllerRevisions, { ...revision, metadata: { ...revision.metadata, labels } });
}

async function record(set: AnySet, number: number, client: Client): Promise<Revision | undefined> {
  const revision = newRevision(set, number);
  try {
    return await client.create(controllerRevisions, revision);
  } catch (thrown) {
    if (!(thrown instanceof ApiError && thrown.reason === "AlreadyExists")) throw thrown;
    const { namespace } = set.metadata ?? {};
    const there = await client.get(controllerRevisions, { namespace, name: nameOf(revision) });
    if (records(there, set.spec?.template ?? {})) return there;
    await countCollision(set, client);
    return undefined;
  }
}

function newRevision(set: AnySet, number: number): Revision {
  const { namespace, name = "", annotations = {} } = set.metadata ?? {};
  const template = set.spec?.template ?? {};
  const hash = templateHash(template, set.status?.collisionCount);
  return {
    metadata: {
      ...(namespace === undefined ? {} : { namespace }),
      name: revisionName(name, hash),
      labels: { ...template.metadata?.labels, [revisionLabel]: hash },
      annotations,
      ownerReferences: [controllerReference(set, daemonSets)],
    },
    data: templatePatch(template),
    revision: number,
  };
}

/** Written before the next hash is tried, so that it is the same one after a crash; the write wakes the set. */
async function countCollision(set: AnySet, client: Client): Promise<void> {
  const none = { desiredNumberScheduled: 0, currentNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 };
  const status = { ...none, ...set.status, collisionCount: (set.status?.collisionCount ?? 0) + 1 };
  await client.update(daemonSets, { ...set, status }, "status");
}

/** Two revisions of one template: pods get the label of the one that stays. */
async function removeTwins(
  twins: readonly Revision[],
  hash: string,
  pods: readonly AnyPod[],
  client: Client,
): Promise<void> {
  if (twins.length === 0) return;
  const labels = new Set(twins.map(labelOf));
  const theirs = pods.filter((pod) => labels.has(hashOf(pod)));
  const metadata = { labels: { [revisionLabel]: hash } };
  await Promise.all(
    theirs.map(({ metadata: { namespace, name = "" } = {} }) =>
      client.patch(podType, { namespace, name }, { metadata }),
    ),
  );
  await Promise.all(twins.map((twin) => remove(twin, client)));
}

/** Deletes the oldest revisions that no pod has, as far as there are more than the set wants to keep. */
export async function truncateHistory(
  set: AnySet,
  old: readonly Revision[],
  pods: readonly AnyPod[],
  client: Client,
): Promise<void> {
  const excess = old.length - (set.spec?.revisionHistoryLimit ?? 10);
  if (excess <= 0) return;
  const inUse = new Set(pods.map(hashOf));
  const unused = surplus(old, 0, (revision) => inUse.has(labelOf(revision) ?? ""));
  for (const revision of unused.slice(0, excess)) await remove(revision, client);
}

async function remove(revision: Revision, client: Client): Promise<void> {
  const { namespace, uid } = revision.metadata ?? {};
  await client.delete(controllerRevisions, { namespace, name: nameOf(revision) }, { preconditions: { uid } });
}
