import type { Deployment } from "../../api/generated/types/apps-v1.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { type Bounds, boundsOf, isRolling } from "./bounds.ts";
import { type Generations, generationsOf, newReplicaSet } from "./new-replica-set.ts";
import { activeOf, actualOf, nameOf, type SeenSet, sizeOf, sum } from "./replica-sets.ts";
import { annotationsOfNewest, byRevision, rollbackKey, sizeAnnotations } from "./revisions.ts";
import { newestSize, oldSizes, type Sizes } from "./rolling.ts";
import { isScalingEvent, scaledSizes } from "./scaling.ts";
import { isComplete } from "./progress.ts";

export type Step =
  | { readonly do: "create"; readonly set: SeenSet }
  /** As it shall be; `from`: the size that it had. */
  | { readonly do: "update"; readonly set: SeenSet; readonly from: number }
  | { readonly do: "delete"; readonly set: SeenSet };

export interface Observed {
  readonly deployment: DeepReadonly<Deployment>;
  /** Its own. */
  readonly sets: readonly SeenSet[];
  /** Whether any of these still has pods that run, or may do so. */
  readonly haveRunningPods: (sets: readonly SeenSet[]) => boolean;
}

export interface Plan {
  readonly steps: readonly Step[];
  /** Whether it was about the pod template, not only the size: only then the status tells of progress. */
  readonly isRollout: boolean;
}

/**
 * What is to be done next with a Deployment's ReplicaSets. Each step alone keeps within the bounds, so any of them may be
 * the last before a crash.
 */
export function plan(observed: Observed): Plan {
  const { deployment, sets } = observed;
  const { spec, metadata } = deployment;
  if (metadata?.deletionTimestamp !== undefined) return { steps: [], isRollout: false };
  const bounds = boundsOf(deployment);
  const isRollingUpdate = isRolling(spec?.strategy?.type);
  const generations = generationsOf(deployment, sets);
  if (spec?.paused === true) return { steps: pause(deployment, generations, bounds), isRollout: false };
  if (isMereScaling(bounds, sets, isRollingUpdate))
    return { steps: scale(deployment, generations, bounds), isRollout: false };
  const steps = isRollingUpdate ? roll(deployment, generations, bounds) : recreate(observed, generations, bounds);
  const isAtRest = steps.every((step) => step.do === "update" && sizeOf(step.set) === step.from);
  const isDone = isAtRest && isComplete(deployment, deployment.status);
  return { steps: isDone ? [...steps, ...outdated(deployment, generations.old)] : steps, isRollout: true };
}

/** Nothing new is rolled out; sizes follow, and old revisions go. */
function pause(deployment: DeepReadonly<Deployment>, generations: Generations, bounds: Bounds): Step[] {
  const steps = scale(deployment, generations, bounds);
  const isGoingBack = deployment.metadata?.annotations?.[rollbackKey] !== undefined;
  return isGoingBack ? steps : [...steps, ...outdated(deployment, generations.old)];
}

/** Without shares to keep (Recreate), several active ReplicaSets are a rollout's business. */
function isMereScaling(bounds: Bounds, sets: readonly SeenSet[], isRollingUpdate: boolean): boolean {
  return isScalingEvent(bounds, sets) && (isRollingUpdate || activeOf(sets).length === 1);
}

function scale(deployment: DeepReadonly<Deployment>, { newest, old }: Generations, bounds: Bounds): Step[] {
  const sizes = scaledSizes({
    bounds,
    newest,
    old,
    isRolling: isRolling(deployment.spec?.strategy?.type),
    statusReplicas: deployment.status?.replicas ?? 0,
  });
  return updates(deployment, { newest, old }, { sizes, bounds, isTold: true });
}

