import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { PodDisruptionBudget } from "../../api/generated/types/policy-v1.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import { lenientSelectorOf, selectorOf } from "../../api/machinery/label-selector.ts";
import { matches, type Selector } from "../../api/machinery/labels.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { controllerOf } from "../../api/machinery/owners.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Informer } from "../../client/informer.ts";
import { keyOf } from "../../client/lister.ts";
import type { Outcome } from "../../client/reconciler.ts";
import { podDisruptionBudgets as budgetType, pods as podType } from "../../client/resource-types.ts";
import type { Controller, ControllerDeps } from "../controller.ts";
import { watchSelf } from "../owned.ts";
import { createScaleClient } from "../scale/scale-client.ts";
import { createServedKinds } from "../scale/served-kinds.ts";
import { desiredHealthyOf, disruptedOf, failedStatus, healthyCount, needsScale, statusOf } from "./budget-status.ts";
import { type Expected, expectedPods } from "./expected-pods.ts";
import { shownSelector } from "../shown-selector.ts";
import { spared, staleIn } from "./stale-disruption-target.ts";
import { createFindScale } from "./workload-scale.ts";

type Budget = DeepReadonly<PodDisruptionBudget>;
type SeenPod = DeepReadonly<Pod>;

/** Reckons how many pods may be evicted. https://kubernetes.io/docs/concepts/workloads/pods/disruptions/ */
export const disruptionController: Controller = {
  name: "disruption-controller",
  component: "controllermanager",
  start(deps) {
    const budgets = deps.informers.of(budgetType);
    const pods = deps.informers.of(podType);
    const findScale = createFindScale(deps.informers, {
      servedKinds: createServedKinds(deps),
      scales: createScaleClient(deps.transport),
    });
    const parts: Parts = {
      budgets,
      pods,
      expect: (those) =>
        expectedPods(those, async (pod) => {
          const controller = controllerOf(pod);
          return controller === undefined ? undefined : findScale(controller, pod.metadata?.namespace);
        }),
      deps,
    };
    const reconciler = deps.reconciler({ reconcile: (key) => reconcile(key, parts) });
    watchSelf(budgets, (key) => reconciler.add(key));
    const stale = deps.reconciler({ name: "stale-disruption", reconcile: (key) => spare(key, parts) });
    const selectors = new WeakMap<Budget, Selector>();
    const wake = (pod: SeenPod): void => {
      const [first, ...others] = [...budgets.list(pod.metadata?.namespace)].filter((budget) =>
        selects(budget, pod, selectors),
      );
      if (first === undefined) return;
      if (others.length > 0) tellOfSeveral(pod, first, deps);
      for (const budget of [first, ...others]) reconciler.add(keyOf(budget));
    };
    const change = (pod: SeenPod): void => {
      wake(pod);
      if (staleIn(pod, deps.clock.now()) !== undefined) stale.add(keyOf(pod));
    };
    pods.on({
      added: change,
      updated(pod, old) {
        if (!deepEqual(pod.metadata?.labels, old.metadata?.labels)) wake(old);
        change(pod);
      },
      deleted: wake,
    });
  },
};

interface Parts {
  readonly budgets: Informer<PodDisruptionBudget>;
  readonly pods: Informer<Pod>;
  readonly expect: (pods: readonly SeenPod[]) => Promise<Expected>;
  readonly deps: Pick<ControllerDeps, "client" | "events" | "clock">;
}

/** Read once per revision of a budget. */
function selects(budget: Budget, { metadata }: SeenPod, known: WeakMap<Budget, Selector>): boolean {
  let selector = known.get(budget);
  if (selector === undefined) known.set(budget, (selector = lenientSelectorOf(budget.spec?.selector)));
  return matches(selector, metadata?.labels ?? {});
}

function tellOfSeveral(pod: SeenPod, chosen: Budget, { events }: Parts["deps"]): void {
  const { namespace = "", name = "" } = pod.metadata ?? {};
  const message = `Pod "${namespace}"/"${name}" matches multiple PodDisruptionBudgets.  Chose "${chosen.metadata?.name ?? ""}" arbitrarily.`;
  events.event(pod, { type: "Warning", reason: "MultiplePodDisruptionBudgets", message });
}

