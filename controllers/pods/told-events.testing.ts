import type { ObjectEvent } from "../../client/event-recorder.ts";
import type { Controller } from "../controller.ts";

export interface Told {
  /** `Normal ScalingReplicaSet Scaled up …`, in the order in which they were told. */
  readonly events: readonly string[];
  readonly controller: Controller;
}

/** A controller, and what it tells of in events. */
export function toldEvents(controller: Controller): Told {
  const events: string[] = [];
  const event = (_: unknown, { type, reason, message }: ObjectEvent): void => {
    events.push(`${type} ${reason} ${message}`);
  };
  return {
    events,
    controller: { ...controller, start: (deps) => controller.start({ ...deps, events: { ...deps.events, event } }) },
  };
}
