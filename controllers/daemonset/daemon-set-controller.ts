import type { ControllerRevision, DaemonSet } from "../../api/generated/types/apps-v1.ts";
import type { Node, Pod } from "../../api/generated/types/core-v1.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import { isEmptySelector } from "../../api/machinery/label-selector.ts";
import { matches, type Selector } from "../../api/machinery/labels.ts";
import { controllerOf } from "../../api/machinery/owners.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import type { Informer } from "../../client/informer.ts";
import { type IndexLookup, keyOf } from "../../client/lister.ts";
import type { Outcome } from "../../client/reconciler.ts";
import { controllerRevisions, daemonSets, nodes as nodeType, pods as podType } from "../../client/resource-types.ts";
import { claim } from "../adoption.ts";
import type { Controller, ControllerDeps } from "../controller.ts";
import { type OwnedLookup, ownedLookup, watchOwned, watchSelf } from "../owned.ts";
import { nextAvailability } from "../pods/next-availability.ts";
import { createPodControl, isNamespaceGoing, type PodControl } from "../pods/pod-control.ts";
import { slowStart } from "../pods/slow-start.ts";
import { selectorReader } from "../workload-selector.ts";
import { type AnyPod, type AnySet, daemonPod, targetNode } from "./daemon-pod.ts";
import { createFailedPodBackoff, type FailedPodBackoff } from "./failed-pod-backoff.ts";
import { type AnyNode, type Place, placer } from "./placement.ts";
import { type Ended, type Observed, type Plan, plan, podsByNode } from "./plan.ts";
import { historyOf, truncateHistory } from "./revisions.ts";
import { rollingUpdate } from "./rolling-update.ts";
import { statusOf } from "./status.ts";

/** Keeps a pod on each node that should have one. https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/ */
export const daemonSetController: Controller = {
  name: "daemonset-controller",
  serviceAccount: "daemon-set-controller",
  start(deps) {
    const sets = deps.informers.of(daemonSets);
    const pods = deps.informers.of(podType);
    const revisions = deps.informers.of(controllerRevisions);
    const nodes = deps.informers.of(nodeType);
    const selectorOf = selectorReader();
    const parts: Parts = {
      sets,
      nodes,
      selectorOf,
      pods: ownedLookup(pods),
      revisions: ownedLookup(revisions),
      placerOf: placers(sets),
      backoff: createFailedPodBackoff(deps.clock),
      control: createPodControl(deps),
      deps,
    };
    const reconciler = deps.reconciler({ reconcile: (key) => reconcile(key, parts) });
    const add = (key: string): void => reconciler.add(key);
    const selects = (set: AnySet, { metadata }: DeepReadonly<KubeObject>): boolean => {
      const selector = selectorOf(set);
      return selector !== undefined && matches(selector, metadata?.labels);
    };
    watchSelf(sets, add);
    watchOwned({ ownerType: daemonSets, owners: sets, owned: pods, selects, add });
    watchOwned({ ownerType: daemonSets, owners: sets, owned: revisions, selects, add });
    watchNodes(parts, pods.index(ownerAndNode), add);
  },
};

interface Parts {
  readonly sets: Informer<DaemonSet>;
  readonly nodes: Informer<Node>;
  readonly selectorOf: (set: AnySet) => Selector | undefined;
  readonly pods: OwnedLookup<Pod>;
  readonly revisions: OwnedLookup<ControllerRevision>;
  readonly placerOf: (set: AnySet) => Place;
  readonly backoff: FailedPodBackoff;
  readonly control: PodControl;
  readonly deps: Pick<ControllerDeps, "client" | "clock" | "events">;
}

/** What a template demands of nodes is read once per generation of a set, not at each change of its status. */
function placers(sets: Informer<DaemonSet>): (set: AnySet) => Place {
  const known = new Map<string, { readonly generation: number; readonly place: Place }>();
  sets.on({ deleted: ({ metadata }) => void known.delete(metadata?.uid ?? "") });
  return (set) => {
    const { uid = "", generation = 0 } = set.metadata ?? {};
    const before = known.get(uid);
    if (before?.generation === generation) return before.place;
    const place = placer(set);
    known.set(uid, { generation, place });
    return place;
  };
}

function ownerAndNode(pod: AnyPod): readonly string[] {
  const owner = controllerOf(pod);
  const node = owner?.kind === daemonSets.kind ? targetNode(pod) : undefined;
  return node === undefined ? [] : [`${owner?.uid ?? ""}/${node}`];
}

/** Wakes the sets that a change of a node matters to. */
function watchNodes({ sets, nodes, placerOf }: Parts, podsOn: IndexLookup<Pod>, add: (key: string) => void): void {
  const wake = (node: AnyNode): void => {
    for (const set of sets.list()) {
      const isThere = podsOn(`${set.metadata?.uid ?? ""}/${node.metadata?.name ?? ""}`).length > 0;
      const mayCount = isThere && (set.status?.numberMisscheduled ?? 0) > 0;
      if (mayCount || placerOf(set)(node).shouldRun !== isThere) add(keyOf(set));
    }
  };
  nodes.on({
    added: wake,
    updated(node, old) {
      const isSame =
        deepEqual(node.metadata?.labels, old.metadata?.labels) && deepEqual(node.spec?.taints, old.spec?.taints);
      if (!isSame) wake(node);
    },
    deleted(node) {
      for (const set of sets.list()) if (placerOf(set)(node).mayStay) add(keyOf(set));
    },
  });
}

