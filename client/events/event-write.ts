import type { KubeObject } from "../../api/machinery/object.ts";

/** What is to be sent of an event. */
export interface EventWrite {
  /** The collection: `/api/v1/namespaces/default/events`. */
  readonly url: string;
  readonly name: string;
  /** The event as it is to be now: what is created where there is none. */
  readonly event: KubeObject;
  /** What changes of one that was created before. */
  readonly patch?: object;
}
