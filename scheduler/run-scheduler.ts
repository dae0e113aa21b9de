import type { Transport, UserInfo } from "../api/wire.ts";
import type { Activity } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import { Scope } from "../base/scope.ts";
import type { Turns } from "../base/turns.ts";
import { createClient } from "../client/client.ts";
import type { EventRecorder } from "../client/event-recorder.ts";
import { type InformerDeps, WatchingInformer } from "../client/informer.ts";
import { createInformers, type Informers } from "../client/informers.ts";
import type { Lister } from "../client/lister.ts";
import { persistentVolumeClaims, persistentVolumes, pods } from "../client/resource-types.ts";
import type { Pod } from "../api/generated/types/core-v1.ts";
import { createClaimEffects } from "./claim-effects.ts";
import { listersOf, watchCluster } from "./cluster-view.ts";
import type { SchedulerConfiguration } from "./configuration/configuration.ts";
import { createProfiles } from "./create-profiles.ts";
import { createDefaultBinder } from "./default-binder.ts";
import { createSchedulerCache } from "./framework/cache.ts";
import { createPodWrites } from "./pod-writes.ts";
import { createProfileEvents } from "./profile-events.ts";
import { createPreBinding } from "./pre-binding.ts";
import { createDefaultPreemption } from "./preemption/default-preemption.ts";
import { createPreemptor } from "./preemption/preemptor.ts";
import { createSchedulingQueue } from "./queue/scheduling-queue.ts";
import { createScheduler, inBackground, type Scheduler } from "./scheduler.ts";
import { createSlots } from "./slots.ts";
import { createVolumeEffects } from "./volume-effects.ts";
import { podHandler } from "./watch-cluster.ts";

export interface RunSchedulerDeps {
  /** Requests as a user. */
  readonly as: (user: UserInfo) => Transport;
  /** See `completeConfiguration`. */
  readonly configuration: SchedulerConfiguration;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly activity: Activity;
  readonly turns: Turns;
}

const userAgent = "kube-scheduler/v1.36";
const user: UserInfo = { name: "system:kube-scheduler", groups: ["system:authenticated"] };
/** What has finished takes no room. */
const unfinished = "status.phase!=Succeeded,status.phase!=Failed";
/** Bindings, and other writes, that may be under way while further pods are decided on. */
const mostWrites = 100;
const second = 1_000;

/** Starts the scheduler, as a leader does; resolves when it knows the cluster and has begun. Disposing of it ends it. */
export async function runScheduler(deps: RunSchedulerDeps): Promise<AsyncDisposable> {
  const { as, clock, random, log, activity } = deps;
  await using scope = new Scope();
  const ending = new AbortController();
  const { signal } = ending;
  const informerDeps: InformerDeps = { transport: as(user), userAgent, clock, random, log, activity, signal };
  const informers = scope.use(createInformers(informerDeps));
  const pending = new WatchingInformer<Pod>({ type: pods, fieldSelector: unfinished }, informerDeps);
  const watching = pending.run();
  scope.defer(() => watching);
  const names = deps.configuration.profiles.map(({ schedulerName }) => schedulerName);
  const events = scope.use(createProfileEvents(names, { ...deps, transport: as(user), userAgent }));
  const scheduler = scope.use(assemble(informers, pending, { ...deps, events, signal }));
  // First of all at the end: what waits for the server stops waiting.
  scope.defer(() => ending.abort());
  await Promise.all([informers.synced(), pending.synced]);
  scheduler.begin();
  const running = scope.move();
  return { [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

/** Puts queue, cache, plugins and the loop together. */
function assemble(
  informers: Informers,
  pending: Lister<Pod> & Pick<WatchingInformer<Pod>, "on">,
  deps: RunSchedulerDeps & { readonly events: EventRecorder; readonly signal: AbortSignal },
): Scheduler {
  const { as, configuration, clock, random, events, log, signal } = deps;
  const client = createClient({ transport: as(user), userAgent, signal });
  const writes = createPodWrites(client, clock);
  const slots = createSlots(mostWrites);
  const cache = createSchedulerCache();
  const preBinding = createPreBinding();
  const listers = listersOf(informers);
  const nominated = { on: (nodeName: string) => queue.nominations.on(nodeName) };
  const preemptor = createPreemptor({
    writes,
    podOf: (key) => pending.get(key),
    nominated,
    preBinding,
    events,
    log,
    clock,
    retry: (uid) => queue.activate(uid),
    release: (uid) => queue.placeOf(uid) === "gated" && queue.activate(uid),
    background: (work) => inBackground(work, { ...deps, slots }),
  });
  const profiles = createProfiles(configuration, {
    listers,
    volumes: createVolumeEffects({
      ...{ client, clock },
      volumes: informers.of(persistentVolumes),
      claims: informers.of(persistentVolumeClaims),
      hasPod: (key) => pending.get(key) !== undefined,
    }),
    claims: createClaimEffects({ client, clock, log, background: (work) => inBackground(work, { ...deps, slots }) }),
    binder: createDefaultBinder(writes),
    createPreemption: (args) =>
      createDefaultPreemption(args, { budgets: listers.podDisruptionBudgets, nominated, preemptor, clock, random }),
  });
  const { podInitialBackoffSeconds: first, podMaxBackoffSeconds: most } = configuration;
  const queue = createSchedulingQueue({
    profiles,
    backoff: { first: first * second, most: most * second },
    clock,
    log,
    onReady: () => scheduler.wake(),
  });
  const scheduler = createScheduler({
    ...deps,
    profiles,
    slots,
    queue,
    cache,
    writes,
    preBinding,
    podOf: (key) => pending.get(key),
  });
  const watch = { cache, queue, isOurs: (name: string) => profiles.has(name) };
  watchCluster(informers, watch);
  pending.on(podHandler(watch));
  return scheduler;
}
