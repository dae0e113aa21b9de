import type { ReplicaSetStatus } from "../../api/generated/types/apps-v1.ts";
import type { Pod, PodTemplateSpec } from "../../api/generated/types/core-v1.ts";
import { availableIn, isPodActive } from "../../api/core/pod-state.ts";
import { matches, nothing, type Selector } from "../../api/machinery/labels.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { controllerOf } from "../../api/machinery/owners.ts";
import type { Client } from "../../client/client.ts";
import type { Informer } from "../../client/informer.ts";
import type { Outcome } from "../../client/reconciler.ts";
import { pods as podType, type ResourceType } from "../../client/resource-types.ts";
import { claim } from "../adoption.ts";
import type { Controller, ControllerDeps } from "../controller.ts";
import { type OwnedLookup, ownedLookup, watchOwned, watchSelf } from "../owned.ts";
import { createPodControl, isNamespaceGoing, type PodControl } from "../pods/pod-control.ts";
import { podFromTemplate } from "../pods/pod-from-template.ts";
import { slowStart } from "../pods/slow-start.ts";
import { plan } from "./plan.ts";
import { createPodTallies, type PodTallies, type PodTally } from "./pod-tallies.ts";
import { countAvailable, type Observed, statusOf } from "./status.ts";

/** What ReplicaSets and ReplicationControllers have in common. */
export interface Replicated extends KubeObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly minReadySeconds?: number;
    readonly template?: PodTemplateSpec;
  };
  readonly status?: ReplicaSetStatus;
}

export interface ReplicaKind<T extends Replicated> {
  readonly name: string;
  readonly serviceAccount?: string;
  readonly component?: string;
  readonly type: ResourceType<T>;
  /** Makes what reads a set's selector; undefined where there is none that makes sense. */
  readonly selectorReader: () => (set: DeepReadonly<T>) => Selector | undefined;
  /** Whether the status says how many pods are on their way out. */
  readonly countsTerminating: boolean;
}

/** Keeps as many pods as are wanted. https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/ */
export function replicaController<T extends Replicated>(kind: ReplicaKind<T>): Controller {
  return {
    name: kind.name,
    ...(kind.serviceAccount === undefined ? {} : { serviceAccount: kind.serviceAccount }),
    ...(kind.component === undefined ? {} : { component: kind.component }),
    start(deps) {
      const sets = deps.informers.of(kind.type);
      const pods = deps.informers.of(podType);
      const selectorOf = kind.selectorReader();
      const parts: Parts<T> = {
        kind,
        selectorOf,
        sets,
        siblings: ownedLookup(sets),
        pods: ownedLookup(pods),
        // Before whatever wakes a set: it is to find its pods counted.
        tallies: createPodTallies(pods),
        control: createPodControl(deps),
        deps,
      };
      const reconciler = deps.reconciler({ reconcile: (key) => reconcile(key, parts) });
      const add = (key: string): void => reconciler.add(key);
      watchSelf(sets, add);
      sets.on({ deleted: (set) => parts.tallies.forget(set) });
      const selects = (set: DeepReadonly<T>, pod: DeepReadonly<Pod>): boolean =>
        matches(selectorOf(set) ?? nothing, pod.metadata?.labels ?? {});
      watchOwned({ ownerType: kind.type, owners: sets, owned: pods, selects, add });
    },
  };
}

interface Parts<T extends Replicated> {
  readonly kind: ReplicaKind<T>;
  readonly selectorOf: (set: DeepReadonly<T>) => Selector | undefined;
  readonly sets: Informer<T>;
  /** Sets by their owner. */
  readonly siblings: OwnedLookup<T>;
  readonly pods: OwnedLookup<Pod>;
  readonly tallies: PodTallies;
  readonly control: PodControl;
  readonly deps: Pick<ControllerDeps, "client" | "clock">;
}

async function reconcile<T extends Replicated>(key: string, parts: Parts<T>): Promise<Outcome> {
  const { selectorOf, sets, pods, deps } = parts;
  const set = sets.get(key);
  const selector = set === undefined ? undefined : selectorOf(set);
  // One that does not select what it makes would make pods for ever.
  if (set === undefined || selector === undefined || !makesWhatIsSelected(set, selector)) return;
  const failure = isComplete(set, selector, parts) ? undefined : await fill(set, selector, parts);
  const minReadySeconds = minReadySecondsOf(set);
  const own = minReadySeconds === 0 ? [] : pods.of(set).filter(({ metadata }) => matches(selector, metadata?.labels));
  const tally = tallyOf(set, selector, parts);
  const now = deps.clock.now();
  const availableReplicas = minReadySeconds === 0 ? tally.readyReplicas : countAvailable(own, { minReadySeconds, now });
  const status = await report(set, { tally, availableReplicas }, failure, parts);
  if (failure !== undefined) throw failure.thrown;
  return nextAvailable(status, own, { minReadySeconds, now: deps.clock.now() });
}

/** There are as many as there should be, and nothing is to be adopted or released: all that changes is how they are. */
function isComplete<T extends Replicated>(set: DeepReadonly<T>, selector: Selector, parts: Parts<T>): boolean {
  const { replicas, strays } = tallyOf(set, selector, parts);
  return replicas === (set.spec?.replicas ?? 1) && strays === 0 && parts.pods.orphans(set).length === 0;
}

