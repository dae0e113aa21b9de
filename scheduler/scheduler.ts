/** Takes pod after pod out of the queue and finds a node for each. A pod sees the decisions before it. */
import type { Activity } from "../base/activity.ts";
import type { Random } from "../base/random.ts";
import type { Turns } from "../base/turns.ts";
import { bindChosen, type BindingDeps, type Chosen, errorFailure, failureOf, onNode } from "./binding-cycle.ts";
import { type Failure, type FailureDeps, handleFailure } from "./failures.ts";
import { type Diagnosis, fitErrorMessage, rejectingPlugins } from "./framework/fit-error.ts";
import type { PostFilterResult } from "./framework/plugin.ts";
import type { Profile } from "./framework/profile.ts";
import { needsPreBind, runPermit, runReserve, runUnreserve } from "./framework/run-binding.ts";
import { createNodeMemory } from "./node-memory.ts";
import { noNodes, rejectedByNobody } from "./queue/scheduling-queue.ts";
import { nobody, type WaitingPod } from "./queue/waiting-pod.ts";
import { type Choice, type ChoiceNeeds, chooseNode } from "./scheduling-cycle.ts";
import type { Slots } from "./slots.ts";

export interface SchedulerDeps extends Omit<BindingDeps, "fail">, FailureDeps {
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly slots: Slots;
  readonly random: Random;
  readonly activity: Activity;
  readonly turns: Turns;
}

export interface Scheduler extends AsyncDisposable {
  /** From here on pods are scheduled; those that have come before wait in the queue. */
  begin(): void;
  /** There may be something in the queue. */
  wake(): void;
}

export function createScheduler(deps: SchedulerDeps): Scheduler {
  const { queue, slots, turns, activity, signal } = deps;
  const search = { turn: { start: 0 }, memory: createNodeMemory() };
  let hasBegun = false;
  let running: Promise<void> | undefined;
  const work = async (): Promise<void> => {
    while (queue.isReady && !signal.aborted) {
      const next = turns.next("scheduler");
      if (next !== undefined) await next;
      if (slots.isFull) await slots.free();
      const pod = queue.pop();
      if (pod === undefined) continue;
      try {
        const waiting = scheduleOne(pod, search, deps);
        if (waiting !== undefined) await waiting;
      } catch (error) {
        deps.log.error("the scheduler has an error", { pod: pod.info.key, error });
        queue.requeue(pod, pod.info, rejectedByNobody);
      }
    }
  };
  const wake = (): void => {
    if (!hasBegun || running !== undefined || signal.aborted) return;
    const end = activity.begin();
    // Not before all that one event brings back is there: the most important of them is the first.
    const begun = Promise.resolve().then(work);
    running = begun.finally(() => {
      running = undefined;
      end();
      if (queue.isReady) wake();
    });
  };
  return {
    begin() {
      hasBegun = true;
      wake();
    },
    wake,
    async [Symbol.asyncDispose]() {
      queue.close();
      await running;
      await slots.idle();
    },
  };
}

/** What is returned has to be over before the next pod; it never rejects. */
function scheduleOne(
  pod: WaitingPod,
  search: Pick<ChoiceNeeds, "turn" | "memory">,
  deps: SchedulerDeps,
): Promise<void> | undefined {
  const { queue, profiles, events, cache, random } = deps;
  const { info } = pod;
  const profile = profiles.get(info.pod.spec?.schedulerName ?? "");
  if (profile === undefined) throw new Error(`no profile has the scheduler name of the pod ${info.key}`);
  if (info.pod.metadata?.deletionTimestamp !== undefined) {
    const message = `skip schedule deleting pod: ${info.key}`;
    events.event(info.pod, { type: "Warning", reason: "FailedScheduling", action: "Scheduling", message });
    queue.delete(info.uid);
    return undefined;
  }
  let choice: Choice;
  try {
    const nominated = queue.nominations;
    choice = chooseNode(info, { profile, snapshot: cache.snapshot(), nominated, random, ...search });
  } catch (thrown) {
    return fail(pod, errorFailure(thrown), deps);
  }
  switch (choice.is) {
    case "no nodes":
      return fail(pod, noNodesFailure, deps);
    case "misfit":
      return makeRoom(pod, choice, { ...deps, profile });
    case "node":
      return assume({ pod, profile, cycle: choice.cycle, nodeName: choice.nodeName }, deps);
  }
}

const noNodesFailure: Failure = {
  reason: "Unschedulable",
  message: "no nodes available to schedule pods",
  rejectedBy: { unschedulable: nobody, pending: new Set([noNodes]) },
  nominatedNodeName: "",
};