async function reconcile(key: string, parts: Parts): Promise<Outcome> {
  const { sets, selectorOf, pods, revisions, deps } = parts;
  const { client, clock, events } = deps;
  const set = sets.get(key);
  if (set === undefined) return;
  if (isEmptySelector(set.spec?.selector)) {
    const message = "This daemon set is selecting all pods. A non-empty selector is required.";
    events.event(set, { type: "Warning", reason: "SelectingAll", message });
  }
  const selector = selectorOf(set);
  // Of one on its way out the garbage collector may have taken the history already.
  if (selector === undefined || set.metadata?.deletionTimestamp !== undefined) return;
  const owned = { ownerType: daemonSets, owner: set, type: podType, selector };
  const claimed = await claim(owned, pods.candidates(set), client);
  const history = await historyOf({ set, selector, candidates: revisions.candidates(set), pods: claimed }, client);
  if (history === undefined) return;
  const { hash, old } = history;
  const observed = observe(set, claimed, hash, parts);
  const [managed] = await Promise.allSettled([manage(observed, parts)]);
  const now = pods.of(set).filter(({ metadata }) => matches(selector, metadata?.labels));
  await report(observe(set, now, hash, parts), client);
  if (managed.status === "rejected") throw managed.reason;
  await truncateHistory(set, old, now, client);
  return earlier(managed.value, nextAvailability(now, set.spec?.minReadySeconds ?? 0, clock.now()));
}

function observe(set: AnySet, pods: readonly AnyPod[], hash: string, parts: Parts): Observed {
  const { nodes, placerOf, backoff, deps } = parts;
  return {
    set,
    nodes: new Map(Array.from(nodes.list(), (node) => [node.metadata?.name ?? "", node])),
    pods: podsByNode(pods),
    hash,
    place: placerOf(set),
    backoff: (nodeName) => backoff.left(backoffKey(set, nodeName)),
    now: deps.clock.now(),
  };
}

/** A new template begins anew. */
function backoffKey({ metadata, status }: AnySet, nodeName: string): string {
  return `${metadata?.uid ?? ""}/${status?.observedGeneration ?? 0}/${nodeName}`;
}

/** First each node gets what it should have; only when nothing of that is left to do the update goes on. */
async function manage(observed: Observed, parts: Parts): Promise<Outcome> {
  const steps = plan(observed);
  for (const ended of steps.ended) tellEnded(observed.set, ended, parts);
  await carryOut(observed, steps, parts);
  const isDone = steps.create.length + steps.delete.length === 0;
  if (isDone && observed.set.spec?.updateStrategy?.type === "RollingUpdate")
    await carryOut(observed, rollingUpdate(observed), parts);
  return steps.after === undefined ? undefined : { after: steps.after };
}

function tellEnded(set: AnySet, { pod, nodeName }: Ended, { backoff, deps }: Parts): void {
  const { namespace = "", name = "" } = pod.metadata ?? {};
  const found = (what: string, next: string): string =>
    `Found ${what} daemon pod ${namespace}/${name} on node ${nodeName}, will try to ${next} it`;
  if (pod.status?.phase === "Failed") {
    backoff.failed(backoffKey(set, nodeName));
    deps.events.event(set, { type: "Warning", reason: "FailedDaemonPod", message: found("failed", "kill") });
  } else {
    deps.events.event(set, { type: "Normal", reason: "SucceededDaemonPod", message: found("succeeded", "delete") });
  }
}

/** So many pods at once, so that one large set does not keep the others waiting. */
const burst = 250;

async function carryOut(
  { set, hash }: Observed,
  steps: Pick<Plan, "create" | "delete">,
  { control }: Parts,
): Promise<void> {
  const nodeNames = steps.create.slice(0, burst);
  const outcome = await slowStart(nodeNames.length, async (index) => {
    try {
      await control.create(daemonPod(set, nodeNames[index] ?? "", hash), set);
    } catch (thrown) {
      // All further ones would fail likewise, and there is nobody to tell.
      if (!isNamespaceGoing(thrown)) throw thrown;
    }
  });
  const outcomes = await Promise.allSettled(steps.delete.slice(0, burst).map((pod) => control.delete(pod, set)));
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if ("failure" in outcome) throw outcome.failure;
  if (failed !== undefined) throw failed.reason;
}

async function report(observed: Observed, client: ControllerDeps["client"]): Promise<void> {
  const { set } = observed;
  const status = statusOf(observed);
  if (status !== set.status) await client.update(daemonSets, { ...set, status }, "status");
}

function earlier(left: Outcome, right: Outcome): Outcome {
  if (left === undefined || right === undefined) return left ?? right;
  return left.after < right.after ? left : right;
}
