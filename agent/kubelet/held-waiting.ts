import { formatDuration } from "../../api/machinery/duration.ts";
import type { ObjectEvent } from "../../client/event-recorder.ts";
import type { AnyPod, Waiting } from "./observed.ts";
import { podLabel } from "./pod-label.ts";
import type { FailedStart } from "./start-attempts.ts";

/** From a failed pull until it shows as a back-off. */
const shownAfterMs = 2_000;

export interface Held {
  readonly pod: AnyPod;
  readonly name: string;
  readonly image: string;
  /** Absent: it has run, and ended. */
  readonly failure: FailedStart | undefined;
  readonly crashDelayMs: number;
  readonly now: number;
}

export type Shown =
  | { readonly waiting: Waiting; readonly events: readonly ObjectEvent[] }
  /** Not before. */
  | { readonly after: number };

/** What is told of a container that waits for its next try; undefined: what is told already. */
export function heldWaiting(told: Waiting | undefined, held: Held): Shown | undefined {
  const { failure, now } = held;
  if (failure === undefined) return told?.reason === "CrashLoopBackOff" ? undefined : crashLoop(held);
  if (told?.reason !== "ErrImagePull") return undefined;
  const after = failure.at + shownAfterMs;
  return now < after ? { after } : pullBackOff(held, failure);
}

function crashLoop({ pod, name, crashDelayMs }: Held): Shown {
  const long = formatDuration(BigInt(crashDelayMs) * 1_000_000n);
  const message = `back-off ${long} restarting failed container=${name} pod=${podLabel(pod)}`;
  const said = `Back-off restarting failed container ${name} in pod ${podLabel(pod)}`;
  return {
    waiting: { reason: "CrashLoopBackOff", message },
    events: [{ type: "Warning", reason: "BackOff", message: said }],
  };
}

function pullBackOff({ image }: Held, { error }: FailedStart): Shown {
  const said = `Back-off pulling image ${JSON.stringify(image)}`;
  return {
    waiting: { reason: "ImagePullBackOff", message: `${said}: ${error}` },
    events: [
      { type: "Normal", reason: "BackOff", message: said },
      { type: "Warning", reason: "Failed", message: "Error: ImagePullBackOff" },
    ],
  };
}
