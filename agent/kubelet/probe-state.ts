import type { Probe } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { ProbeAnswer, ProbeKind } from "../runtime/runtime.ts";

/** Where a probe of a running container stands. Times in milliseconds. */
export interface ProbeState {
  /** Undefined until a threshold is reached. */
  readonly result: boolean | undefined;
  readonly last: boolean | undefined;
  /** How many times in a row the last answer came. */
  readonly inARow: number;
  /** When to ask next; Infinity: no more. */
  readonly nextAt: number;
}

export function firstProbe({ initialDelaySeconds = 0 }: DeepReadonly<Probe>, startedAt: number): ProbeState {
  return { result: undefined, last: undefined, inARow: 0, nextAt: startedAt + initialDelaySeconds * 1000 };
}

/** https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#configure-probes */
export function afterProbe(
  state: ProbeState,
  {
    kind,
    probe,
    answer,
    now,
  }: {
    readonly kind: ProbeKind;
    readonly probe: DeepReadonly<Probe>;
    readonly answer: ProbeAnswer;
    readonly now: number;
  },
): ProbeState {
  const { successThreshold = 1, failureThreshold = 3, periodSeconds = 10 } = probe;
  const inARow = state.last === answer.isHealthy ? state.inARow + 1 : 1;
  const isReached = inARow >= (answer.isHealthy ? successThreshold : failureThreshold);
  const result = isReached ? answer.isHealthy : state.result;
  // Startup is asked for once; what is condemned is not asked again.
  const isDecided = isReached && (kind === "startup" || (kind === "liveness" && !answer.isHealthy));
  const period = periodSeconds * 1000;
  return { result, last: answer.isHealthy, inARow, nextAt: isDecided ? Infinity : nextAt() };

  /** Health that lasts need not be asked for as long as it does. */
  function nextAt(): number {
    if (!isReached || !answer.isHealthy || answer.until === undefined) return now + period;
    if (answer.until === Infinity) return Infinity;
    return now + Math.max(1, Math.ceil((answer.until - now) / period)) * period;
  }
}
