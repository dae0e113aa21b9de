import type { ServerOptions } from "../server/server-options.ts";
import { defaultInFlight } from "../server/flow-control/in-flight-limit.ts";
import { OptionError } from "./option-error.ts";
import type { ClusterOptions } from "./options.ts";

/** What a timer can count. */
const longestTimeout = 2 ** 31 - 1;

type Asked = Pick<ClusterOptions, "inFlight" | "priorityAndFairness" | "requestTimeout">;

/** How many requests are served at once, and for how long. Throws an OptionError for what makes no sense. */
export function requestLimits({
  inFlight: asked = {},
  priorityAndFairness = true,
  requestTimeout,
}: Asked): Pick<ServerOptions, keyof Asked> {
  const inFlight = { ...defaultInFlight, ...asked };
  requireCount("--max-requests-inflight", inFlight.readOnly);
  requireCount("--max-mutating-requests-inflight", inFlight.mutating);
  if (priorityAndFairness && inFlight.readOnly + inFlight.mutating === 0) {
    throw new OptionError(
      "--max-requests-inflight and --max-mutating-requests-inflight must add up to something positive; raise one, or give --enable-priority-and-fairness=false for no limit",
    );
  }
  if (requestTimeout === undefined) return { inFlight, priorityAndFairness };
  if (!(requestTimeout > 0 && requestTimeout <= longestTimeout))
    throw new OptionError("--request-timeout: it must be longer than 0s and at most 596h");
  return { inFlight, priorityAndFairness, requestTimeout };
}

function requireCount(flag: string, count: number): void {
  if (!Number.isSafeInteger(count) || count < 0)
    throw new OptionError(`${flag}: ${count} is not a whole number from 0 on`);
}