async function reconcile(key: string, parts: Parts): Promise<Outcome> {
  const budget = parts.budgets.get(key);
  if (budget === undefined) return undefined;
  try {
    return await reckon(budget, parts);
  } catch (thrown) {
    // Somebody else wrote it: what was reckoned is not wrong, only late.
    if (thrown instanceof ApiError && thrown.reason === "Conflict") throw thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    await write(budget, failedStatus(budget, message, parts.deps.clock.now()), parts);
    // What the server refuses today it may answer tomorrow; all else waits for a change.
    if (thrown instanceof ApiError) throw thrown;
    return undefined;
  }
}

async function reckon(budget: Budget, parts: Parts): Promise<Outcome> {
  const { events, clock } = parts.deps;
  const pods = podsOf(budget, parts);
  const { spec = {}, metadata } = budget;
  const expected = await expectedOf(budget, pods, parts);
  const now = clock.now();
  const disrupted = disruptedOf(budget.status, pods, now);
  for (const pod of disrupted.overdue) {
    // Upstream names the namespace twice.
    const message = `Pod was expected by PDB ${metadata?.namespace}/${metadata?.namespace} to be deleted but it wasn't`;
    events.event(pod, { type: "Warning", reason: "NotDeleted", message });
  }
  const counts = {
    currentHealthy: healthyCount(pods, disrupted, now),
    desiredHealthy: desiredHealthyOf(spec, expected),
    expectedPods: expected,
  };
  await write(budget, statusOf(budget, counts, disrupted.pods, now), parts);
  return disrupted.recheckAt === undefined ? undefined : { after: Math.max(disrupted.recheckAt - now, 0) + 1 };
}

function podsOf(budget: Budget, { pods, deps: { events } }: Parts): readonly SeenPod[] {
  let selector: Selector;
  try {
    selector = selectorOf(budget.spec?.selector);
  } catch (thrown) {
    const message = `Failed to get pods: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
    events.event(budget, { type: "Warning", reason: "NoPods", message });
    throw thrown;
  }
  const found = [...pods.list(budget.metadata?.namespace)].filter(({ metadata }) =>
    matches(selector, metadata?.labels ?? {}),
  );
  if (found.length === 0) events.event(budget, { type: "Normal", reason: "NoPods", message: "No matching pods found" });
  return found;
}

async function expectedOf(
  budget: Budget,
  pods: readonly SeenPod[],
  { expect, deps: { events } }: Parts,
): Promise<number> {
  const { spec = {} } = budget;
  if (!needsScale(spec)) return spec.minAvailable === undefined ? 0 : pods.length;
  try {
    const { count, unmanaged } = await expect(pods);
    if (unmanaged.length > 0)
      events.event(budget, { type: "Warning", reason: "UnmanagedPods", message: unmanagedMessage(budget) });
    return count;
  } catch (thrown) {
    const message = `Failed to calculate the number of expected pods: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
    events.event(budget, { type: "Warning", reason: "CalculateExpectedPodCountFailed", message });
    throw thrown;
  }
}

function unmanagedMessage({ spec }: Budget): string {
  return (
    `Pods selected by this PodDisruptionBudget (selector: ${shownSelector(spec?.selector)}) were found to be unmanaged. ` +
    "As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. " +
    'To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'
  );
}

async function write(budget: Budget, status: Budget["status"], { deps: { client } }: Parts): Promise<void> {
  if (status === undefined || deepEqual(status, budget.status)) return;
  await client.update(budgetType, { ...budget, status }, "status");
}

/** A pod that was to be evicted, and was not after all. */
async function spare(key: string, { pods, deps: { client, clock } }: Parts): Promise<Outcome> {
  const pod = pods.get(key);
  const left = pod === undefined ? undefined : staleIn(pod, clock.now());
  if (pod === undefined || left === undefined) return undefined;
  if (left > 0) return { after: left };
  await client.update(podType, spared(pod, clock.now()), "status");
  return undefined;
}
