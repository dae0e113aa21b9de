/**
 * The pods that have no node yet: which to try next, and when to try again one that did not fit.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/scheduler-queue/
 *
 * It does no I/O and knows no other time than the clock's. It holds each pod once, so pods are its bound.
 */
import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import { podChanges } from "../framework/object-changes.ts";
import type { ClusterEvent } from "../framework/events.ts";
import type { RejectingPlugins } from "../framework/fit-error.ts";
import type { QueuedPod } from "../framework/plugin.ts";
import type { PodInfo } from "../framework/pod-info.ts";
import type { Profile } from "../framework/profile.ts";
import { backoffEnd, type BackoffTimes, backoffWindow, isBackingOff } from "./backoff.ts";
import { Heap } from "./heap.ts";
import { createInFlightLog, type Happened } from "./in-flight.ts";
import { createInterests } from "./interests.ts";
import { createNominations, type Nominations } from "./nominations.ts";
import { createUnschedulablePods } from "./unschedulable-pods.ts";
import { createWaitingPod, nobody, type Place, type WaitingPod } from "./waiting-pod.ts";

/** Beyond, a pod is tried again even if nothing happened: no hint is perfect. */
const longestUnschedulableMs = 5 * 60_000;
/** How often that is looked at, at most. */
const flushEveryMs = 30_000;

/** A pod rejected by this waits for the first node, and is then tried at once. */
export const noNodes = "NoNodes";

export interface SchedulingQueueDeps {
  /** By scheduler name; all have the same QueueSort. */
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly backoff: BackoffTimes;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called whenever a pod has become ready to be taken. */
  readonly onReady: () => void;
}

export interface SchedulingQueue {
  readonly nominations: Nominations;
  /** A pod without a node that is not in the queue. */
  add(pod: PodInfo): void;
  /** It has changed; one that is not known is added. */
  update(before: DeepReadonly<Pod>, after: PodInfo): void;
  /** Gone, or it has got a node from whomever. */
  delete(uid: string): void;
  has(uid: string): boolean;
  /** Whether `pop` has something to give. */
  readonly isReady: boolean;
  /** The next to be tried: from then on it is in flight. */
  pop(): WaitingPod | undefined;
  /**
   * It did not work: back into the queue as it is now, unless it was deleted meanwhile. No plugins: an error kept it
   * from being tried.
   */
  requeue(pod: WaitingPod, info: PodInfo, rejectedBy: RejectingPlugins): void;
  /** The pod has a node, and only writes are left; what happens in the cluster does not matter for it any more. */
  binding(pod: WaitingPod): void;
  /** Tried again at once if it waits, and after its cycle if it is in flight. */
  activate(uid: string): void;
  /** Whether there is any pod that something which happens may bring back. */
  readonly isWaiting: boolean;
  /** Brings back those that this may help; only those that `concerns` says, if given. */
  happened(event: ClusterEvent, concerns?: (pod: PodInfo) => boolean): void;
  /** Why a pod is where it is: for metrics and tests. */
  placeOf(uid: string): Place | "gated" | undefined;
  counts(): Readonly<Record<"active" | "backoff" | "unschedulable" | "gated", number>>;
  close(): void;
}

type Strategy = "skip" | "afterBackoff" | "immediately";

export function createSchedulingQueue(deps: SchedulingQueueDeps): SchedulingQueue {
  return new PriorityQueue(deps);
}

class PriorityQueue implements SchedulingQueue {
  readonly nominations: Nominations = createNominations();
  readonly #deps: SchedulingQueueDeps;
  readonly #interests: ReturnType<typeof createInterests>;
  readonly #pods = new Map<string, WaitingPod>();
  readonly #active: Heap<WaitingPod>;
  readonly #backoff: Heap<WaitingPod>;
  readonly #errorBackoff: Heap<WaitingPod>;
  readonly #unschedulable = createUnschedulablePods();
  readonly #inFlight = createInFlightLog();
  #order = 0;
  #backoffTimer: Timer | undefined;
  #flushTimer: Timer | undefined;
  #isClosed = false;

