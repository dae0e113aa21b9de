import type { Lease } from "../api/generated/types/coordination-v1.ts";
import type { Transport } from "../api/wire.ts";
import { type Activity, unwatched } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { EventRecorder } from "./event-recorder.ts";
import { LeaseLock } from "./lease-lock.ts";
import { pause } from "./pause.ts";

/** In milliseconds; each much shorter than the one before it. */
export interface LeaseTiming {
  /** How long others wait, since they last saw the lease renewed, before they take it. */
  readonly lease: number;
  /** How long the leader tries to renew it before it gives up. */
  readonly renew: number;
  /** Between two tries. */
  readonly retry: number;
}

export interface LeadOptions {
  readonly transport: Transport;
  readonly userAgent?: string;
  /** Of the Lease. */
  readonly namespace: string;
  readonly name: string;
  /** No other candidate's. */
  readonly identity: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Ends it, in an orderly way. */
  readonly signal: AbortSignal;
  readonly timing?: Partial<LeaseTiming>;
  /** Knows of a try that is under way. */
  readonly activity?: Activity;
  /** Tells who leads, by events of the Lease. */
  readonly recorder?: EventRecorder;
}

/** What ended it: the work itself, that another leads or nobody could be asked, or the signal. */
export type LeadOutcome = "finished" | "lost" | "stopped";

/** As the components of Kubernetes have them. */
const defaultTiming: LeaseTiming = { lease: 15_000, renew: 10_000, retry: 2_000 };
/** Candidates wait by chance up to so many times longer. */
const jitter = 1.2;

/**
 * Waits until this candidate holds the Lease, then runs the work for as long as it does. The work's signal is aborted
 * when the lease is lost or the caller's signal is; the lease is renewed until the work has ended, then given back. Only
 * changes of the lease count, by the time that passed here since: no clocks are compared. What the work throws is thrown,
 * unless it had been told to end.
 * https://kubernetes.io/docs/concepts/architecture/leases/#leader-election
 */
export async function lead(options: LeadOptions, run: (signal: AbortSignal) => Promise<void>): Promise<LeadOutcome> {
  const timing = { ...defaultTiming, ...options.timing };
  if (!(timing.lease > timing.renew && timing.renew > timing.retry * jitter && timing.retry > 0))
    throw new Error("a lease must last longer than it is tried to renew it, and that longer than between two tries");
  const lock = new LeaseLock({ ...options, leaseMs: timing.lease });
  const term: Term = { options, timing, lock };
  try {
    options.log.info("attempting to acquire leader lease", lock.named);
    while (!(await acquire(term))) {
      const { clock, random, signal } = options;
      await pause(timing.retry + random.integer(Math.ceil(jitter * timing.retry)), { clock, signal });
      if (signal.aborted) return "stopped";
    }
    options.log.info("successfully acquired lease", lock.named);
    return await hold(term, run);
  } finally {
    lock.forget();
  }
}

interface Term {
  readonly options: LeadOptions;
  readonly timing: LeaseTiming;
  readonly lock: LeaseLock;
}

async function acquire(term: Term): Promise<boolean> {
  if (term.options.signal.aborted) return false;
  return (await attempt(term, term.options.signal)) === "held";
}

/** One try. */
async function attempt(term: Term, signal: AbortSignal): Promise<"held" | "others" | "failed"> {
  return (await limited(term, signal, (limit) => term.lock.tryToHold(limit))) ?? "failed";
}

/** No longer than the leader has for renewing; undefined when it was given up. */
async function limited<T>(
  { options, timing }: Term,
  signal: AbortSignal | undefined,
  ask: (limit: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const { clock, activity = unwatched } = options;
  const limit = new AbortController();
  const abort = (): void => limit.abort();
  // A transport may not notice that it is not waited for any more.
  const givenUp = new Promise<undefined>((resolve) => {
    limit.signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  const cancel = clock.after(timing.renew, abort);
  signal?.addEventListener("abort", abort, { once: true });
  if (signal?.aborted === true) abort();
  const end = activity.begin();
  try {
    return await Promise.race([ask(limit.signal), givenUp]);
  } finally {
    end();
    cancel();
    signal?.removeEventListener("abort", abort);
  }
}

async function hold(term: Term, run: (signal: AbortSignal) => Promise<void>): Promise<LeadOutcome> {
  const { options } = term;
  const work = new AbortController();
  const ended = new AbortController();
  const stop = (): void => work.abort();
  options.signal.addEventListener("abort", stop, { once: true });
  if (options.signal.aborted) stop();
  tell(term, "became leader");
  const renewing = renew(term, ended.signal).finally(stop);
  let isKept = true;
  try {
    await run(work.signal);
  } catch (thrown) {
    if (!work.signal.aborted) throw thrown;
    options.log.debug("what was led ended with an error", { error: thrown });
  } finally {
    ended.abort();
    options.signal.removeEventListener("abort", stop);
    isKept = await renewing;
    if (isKept) await giveBack(term);
    tell(term, "stopped leading");
  }
  if (!isKept) return "lost";
  return options.signal.aborted ? "stopped" : "finished";
}

/** Until the work has ended: true. Or until the lease is lost: false. */
async function renew(term: Term, ended: AbortSignal): Promise<boolean> {
  const { options, timing, lock } = term;
  const { clock, log } = options;
  for (;;) {
    await pause(timing.retry, { clock, signal: ended });
    if (ended.aborted) return true;
    const deadline = new AbortController();
    const cancel = clock.after(timing.renew, () => deadline.abort());
    const result = await renewBefore(term, deadline.signal, ended);
    cancel();
    if (ended.aborted) return true;
    if (result === "held") continue;
    log.warn("failed to renew lease", { ...lock.named, held: result });
    return false;
  }
}

async function renewBefore(
  term: Term,
  deadline: AbortSignal,
  ended: AbortSignal,
): Promise<"held" | "others" | "failed"> {
  const { clock } = term.options;
  const over = AbortSignal.any([deadline, ended]);
  for (;;) {
    const result = await attempt(term, over);
    if (result !== "failed" || over.aborted) return result;
    await pause(term.timing.retry, { clock, signal: over });
    if (over.aborted) return "failed";
  }
}

/** So that others need not wait until it has run out. */
async function giveBack(term: Term): Promise<void> {
  try {
    await limited(term, undefined, (limit) => term.lock.release(limit));
  } catch (thrown) {
    term.options.log.warn("failed to release lease", { ...term.lock.named, error: String(thrown) });
  }
}

function tell({ options, lock }: Term, what: string): void {
  const metadata = lock.lease?.metadata ?? { namespace: options.namespace, name: options.name };
  const lease: Lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata };
  options.recorder?.event(lease, {
    type: "Normal",
    reason: "LeaderElection",
    message: `${options.identity} ${what}`,
  });
}
