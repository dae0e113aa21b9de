import type { ProbeAnswer, ProbeKind } from "../runtime.ts";
import type { Behaviour } from "./behaviour.ts";

const fine = "HTTP probe succeeded";
const failed = "HTTP probe failed with statuscode: 503";

/** What a probe finds, and until when that will be so. `readyAt` and `startedAt` in milliseconds. */
export function healthOf(
  { unhealthy }: Behaviour,
  {
    kind,
    startedAt,
    readyAt,
    now,
  }: {
    readonly kind: ProbeKind;
    readonly startedAt: number;
    readonly readyAt: number;
    readonly now: number;
  },
): ProbeAnswer {
  if (kind !== "liveness" && now < readyAt) return { isHealthy: false, output: failed, until: readyAt };
  if (unhealthy?.probes.includes(kind) !== true) return { isHealthy: true, output: fine, until: Infinity };
  const from = startedAt + unhealthy.after;
  const to = unhealthy.for === undefined ? Infinity : from + unhealthy.for;
  if (now < from) return { isHealthy: true, output: fine, until: from };
  return now < to
    ? { isHealthy: false, output: failed, until: to }
    : { isHealthy: true, output: fine, until: Infinity };
}
