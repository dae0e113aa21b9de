/**
 * What a StatefulSet does next. https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#deployment-and-scaling-guarantees
 * Ordered, each pod waits until all before it are available, and one thing is done at a time; in parallel, none waits.
 */
import type { PersistentVolumeClaim } from "../../api/generated/types/core-v1.ts";
import { isPodAvailable, isPodTerminal, isPodTerminating } from "../../api/core/pod-state.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { claimOwners, isLeftBehind } from "./claim-owners.ts";
import {
  type AnyPod,
  type AnySet,
  claimName,
  firstOrdinal,
  hasIdentity,
  hasStorage,
  isWanted,
  ordinalOf,
  podName,
  replicasOf,
  revisionOf,
} from "./identity.ts";

export interface Observed {
  readonly set: AnySet;
  /** Those it has claimed. */
  readonly pods: readonly AnyPod[];
  /** Names of revisions. */
  readonly current: string;
  readonly update: string;
  readonly claim: (name: string) => DeepReadonly<PersistentVolumeClaim> | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type Step =
  | { readonly do: "create"; readonly ordinal: number; readonly revision: string }
  | { readonly do: "delete"; readonly pod: AnyPod }
  /** Labels, volumes and claims of a pod that it did not make so itself, or that were changed since. */
  | { readonly do: "mend"; readonly pod: AnyPod; readonly ordinal: number }
  /** Claims that are missing, or belong to the wrong owner. */
  | { readonly do: "claims"; readonly pod: AnyPod; readonly ordinal: number };

/** One after the other; the steps of one stage at once, where pods are managed in parallel. */
export type Stage = readonly Step[];

/** What has to be done for a replica, and whether those after it have to wait for it. */
interface Verdict {
  readonly step?: Step;
  readonly waits: boolean;
}

interface Replica {
  readonly ordinal: number;
  readonly pod: AnyPod;
}

/** So many new pods at once, so that one large set does not keep the others waiting. */
const burst = 500;

export function plan(observed: Observed): readonly Stage[] {
  const { set } = observed;
  const isOrdered = set.spec?.podManagementPolicy !== "Parallel";
  const { replicas, condemned } = divide(observed);
  const first: Step[] = [];
  for (let index = 0, created = 0; index < replicasOf(set) && created < burst; index += 1) {
    const { step, waits } = judge(replicas.get(index), firstOrdinal(set) + index, observed);
    if (step !== undefined) first.push(step);
    if (step?.do === "create") created += 1;
    if (waits && isOrdered) return [first];
  }
  const owned = condemned
    .filter((replica) => needsOwners(replica, observed))
    .map((replica): Step => ({ do: "claims", ...replica }));
  const deletions = isOrdered ? nextCondemned(condemned, observed) : condemned.filter(isStaying);
  const stages = [first, owned, deletions.map(({ pod }): Step => ({ do: "delete", pod }))];
  // Scaling comes before updating.
  if (isOrdered && condemned.length > 0) return stages;
  const outdated = nextOutdated(replicas, observed);
  return outdated === undefined ? stages : [...stages, [{ do: "delete", pod: outdated }]];
}

/** Replicas by their index, however many are missing. */
type Replicas = ReadonlyMap<number, AnyPod>;

/** Those that are too many come from the highest ordinal down. */
function divide({ set, pods }: Observed): { readonly replicas: Replicas; readonly condemned: readonly Replica[] } {
  const replicas = new Map<number, AnyPod>();
  const condemned: Replica[] = [];
  for (const pod of pods) {
    const ordinal = ordinalOf(pod, set);
    if (ordinal === undefined) continue;
    if (isWanted(set, ordinal)) replicas.set(ordinal - firstOrdinal(set), pod);
    else condemned.push({ ordinal, pod });
  }
  return { replicas, condemned: condemned.toSorted((left, right) => right.ordinal - left.ordinal) };
}

function judge(pod: AnyPod | undefined, ordinal: number, observed: Observed): Verdict {
  if (pod === undefined) return judgeMissing(ordinal, observed);
  if (isPodTerminating(pod)) return { waits: true };
  // Whatever the phase says: a pod that was stopped (evicted, its node restarted) may have succeeded too.
  if (isPodTerminal(pod)) return { step: { do: "delete", pod }, waits: true };
  return judgeLiving({ ordinal, pod }, observed);
}

function judgeLiving(replica: Replica, observed: Observed): Verdict {
  const waits = isUnavailable(replica.pod, observed);
  // In order, a pod is put right once it is available.
  const mayMend = !waits || observed.set.spec?.podManagementPolicy === "Parallel";
  if (mayMend && needsMending(replica, observed)) return { step: { do: "mend", ...replica }, waits };
  const isPending = replica.pod.status?.phase === "Pending";
  if (isPending && (lacksClaim(replica, observed) || needsOwners(replica, observed)))
    return { step: { do: "claims", ...replica }, waits };
  return { waits };
}

function judgeMissing(ordinal: number, observed: Observed): Verdict {
  const { set, current, update, claim } = observed;
  const name = podName(set, ordinal);
  const isBlocked = claimNames(set, ordinal).some((one) => {
    const there = claim(one);
    return there !== undefined && isLeftBehind(there, set, name);
  });
  if (isBlocked) return { waits: true };
  const revision = isKeptBack(set, ordinal) ? current : update;
  return { step: { do: "create", ordinal, revision }, waits: true };
}

/** Whether an update has not come to this ordinal. https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#partitions */
function isKeptBack(set: AnySet, ordinal: number): boolean {
  const { type, rollingUpdate } = set.spec?.updateStrategy ?? {};
  const index = ordinal - firstOrdinal(set);
  if (rollingUpdate !== undefined) return index < (rollingUpdate.partition ?? 0);
  return type === "RollingUpdate" && index < (set.status?.currentReplicas ?? 0);
}

function claimNames(set: AnySet, ordinal: number): string[] {
  return (set.spec?.volumeClaimTemplates ?? []).map((template) => claimName(set, template, ordinal));
}

function lacksClaim({ ordinal }: Replica, { set, claim }: Observed): boolean {
  return claimNames(set, ordinal).some((name) => claim(name) === undefined);
}

function needsOwners({ pod, ordinal }: Replica, { set, claim }: Observed): boolean {
  return claimNames(set, ordinal).some((name) => {
    const there = claim(name);
    return there !== undefined && claimOwners(there, set, pod) !== undefined;
  });
}

function needsMending(replica: Replica, observed: Observed): boolean {
  const { pod, ordinal } = replica;
  return (
    !hasIdentity(pod) || !hasStorage(pod, observed.set, ordinal) || (isRunning(pod) && needsOwners(replica, observed))
  );
}

const isRunning = ({ status }: AnyPod): boolean => status?.phase === "Running";
const isStaying = ({ pod }: Replica): boolean => !isPodTerminating(pod);

function isUnavailable(pod: AnyPod | undefined, { set, now }: Observed): boolean {
  if (pod === undefined || isPodTerminating(pod) || !isRunning(pod)) return true;
  return !isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, now);
}

/** The highest one, when all others are well (the replicas are, by then), or when it is the first that is not. */
function nextCondemned(condemned: readonly Replica[], observed: Observed): readonly Replica[] {
  const [highest] = condemned;
  if (highest === undefined || !isStaying(highest)) return [];
  const firstUnwell = condemned.findLast(({ pod }) => isUnavailable(pod, observed));
  return !isUnavailable(highest.pod, observed) || firstUnwell === highest ? [highest] : [];
}

/** The highest one that is not at the newest revision, when all above it are available. It need not be so itself. */
function nextOutdated(replicas: Replicas, observed: Observed): AnyPod | undefined {
  const { set, update } = observed;
  const { type, rollingUpdate } = set.spec?.updateStrategy ?? {};
  if (type === "OnDelete") return undefined;
  const partition = rollingUpdate?.partition ?? 0;
  for (let index = replicasOf(set) - 1; index >= partition; index -= 1) {
    const pod = replicas.get(index);
    if (pod !== undefined && revisionOf(pod) !== update && !isPodTerminating(pod)) return pod;
    if (isUnavailable(pod, observed)) return undefined;
  }
  return undefined;
}
