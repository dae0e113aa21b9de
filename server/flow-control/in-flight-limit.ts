import { isLongRunning, isReadOnly } from "../pipeline/request-kind.ts";
import { tooManyRequests, unlimited, type Flow, type FlowControl } from "./flow-control.ts";

/** Zero: as many as there are. */
export interface InFlightLimits {
  readonly readOnly: number;
  readonly mutating: number;
}

/** Upstream's defaults of --max-requests-inflight and --max-mutating-requests-inflight. */
export const defaultInFlight: InFlightLimits = { readOnly: 400, mutating: 200 };

/** Bounds the requests under way; watches and streams are not counted, and system:masters is never turned away. */
export function createInFlightLimit(limits: InFlightLimits): FlowControl {
  const current = { readOnly: 0, mutating: 0 };
  return {
    current,
    classify({ target, user }): Flow {
      if (isLongRunning(target)) return unlimited;
      const kind = isReadOnly(target) ? "readOnly" : "mutating";
      return {
        headers: {},
        enter() {
          if (limits[kind] > 0 && current[kind] >= limits[kind] && !user.groups.includes("system:masters"))
            throw tooManyRequests(1);
          current[kind] += 1;
          return () => void (current[kind] -= 1);
        },
      };
    },
  };
}
