import type { ObjectEvent } from "../../client/event-recorder.ts";
import type { Regarding } from "../../client/events/object-reference.ts";

/** Writes the events of a node and its pods. */
export interface NodeRecorder {
  event(regarding: Regarding, event: ObjectEvent): void;
}