async function fill<T extends Replicated>(
  set: DeepReadonly<T>,
  selector: Selector,
  parts: Parts<T>,
): Promise<Failure | undefined> {
  const { kind, pods, deps } = parts;
  const what = { ownerType: kind.type, owner: set, type: podType, selector };
  // Those that have ended are no replicas, and are left to whoever wants to read their logs.
  const claimed = await claim(what, pods.candidates(set).filter(isPodActive), deps.client);
  return set.metadata?.deletionTimestamp === undefined ? scale(set, claimed, parts) : undefined;
}

function tallyOf<T extends Replicated>(set: DeepReadonly<T>, selector: Selector, parts: Parts<T>): PodTally {
  const spec: DeepReadonly<Replicated["spec"]> = set.spec;
  return parts.tallies.of(set, () => ({
    selector,
    labels: spec?.template?.metadata?.labels ?? {},
    pods: () => parts.pods.of(set),
  }));
}

function minReadySecondsOf<T extends Replicated>(set: DeepReadonly<T>): number {
  const spec: DeepReadonly<Replicated["spec"]> = set.spec;
  return spec?.minReadySeconds ?? 0;
}

function makesWhatIsSelected(set: DeepReadonly<Replicated>, selector: Selector): boolean {
  return matches(selector, set.spec?.template?.metadata?.labels ?? {});
}

interface Failure {
  readonly reason: "FailedCreate" | "FailedDelete";
  readonly message: string;
  readonly thrown: unknown;
}

async function scale<T extends Replicated>(
  set: DeepReadonly<T>,
  active: readonly DeepReadonly<Pod>[],
  parts: Parts<T>,
): Promise<Failure | undefined> {
  const { kind, control, deps } = parts;
  const steps = plan(set.spec?.replicas ?? 1, active, { neighbours: neighboursOf(set, parts), now: deps.clock.now() });
  if ("create" in steps) {
    const create = async (): Promise<void> => {
      try {
        await control.create(podFromTemplate(set.spec?.template, set, kind.type), set);
      } catch (thrown) {
        // Nothing can be made there any more, and this set will be gone, too.
        if (!isNamespaceGoing(thrown)) throw thrown;
      }
    };
    const { failure: thrown } = await slowStart(steps.create, create);
    return thrown === undefined ? undefined : { reason: "FailedCreate", message: messageOf(thrown), thrown };
  }
  if ("delete" in steps) {
    const outcomes = await Promise.allSettled(steps.delete.map((pod) => control.delete(pod, set)));
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed === undefined) return undefined;
    const thrown: unknown = failed.reason;
    return { reason: "FailedDelete", message: `unable to delete pods: ${messageOf(thrown)}`, thrown };
  }
  return undefined;
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** How many active pods of the same workload (all sets of one Deployment) are on a node. */
function neighboursOf<T extends Replicated>(
  set: DeepReadonly<T>,
  { siblings, pods }: Parts<T>,
): (nodeName: string) => number {
  let counts: Map<string, number> | undefined;
  const count = (): Map<string, number> => {
    const uid = controllerOf(set)?.uid;
    const related = uid === undefined ? [set] : siblings.of({ metadata: { uid } });
    const perNode = new Map<string, number>();
    for (const pod of related.flatMap((one) => pods.of(one)).filter(isPodActive)) {
      const node = pod.spec?.nodeName ?? "";
      perNode.set(node, (perNode.get(node) ?? 0) + 1);
    }
    return perNode;
  };
  return (nodeName) => (counts ??= count()).get(nodeName) ?? 0;
}

async function report<T extends Replicated>(
  set: DeepReadonly<T>,
  counted: Pick<Observed, "tally" | "availableReplicas">,
  failure: Failure | undefined,
  { kind, deps }: Parts<T>,
): Promise<DeepReadonly<ReplicaSetStatus>> {
  const observed: Observed = {
    generation: set.metadata?.generation ?? 0,
    ...counted,
    countsTerminating: kind.countsTerminating,
    before: set.status,
    ...(failure === undefined ? {} : { failure: { reason: failure.reason, message: failure.message } }),
    now: deps.clock.now(),
  };
  const status = statusOf(observed);
  if (status !== set.status) await writeStatus(deps.client, kind.type, set, status);
  return status;
}

async function writeStatus<T extends Replicated>(
  client: Client,
  type: ResourceType<T>,
  set: DeepReadonly<T>,
  status: DeepReadonly<ReplicaSetStatus>,
): Promise<void> {
  await client.update(type, { ...set, status }, "status");
}

/** A pod that is ready becomes available by the mere passing of time. */
function nextAvailable(
  { readyReplicas, availableReplicas }: DeepReadonly<ReplicaSetStatus>,
  pods: readonly DeepReadonly<Pod>[],
  { minReadySeconds, now }: { readonly minReadySeconds: number; readonly now: number },
): Outcome {
  if (minReadySeconds === 0 || readyReplicas === availableReplicas) return undefined;
  const waits = pods.filter(isPodActive).map((pod) => availableIn(pod, minReadySeconds, now) ?? 0);
  const next = Math.min(...waits.filter((wait) => wait > 0));
  return Number.isFinite(next) ? { after: next } : undefined;
}