/** The status is written while others are scheduled. */
function fail(pod: WaitingPod, failure: Failure, deps: SchedulerDeps): undefined {
  if (failure.reason === "SchedulerError")
    deps.log.warn("a pod could not be scheduled", { pod: pod.info.key, error: failure.message });
  const told = handleFailure(pod, failure, deps);
  if (told !== undefined) inBackground(told, deps);
  return undefined;
}

type Background = Pick<SchedulerDeps, "slots" | "activity" | "log">;

export function inBackground(work: Promise<void>, { slots, activity, log }: Background): void {
  const end = activity.begin();
  slots.take(work.catch((error: unknown) => log.error("the scheduler has an error", { error })).finally(end));
}

/** PostFilter. */
async function makeRoom(
  pod: WaitingPod,
  { cycle, diagnosis, plugins }: Extract<Choice, { is: "misfit" }>,
  deps: SchedulerDeps & { readonly profile: Profile },
): Promise<void> {
  let [postFilter, nominatedNodeName]: [string, string | undefined] = ["", ""];
  try {
    const results: PostFilterResult[] = [];
    for (const plugin of deps.profile.points.postFilter) {
      const result = await plugin.postFilter?.(cycle, diagnosis.statuses);
      if (result === undefined) continue;
      results.push(result);
      if (result.rejected?.code !== "Unschedulable") break;
    }
    postFilter = postFilterMessage(results);
    if (results.length > 0) nominatedNodeName = nominationOf(results);
  } catch (thrown) {
    postFilter = thrown instanceof Error ? thrown.message : String(thrown);
    nominatedNodeName = undefined;
  }
  fail(pod, misfit({ ...diagnosis, postFilter }, plugins, nominatedNodeName), deps);
}

/** Nothing where room is being made. */
function postFilterMessage(results: readonly PostFilterResult[]): string {
  const last = results.at(-1)?.rejected;
  if (last === undefined) return "";
  const told = last.code === "Unschedulable" ? results : results.slice(-1);
  return told.flatMap(({ rejected }) => rejected?.reasons ?? []).join(", ");
}

/** The last one that has an opinion. */
function nominationOf(results: readonly PostFilterResult[]): string | undefined {
  return results.findLast(({ nominatedNodeName }) => nominatedNodeName !== undefined)?.nominatedNodeName;
}

function misfit(diagnosis: Diagnosis, plugins: readonly string[], nominatedNodeName: string | undefined): Failure {
  return {
    reason: "Unschedulable",
    message: fitErrorMessage(diagnosis),
    rejectedBy: rejectingPlugins(diagnosis, plugins),
    nominatedNodeName,
  };
}

/** From here on the pod takes its room, as the next pod sees. Reserve and Permit may still say no. */
function assume(chosen: Chosen, deps: SchedulerDeps): undefined {
  const { cache, queue } = deps;
  const { pod, nodeName, cycle } = chosen;
  if (!cache.assumePod(onNode(cycle.pod, nodeName), nodeName)) {
    // It runs already: somebody else has bound it.
    queue.delete(cycle.pod.uid);
    return undefined;
  }
  queue.nominations.remove(cycle.pod.uid);
  const failure = reserve(chosen);
  if (failure !== undefined) {
    cache.forgetPod(cycle.pod.uid);
    return fail(pod, failure, deps);
  }
  queue.binding(pod);
  const bindingDeps: BindingDeps = { ...deps, fail: (failed, why) => handleFailure(failed, why, deps) };
  const binding = bindChosen(chosen, bindingDeps);
  // What has to be bound or made ready before may take minutes, which are nobody's work here.
  if (needsPreBind(chosen.profile, cycle, nodeName)) deps.slots.follow(binding);
  else inBackground(binding, deps);
  return undefined;
}

function reserve({ profile, cycle, nodeName }: Chosen): Failure | undefined {
  try {
    const rejected = runReserve(profile, cycle, nodeName);
    if (rejected !== undefined) return failureOf(rejected, nodeName);
  } catch (thrown) {
    return errorFailure(thrown);
  }
  try {
    const permitted = runPermit(profile, cycle.pod, nodeName);
    if (!("code" in permitted)) {
      if (permitted.length > 0) throw new Error("no plugin can allow a pod that waits in Permit");
      return undefined;
    }
    runUnreserve(profile, cycle, nodeName);
    return failureOf(permitted, nodeName);
  } catch (thrown) {
    runUnreserve(profile, cycle, nodeName);
    return errorFailure(thrown);
  }
}
