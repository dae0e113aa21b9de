/** The history of a StatefulSet or DaemonSet, as far as it needs no server. */
import type { ControllerRevision } from "../../api/generated/types/apps-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { timeMillis } from "../../api/machinery/time.ts";

export type Revision = DeepReadonly<ControllerRevision>;

/** The longest part of the owner's name that leaves room for the hash. */
const maxPrefix = 223;

export const nameOf = ({ metadata }: Revision): string => metadata?.name ?? "";

export function revisionName(owner: string, hash: string): string {
  return `${owner.slice(0, maxPrefix)}-${hash}`;
}

/** By number; the older one first where that is the same, then by name. */
export function inOrder(revisions: readonly Revision[]): Revision[] {
  return revisions.toSorted(
    (left, right) =>
      left.revision - right.revision || ageOf(left) - ageOf(right) || (nameOf(left) < nameOf(right) ? -1 : 1),
  );
}

function ageOf({ metadata }: Revision): number {
  return timeMillis(metadata?.creationTimestamp) ?? 0;
}

export function newestNumber(revisions: readonly Revision[]): number {
  return revisions.reduce((most, { revision }) => Math.max(most, revision), 0);
}

/** The oldest of those that are not in use, as far as there are more of them than the limit. */
export function surplus(
  revisions: readonly Revision[],
  limit: number,
  isInUse: (revision: Revision) => boolean,
): readonly Revision[] {
  const unused = inOrder(revisions).filter((revision) => !isInUse(revision));
  return unused.slice(0, Math.max(unused.length - limit, 0));
}