  constructor(deps: SchedulingQueueDeps) {
    this.#deps = deps;
    this.#interests = createInterests(deps.profiles);
    const bySort = comparison(deps.profiles);
    const byBackoff = (a: WaitingPod, b: WaitingPod): number =>
      backoffWindow(a, deps.backoff) - backoffWindow(b, deps.backoff) || bySort(a, b);
    this.#active = new Heap(bySort);
    this.#backoff = new Heap(byBackoff);
    this.#errorBackoff = new Heap(byBackoff);
  }

  add(info: PodInfo): void {
    if (this.#isClosed) return;
    this.delete(info.uid);
    const pod = createWaitingPod(info, this.#deps.clock.now(), this.#order++);
    this.#pods.set(info.uid, pod);
    this.#activate(pod);
    if (pod.gatedBy === undefined) this.#nominateByStatus(info);
  }

  update(before: DeepReadonly<Pod>, after: PodInfo): void {
    const pod = this.#pods.get(after.uid);
    if (pod === undefined) return this.add(after);
    const event: ClusterEvent<"Pod"> = {
      resource: "Pod",
      actions: podChanges(before, after.pod),
      before,
      after: after.pod,
    };
    this.#replace(pod, after);
    this.#updateNomination(before, after);
    if (pod.place === "inFlight") this.#inFlight.note({ is: "event", event });
    else if (pod.place === "unschedulable") this.#moveUnlessSkipped(pod, this.#strategyFor(pod, event));
  }

  delete(uid: string): void {
    this.nominations.remove(uid);
    const pod = this.#pods.get(uid);
    if (pod === undefined) return;
    this.#pods.delete(uid);
    this.#leave(pod);
    this.#inFlight.end(uid);
  }

  has(uid: string): boolean {
    return this.#pods.has(uid);
  }

  get isReady(): boolean {
    return this.#active.size + this.#backoff.size > 0;
  }

  pop(): WaitingPod | undefined {
    // Rather one whose back-off is not over than none.
    const pod = this.#active.pop() ?? this.#backoff.pop();
    if (pod === undefined) return undefined;
    pod.place = "inFlight";
    pod.attempts += 1;
    this.#inFlight.begin(pod.info.uid);
    return pod;
  }

  requeue(pod: WaitingPod, info: PodInfo, { unschedulable, pending }: RejectingPlugins): void {
    const { uid } = info;
    const happened = this.#inFlight.since(uid);
    this.#inFlight.end(uid);
    if (this.#isClosed || this.#pods.get(uid) !== pod) return;
    pod.info = info;
    pod.unschedulable = unschedulable;
    pod.pending = pending;
    if (unschedulable.size + pending.size === 0) pod.errors += 1;
    else {
      pod.rejections += 1;
      pod.errors = 0;
    }
    pod.timestamp = this.#deps.clock.now();
    pod.order = this.#order++;
    this.#move(pod, this.#strategyAfter(pod, happened));
  }

  binding(pod: WaitingPod): void {
    this.#inFlight.end(pod.info.uid);
    if (pod.place === "inFlight") pod.place = "binding";
  }

  activate(uid: string): void {
    const pod = this.#pods.get(uid);
    if (pod?.place === "inFlight") this.#inFlight.note({ is: "activation", uid });
    else if (pod?.place === "unschedulable") this.#activate(pod);
    else if (pod?.place === "backoff" || pod?.place === "errorBackoff") this.#enter(pod, "active");
  }

  get isWaiting(): boolean {
    return this.#unschedulable.size + this.#inFlight.size > 0;
  }

  happened(event: ClusterEvent, concerns: (pod: PodInfo) => boolean = () => true): void {
    if (event.resource === "Node" && event.actions.has("Add"))
      for (const pod of this.#unschedulable.rejectedBy([noNodes])) this.#activate(pod);
    const interested = this.#interests.interested(event);
    if (interested.size === 0) return;
    this.#inFlight.note({ is: "event", event });
    for (const pod of this.#unschedulable.rejectedBy(interested)) {
      if (!concerns(pod.info)) continue;
      if (pod.gatedBy !== undefined && !interested.has(pod.gatedBy)) continue;
      this.#moveUnlessSkipped(pod, this.#strategyFor(pod, event));
    }
  }

  placeOf(uid: string): Place | "gated" | undefined {
    const pod = this.#pods.get(uid);
    return pod?.place === "unschedulable" && pod.gatedBy !== undefined ? "gated" : pod?.place;
  }

  counts(): Readonly<Record<"active" | "backoff" | "unschedulable" | "gated", number>> {
    const gated = this.#unschedulable.gated;
    return {
      active: this.#active.size,
      backoff: this.#backoff.size + this.#errorBackoff.size,
      unschedulable: this.#unschedulable.size - gated,
      gated,
    };
  }

  close(): void {
    this.#isClosed = true;
    this.#backoffTimer?.cancel();
    this.#flushTimer?.cancel();
    for (const heap of [this.#active, this.#backoff, this.#errorBackoff]) heap.clear();
    this.#pods.clear();
  }

  /** To where it is tried at once, if nothing holds it back. */
  #activate(pod: WaitingPod): void {
    this.#gate(pod);
    this.#enter(pod, pod.gatedBy === undefined ? "active" : "unschedulable");
  }

  #moveUnlessSkipped(pod: WaitingPod, strategy: Strategy): void {
    if (strategy !== "skip") this.#move(pod, strategy);
  }

  #move(pod: WaitingPod, strategy: Strategy): void {
    const { backoff, clock } = this.#deps;
    if (strategy === "skip") return this.#enter(pod, "unschedulable");
    if (strategy === "immediately" || !isBackingOff(pod, backoff, clock.now())) return this.#activate(pod);
    this.#gate(pod);
    if (pod.gatedBy !== undefined) this.#enter(pod, "unschedulable");
    else this.#enter(pod, pod.unschedulable.size + pod.pending.size === 0 ? "errorBackoff" : "backoff");
  }

  #enter(pod: WaitingPod, place: "active" | "backoff" | "errorBackoff" | "unschedulable"): void {
    this.#leave(pod);
    pod.place = place;
    switch (place) {
      case "active":
        pod.firstReadyAt ??= this.#deps.clock.now();
        this.#active.add(pod);
        break;
      case "backoff":
        this.#backoff.add(pod);
        this.#awaitBackoff();
        break;
      case "errorBackoff":
        this.#errorBackoff.add(pod);
        this.#awaitBackoff();
        break;
      case "unschedulable":
        this.#unschedulable.add(pod);
        if (pod.gatedBy === undefined) this.#awaitFlush(pod.timestamp + longestUnschedulableMs);
        return;
    }
    if (place !== "errorBackoff") this.#deps.onReady();
  }

  #leave(pod: WaitingPod): void {
    this.#active.delete(pod);
    this.#backoff.delete(pod);
    this.#errorBackoff.delete(pod);
    this.#unschedulable.delete(pod);
  }

  /** PreEnqueue. */
  #gate(pod: WaitingPod): void {
    // The pool finds its pods by the plugins that rejected them.
    this.#unschedulable.delete(pod);
    pod.gatedBy = undefined;
    const { profiles, log } = this.#deps;
    for (const plugin of profiles.get(pod.info.pod.spec?.schedulerName ?? "")?.points.preEnqueue ?? []) {
      const { name } = plugin;
      try {
        if (plugin.preEnqueue?.(pod.info) === undefined) continue;
      } catch (thrown) {
        log.error("a PreEnqueue plugin failed", { plugin: name, pod: pod.info.key, error: thrown });
      }
      pod.gatedBy = name;
      pod.unschedulable = new Set([...pod.unschedulable, name]);
      return;
    }
  }

