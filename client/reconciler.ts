import type { Activity } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Turns } from "../base/turns.ts";
import { ApiError } from "../api/machinery/status.ts";
import { WorkQueue, type WorkQueueDeps } from "./work-queue.ts";

/** Nothing more to do until something changes, or until so many milliseconds are over. */
export type Outcome = void | { readonly after: number };

export interface ReconcilerOptions {
  /** For logs: the controller, and what it works on where it has several queues. */
  readonly name: string;
  /** Brings one object to where it should be; the key says which, never why. A failure is tried again, ever later. */
  readonly reconcile: (key: string) => Promise<Outcome>;
  /** How many keys at once. */
  readonly workers?: number;
  readonly backoff?: WorkQueueDeps["backoff"];
}

export interface ReconcilerDeps {
  readonly clock: Clock;
  readonly activity: Activity;
  readonly turns: Turns;
  readonly log: Logger;
}

/** Takes keys and works on them once it has begun; what is added before waits. */
export interface Reconciler extends AsyncDisposable {
  add(key: string): void;
  addAfter(key: string, milliseconds: number): void;
  begin(): void;
}

export function createReconciler(options: ReconcilerOptions, deps: ReconcilerDeps): Reconciler {
  const { workers = 5, name, reconcile, backoff } = options;
  const { clock, activity, turns, log } = deps;
  const queue = new WorkQueue({ clock, activity, ...(backoff === undefined ? {} : { backoff }) });
  let running = 0;
  let isWaitingForTurn = false;
  let stopped: (() => void) | undefined;
  const work = async (key: string): Promise<void> => {
    try {
      const outcome = await reconcile(key);
      queue.forget(key);
      if (outcome !== undefined) queue.addAfter(key, outcome.after);
    } catch (thrown) {
      tell(log, { name, key, retries: queue.retries(key) }, thrown);
      queue.retry(key);
    }
    running -= 1;
    queue.done(key);
    if (running === 0) stopped?.();
    pump();
  };
  const takeOne = (): void => {
    const key = queue.take();
    if (key === undefined) return;
    running += 1;
    void work(key);
  };
  const pump = (): void => {
    while (running < workers && !isWaitingForTurn && queue.size > 0) {
      const turn = turns.next(name);
      if (turn === undefined) takeOne();
      else {
        isWaitingForTurn = true;
        void turn.then(() => {
          isWaitingForTurn = false;
          // Its turn is good for one key: who asks again without having worked gets nowhere among many.
          takeOne();
          pump();
        });
      }
    }
  };
  return {
    add: (key) => queue.add(key),
    addAfter: (key, milliseconds) => queue.addAfter(key, milliseconds),
    begin() {
      queue.onReady(pump);
      pump();
    },
    /** What is under way is finished. */
    async [Symbol.asyncDispose]() {
      queue.close();
      if (running > 0) await new Promise<void>((resolve) => (stopped = resolve));
    },
  };
}

/**
 * Another writer was faster, the object is gone, or soon will be with its whole namespace: that is everyday life, and the
 * next try sees it.
 */
function isEveryday(thrown: unknown): boolean {
  if (!(thrown instanceof ApiError)) return false;
  const { code, details } = thrown;
  return (
    code === 409 || code === 404 || details?.causes?.some(({ reason }) => reason === "NamespaceTerminating") === true
  );
}

function tell(log: Logger, about: { name: string; key: string; retries: number }, thrown: unknown): void {
  if (isEveryday(thrown)) log.debug("a reconcile is tried again", { ...about, error: String(thrown) });
  else log.warn("a reconcile failed", { ...about, error: thrown });
}
