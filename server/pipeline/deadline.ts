import { parseDuration } from "../../api/machinery/duration.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { ApiRequest } from "../../api/wire.ts";
import type { Clock } from "../../base/clock.ts";
import { onceLate } from "./once-late.ts";
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

export interface DeadlineParts {
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
  const milliseconds = Math.min(askedFor(described.query) ?? requestTimeout, requestTimeout);
  const end = timers.now() + milliseconds;
  const { request, abort, release } = abortable(described.request);
  return {
    described: { ...described, request },
    patience: () => Math.max(0, Math.min((end - timers.now()) / 4, mostPatience)),
    bound: (work) =>
      new Promise((resolve, reject) => {
        const cancel = onceLate(end, timers, () => {
          const late = timedOut();
          abort(late);
          reject(late);
        });
        const settle = (): void => {
          cancel();
          release();
        };
        work().then(
          (answer) => {
            settle();
            resolve(answer);
          },
          (thrown: unknown) => {
            settle();
            // It is passed on as it is.
            reject(thrown as Error);
          },
        );
      }),
  };
}

function timedOut(): ApiError {
  return new ApiError("Timeout", "Timeout: request did not complete within the allotted timeout", { details: {} });
}

/** In milliseconds; undefined where nothing, or no bound, is asked for. */
function askedFor(query: URLSearchParams): number | undefined {
  const text = query.get("timeout") ?? "";
  if (text === "") return undefined;
  const nanos = parseDuration(text);
  if (nanos === undefined)
    throw new ApiError("BadRequest", `invalid timeout specified in the request URL - ${whatIsWrong(text)}`);
  return nanos > 0n ? Number(nanos) / 1_000_000 : undefined;
}

/** In the words of Go's time.ParseDuration. */
function whatIsWrong(text: string): string {
  const quoted = JSON.stringify(text.slice(0, 100));
  const [, unit] = /^[-+]?(?:[0-9.]+(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))*[0-9.]*[0-9][0-9.]*([^0-9.]*)/.exec(text) ?? [];
  if (unit === undefined) return `time: invalid duration ${quoted}`;
  if (unit === "") return `time: missing unit in duration ${quoted}`;
  return `time: unknown unit ${JSON.stringify(unit.slice(0, 100))} in duration ${quoted}`;
}

interface Abortable {
  readonly request: ApiRequest;
  readonly abort: (why: Error) => void;
  /** A client in this process has one signal for all of its requests. */
  readonly release: () => void;
}

/** The same request with a signal of its own, which is only made when somebody asks for it. */
function abortable(of: ApiRequest): Abortable {
  const { method, url, headers, headerValues, body, object, peer, upgrade } = of;
  let controller: AbortController | undefined;
  let ended: Error | undefined;
  const signal = (): AbortSignal => {
    if (controller !== undefined) return controller.signal;
    const made = new AbortController();
    controller = made;
    const client = of.signal;
    if (ended !== undefined) made.abort(ended);
    else if (client.aborted) made.abort(client.reason);
    else client.addEventListener("abort", gone, { once: true });
    return made.signal;
  };
  const gone = (): void => controller?.abort(of.signal.reason);
  return {
    request: {
      method,
      url,
      headers,
      ...(headerValues === undefined ? {} : { headerValues }),
      ...(body === undefined ? {} : { body }),
      ...(object === undefined ? {} : { object }),
      peer,
      ...(upgrade === undefined ? {} : { upgrade }),
      get signal() {
        return signal();
      },
    },
    abort(why) {
      ended = why;
      controller?.abort(why);
    },
    release() {
      if (controller !== undefined) of.signal.removeEventListener("abort", gone);
    },
  };
}