  #replace(pod: WaitingPod, info: PodInfo): void {
    pod.info = info;
    // Its priority may be another.
    for (const heap of [this.#active, this.#backoff, this.#errorBackoff]) if (heap.has(pod)) heap.add(pod);
  }

  #strategyAfter(pod: WaitingPod, happened: readonly Happened[]): Strategy {
    if (pod.unschedulable.size + pod.pending.size === 0) return "afterBackoff";
    let best: Strategy = "skip";
    for (const one of happened) {
      const strategy = this.#strategyOf(pod, one);
      if (strategy === "immediately") return strategy;
      if (strategy === "afterBackoff") best = strategy;
    }
    return best;
  }

  #strategyOf(pod: WaitingPod, happened: Happened): Strategy {
    switch (happened.is) {
      case "event":
        return this.#strategyFor(pod, happened.event);
      case "activation":
        return happened.uid === pod.info.uid ? "afterBackoff" : "skip";
      case "much":
        return "afterBackoff";
    }
  }

  #strategyFor(pod: WaitingPod, event: ClusterEvent): Strategy {
    for (const plugin of pod.pending) {
      if (plugin === noNodes && event.resource === "Node" && event.actions.has("Add")) return "immediately";
      if (this.#wants(plugin, event, pod)) return "immediately";
    }
    for (const plugin of pod.unschedulable) if (this.#wants(plugin, event, pod)) return "afterBackoff";
    return "skip";
  }

  /** A hint that fails must not leave the pod behind. */
  #wants(plugin: string, event: ClusterEvent, { info }: WaitingPod): boolean {
    try {
      return this.#interests.hint(plugin, event, info) === "Queue";
    } catch (thrown) {
      this.#deps.log.error("a queueing hint failed", { plugin, pod: info.key, error: thrown });
      return true;
    }
  }

  #nominateByStatus(info: PodInfo): void {
    const nodeName = info.pod.status?.nominatedNodeName;
    if (nodeName) this.nominations.set(info, nodeName);
    else this.nominations.remove(info.uid);
  }

  /** What was nominated in memory is not yet, or never was, in what the server tells: it stays. */
  #updateNomination(before: DeepReadonly<Pod>, after: PodInfo): void {
    const isUntold = !before.status?.nominatedNodeName && !after.pod.status?.nominatedNodeName;
    const nodeName = this.nominations.nodeOf(after.uid);
    if (isUntold && nodeName !== undefined) this.nominations.set(after, nodeName);
    else this.#nominateByStatus(after);
  }

  #awaitBackoff(): void {
    const ends = [this.#backoff.first, this.#errorBackoff.first]
      .filter((pod) => pod !== undefined)
      .map((pod) => backoffEnd(pod, this.#deps.backoff));
    if (ends.length === 0) return;
    const at = Math.min(...ends);
    if (this.#backoffTimer !== undefined && this.#backoffTimer.at <= at) return;
    this.#backoffTimer?.cancel();
    this.#backoffTimer = this.#timer(at, () => {
      this.#backoffTimer = undefined;
      this.#flushBackoff();
    });
  }

  #flushBackoff(): void {
    const { backoff, clock } = this.#deps;
    for (const heap of [this.#backoff, this.#errorBackoff])
      for (let pod = heap.first; pod !== undefined; pod = heap.first) {
        if (isBackingOff(pod, backoff, clock.now())) break;
        this.#enter(pod, "active");
      }
    this.#awaitBackoff();
  }

  #awaitFlush(at: number): void {
    if (this.#flushTimer !== undefined && this.#flushTimer.at <= at) return;
    this.#flushTimer?.cancel();
    this.#flushTimer = this.#timer(Math.max(at, this.#deps.clock.now() + flushEveryMs), () => {
      this.#flushTimer = undefined;
      this.#flushUnschedulable();
    });
  }

  #flushUnschedulable(): void {
    const { clock } = this.#deps;
    let next = Number.POSITIVE_INFINITY;
    for (const pod of this.#unschedulable.list()) {
      if (pod.gatedBy !== undefined) continue;
      const at = pod.timestamp + longestUnschedulableMs;
      if (at <= clock.now()) this.#move(pod, "afterBackoff");
      else next = Math.min(next, at);
    }
    if (next < Number.POSITIVE_INFINITY) this.#awaitFlush(next);
  }

  #timer(at: number, call: () => void): Timer {
    const { clock } = this.#deps;
    return { at, cancel: clock.after(Math.max(at - clock.now(), 0), call) };
  }
}

interface Timer {
  readonly at: number;
  readonly cancel: () => void;
}

/** As QueueSort says, and then in order of entry. */
function comparison(profiles: ReadonlyMap<string, Profile>): (a: WaitingPod, b: WaitingPod) => number {
  const [profile] = profiles.values();
  const sort = profile?.points.queueSort[0];
  const compare = (a: QueuedPod, b: QueuedPod): number => sort?.compare?.(a, b) ?? 0;
  return (a, b) => compare(a, b) || a.order - b.order;
}

/** For one that only errors kept from a node. */
export const rejectedByNobody: RejectingPlugins = { unschedulable: nobody, pending: nobody };
