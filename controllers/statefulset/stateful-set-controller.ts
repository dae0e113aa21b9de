import type { ControllerRevision, StatefulSet } from "../../api/generated/types/apps-v1.ts";
import type { PersistentVolumeClaim, Pod } from "../../api/generated/types/core-v1.ts";
import { matches, type Selector } from "../../api/machinery/labels.ts";
import type { Informer } from "../../client/informer.ts";
import { keyFor, keyOf } from "../../client/lister.ts";
import type { Outcome } from "../../client/reconciler.ts";
import {
  controllerRevisions,
  persistentVolumeClaims,
  pods as podType,
  statefulSets,
} from "../../client/resource-types.ts";
import { claim } from "../adoption.ts";
import type { Controller, ControllerDeps } from "../controller.ts";
import { templateRestorer } from "../history/restored-template.ts";
import { nameOf } from "../history/revisions.ts";
import { recordedTemplate } from "../history/template-patch.ts";
import { type OwnedLookup, ownedLookup, watchOwned, watchSelf } from "../owned.ts";
import { nextAvailability } from "../pods/next-availability.ts";
import { slowStart } from "../pods/slow-start.ts";
import { selectorReader } from "../workload-selector.ts";
import { type AnyPod, type AnySet, ordinalOf } from "./identity.ts";
import { plan, type Step } from "./plan.ts";
import { claimRevisions, knownRevisions, type Revisions, truncateHistory, updateRevisions } from "./revisions.ts";
import { createSetEvents } from "./set-events.ts";
import { createStatefulPodControl, type PodRevision, type StatefulPodControl } from "./stateful-pod-control.ts";
import { statusOf } from "./status.ts";

/** Keeps pods that have names, an order and storage of their own. https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/ */
export const statefulSetController: Controller = {
  name: "statefulset-controller",
  start(deps) {
    const sets = deps.informers.of(statefulSets);
    const pods = deps.informers.of(podType);
    const claims = deps.informers.of(persistentVolumeClaims);
    const selectorOf = selectorReader();
    const parts: Parts = {
      sets,
      selectorOf,
      pods: ownedLookup(pods),
      revisions: ownedLookup(deps.informers.of(controllerRevisions)),
      restore: templateRestorer(deps.clock),
      claims,
      control: createStatefulPodControl({ client: deps.client, events: createSetEvents(deps.events), known: claims }),
      deps,
    };
    const reconciler = deps.reconciler({ reconcile: (key) => reconcile(key, parts) });
    const add = (key: string): void => reconciler.add(key);
    watchSelf(sets, add);
    const selects = (set: AnySet, pod: AnyPod): boolean => {
      const selector = selectorOf(set);
      return selector !== undefined && matches(selector, pod.metadata?.labels);
    };
    watchOwned({ ownerType: statefulSets, owners: sets, owned: pods, selects, add });
    watchClaims(claims, sets, add);
  },
};

interface Parts {
  readonly sets: Informer<StatefulSet>;
  readonly selectorOf: (set: AnySet) => Selector | undefined;
  readonly pods: OwnedLookup<Pod>;
  readonly revisions: OwnedLookup<ControllerRevision>;
  readonly restore: ReturnType<typeof templateRestorer>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly control: StatefulPodControl;
  readonly deps: Pick<ControllerDeps, "client" | "clock">;
}

/** A pod may wait until the claim that its predecessor left behind is gone. */
function watchClaims(
  claims: Informer<PersistentVolumeClaim>,
  sets: Informer<StatefulSet>,
  add: (key: string) => void,
): void {
  claims.on({
    deleted({ metadata }) {
      for (const set of sets.list(metadata?.namespace)) {
        const isItsOwn = (set.spec?.volumeClaimTemplates ?? []).some((template) =>
          metadata?.name?.startsWith(`${template.metadata?.name ?? ""}-${set.metadata?.name ?? ""}-`),
        );
        if (isItsOwn) add(keyOf(set));
      }
    },
  });
}

async function reconcile(key: string, parts: Parts): Promise<Outcome> {
  const { sets, selectorOf, pods, revisions, restore, deps } = parts;
  const set = sets.get(key);
  const selector = set === undefined ? undefined : selectorOf(set);
  if (set === undefined || selector === undefined) return;
  const { client, clock } = deps;
  const history = await claimRevisions(set, selector, revisions.candidates(set), client);
  const isMember = (pod: AnyPod): boolean => ordinalOf(pod, set) !== undefined;
  const what = { ownerType: statefulSets, owner: set, type: podType, selector, isOurs: isMember };
  const claimed = await claim(what, pods.candidates(set), client);
  // One on its way out records nothing more: the garbage collector may have taken its history already.
  const isGoing = set.metadata?.deletionTimestamp !== undefined;
  const known = isGoing ? knownRevisions(set, history) : await updateRevisions(set, history, { client, restore });
  if (known === undefined) return;
  const [advanced] = await Promise.allSettled(isGoing ? [] : [advance(set, claimed, known, parts)]);
  const now = pods.of(set).filter((pod) => isMember(pod) && matches(selector, pod.metadata?.labels));
  await report(set, now, known, deps);
  await truncateHistory(set, { ...known, history }, now, client);
  if (advanced?.status === "rejected") throw advanced.reason;
  return nextAvailability(pods.of(set), set.spec?.minReadySeconds ?? 0, clock.now());
}

async function advance(
  set: AnySet,
  claimed: readonly AnyPod[],
  revisions: Revisions,
  { claims, control, deps }: Parts,
): Promise<void> {
  const { current, update } = revisions;
  const stages = plan({
    set,
    pods: claimed,
    current: nameOf(current),
    update: nameOf(update),
    claim: (name) => claims.get(keyFor(set.metadata?.namespace, name)),
    now: deps.clock.now(),
  });
  const run = (step: Step): Promise<void> => act(set, step, revisions, control);
  for (const steps of stages) {
    if (set.spec?.podManagementPolicy !== "Parallel") for (const step of steps) await run(step);
    else await inParallel(steps, run);
  }
}

async function inParallel(steps: readonly Step[], run: (step: Step) => Promise<void>): Promise<void> {
  const outcome = await slowStart(steps.length, async (index) => {
    const step = steps[index];
    if (step !== undefined) await run(step);
  });
  if ("failure" in outcome) throw outcome.failure;
}

async function act(set: AnySet, step: Step, revisions: Revisions, control: StatefulPodControl): Promise<void> {
  switch (step.do) {
    case "create":
      return control.create(set, step.ordinal, podRevision(step.revision, revisions));
    case "delete":
      return control.delete(set, step.pod);
    case "mend":
      return control.mend(set, step.pod, step.ordinal);
    case "claims":
      return control.claims(set, step.pod, step.ordinal);
  }
}

function podRevision(name: string, { current, update }: Revisions): PodRevision {
  const template = recordedTemplate(name === nameOf(update) ? update : current);
  if (template === undefined) throw new Error(`revision ${name} holds no pod template`);
  return { name, template };
}

async function report(
  set: AnySet,
  pods: readonly AnyPod[],
  { current, update, collisionCount }: Revisions,
  { client, clock }: Pick<ControllerDeps, "client" | "clock">,
): Promise<void> {
  const counted = { set, pods, current: nameOf(current), update: nameOf(update), collisionCount, now: clock.now() };
  const status = statusOf(counted);
  if (status !== set.status) await client.update(statefulSets, { ...set, status }, "status");
}