function roll(deployment: DeepReadonly<Deployment>, { newest, old }: Generations, bounds: Bounds): Step[] {
  const present = newest ?? newReplicaSet(deployment, old);
  const size = newestSize(bounds, present, old);
  // One thing at a time: the room for the old ones is measured anew when the newest one has grown.
  if (newest !== undefined && size !== sizeOf(newest))
    return updates(deployment, { newest, old }, { sizes: new Map([[nameOf(newest), size]]), bounds });
  const grown = resized(present, size);
  const steps = updates(deployment, { newest, old }, { sizes: oldSizes(bounds, grown, activeOf(old)), bounds });
  return newest === undefined ? [{ do: "create", set: grown }, ...steps] : steps;
}

/** https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#recreate-deployment */
function recreate({ deployment, haveRunningPods }: Observed, { newest, old }: Generations, bounds: Bounds): Step[] {
  const active = activeOf(old);
  if (active.length > 0) {
    const sizes = new Map(active.map((set) => [nameOf(set), 0]));
    return updates(deployment, { newest, old }, { sizes, bounds });
  }
  if (sum(old, actualOf) > 0 || haveRunningPods(old))
    return updates(deployment, { newest, old }, { sizes: new Map(), bounds });
  if (newest === undefined) return [{ do: "create", set: resized(newReplicaSet(deployment, old), bounds.wanted) }];
  return updates(deployment, { newest, old }, { sizes: new Map([[nameOf(newest), bounds.wanted]]), bounds });
}

function resized(set: SeenSet, replicas: number): SeenSet {
  return set.spec === undefined ? set : { ...set, spec: { ...set.spec, replicas } };
}

interface Change {
  readonly sizes: Sizes;
  readonly bounds: Bounds;
  /** Those with sizes are told of the Deployment's size also where their own stays. */
  readonly isTold?: boolean;
}

/** The newest first: it gets its revision before the others lose pods. */
function updates(deployment: DeepReadonly<Deployment>, { newest, old }: Generations, change: Change): Step[] {
  const renewed = newest === undefined ? [] : [{ set: newest, is: inRevision(deployment, newest, old) }];
  return [...renewed, ...old.map((set) => ({ set, is: set }))].flatMap(({ set, is }) => {
    const after = withSize(is, change);
    return after === set || deepEqual(after, set) ? [] : [{ do: "update" as const, set: after, from: sizeOf(set) }];
  });
}

function inRevision(deployment: DeepReadonly<Deployment>, newest: SeenSet, old: readonly SeenSet[]): SeenSet {
  const { metadata, spec } = newest;
  const annotations = annotationsOfNewest(deployment, metadata?.annotations ?? {}, old);
  const minReadySeconds = deployment.spec?.minReadySeconds ?? 0;
  return {
    ...newest,
    metadata: { ...metadata, annotations },
    ...(spec === undefined || minReadySeconds === (spec.minReadySeconds ?? 0)
      ? {}
      : { spec: { ...spec, minReadySeconds } }),
  };
}

function withSize(set: SeenSet, { sizes, bounds, isTold = false }: Change): SeenSet {
  const size = sizes.get(nameOf(set));
  if (size === undefined || (size === sizeOf(set) && !isTold)) return set;
  const annotations = { ...set.metadata?.annotations, ...sizeAnnotations(bounds) };
  const { spec } = set;
  return {
    ...set,
    metadata: { ...set.metadata, annotations },
    ...(spec === undefined ? {} : { spec: { ...spec, replicas: size } }),
  };
}

/** 2^31 - 1 stands for: all of them. */
const unlimited = 0x7fffffff;

/** The oldest revisions beyond the limit; those that still have pods stay. https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#clean-up-policy */
function outdated({ spec }: DeepReadonly<Deployment>, old: readonly SeenSet[]): Step[] {
  const limit = spec?.revisionHistoryLimit ?? unlimited;
  if (limit === unlimited) return [];
  const there = old.filter(({ metadata }) => metadata?.deletionTimestamp === undefined).toSorted(byRevision);
  return there
    .slice(0, Math.max(there.length - limit, 0))
    .filter((set) => sizeOf(set) === 0 && actualOf(set) === 0 && isObserved(set))
    .map((set) => ({ do: "delete", set }));
}

function isObserved({ metadata, status }: SeenSet): boolean {
  return (metadata?.generation ?? 0) <= (status?.observedGeneration ?? 0);
}
