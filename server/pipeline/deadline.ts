import { parseDuration } from "../../api/machinery/duration.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { ApiRequest } from "../../api/wire.ts";
import type { Clock } from "../../base/clock.ts";
import { isLongRunning } from "./request-kind.ts";
import type { Described } from "./stages.ts";

/** Upstream's default of --request-timeout. */
export const defaultRequestTimeout = 60_000;
/** Nobody waits longer than this for a place. */
const mostPatience = 60_000;

export interface Deadline {
  /** The request, with a signal that is aborted when its time is over. */
  readonly described: Described;
  /** How long the request may wait for a place: a quarter of what is left. */
  patience(): number;
  /** Does the work, or answers 504 when it takes too long. */
  bound<T>(work: () => Promise<T>): Promise<T>;
}

interface DeadlineParts {
  /** Milliseconds. */
  readonly requestTimeout: number;
  /** Real time. */
  readonly timers: Clock;
}

/**
 * Requests that do not last by their nature are answered in time: the server's, or the `timeout` of the query if that is shorter.
 * What a list sends after its answer has begun is bounded by the listener.
 */
export function deadlineOf(described: Described, { requestTimeout, timers }: DeadlineParts): Deadline {
  if (isLongRunning(described.target))
    return { described, patience: () => Math.min(requestTimeout / 4, mostPatience), bound: (work) => work() };
  const milliseconds = Math.min(asked(described.query) ?? requestTimeout, requestTimeout);
  const end = timers.now() + milliseconds;
  const lazy = new LazySignal(described.request.signal === undefined ? described.request : described.request);
  return {
    described: { ...described, request: lazy.request },
    patience: () => Math.max(0, Math.min((end - timers.now()) / 4, mostPatience)),
    bound: (work) =>
      new Promise((resolve, reject) => {
        const cancel = timers.after(milliseconds, () => {
          const late = new ApiError("Timeout", "Timeout: request did not complete within the allotted timeout", {
            details: {},
          });
          lazy.abort(late);
          reject(late);
        });
        work().finally(cancel).then(resolve, reject);
      }),
  };
}
