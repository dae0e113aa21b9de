import type { DeepReadonly, KubeObject } from "../api/machinery/object.ts";

/** Something that happened to an object, for people to read. */
export interface ObjectEvent {
  readonly type: "Normal" | "Warning";
  /** Why, in one word in CamelCase. */
  readonly reason: string;
  readonly message: string;
  /** What was done or tried, in one word in CamelCase. */
  readonly action?: string;
  /** A second object that has to do with it. */
  readonly related?: DeepReadonly<KubeObject>;
}

/** Writes Events about objects. https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ */
export interface EventRecorder {
  /** Never waits and never throws: events are written when there is time for it, and are lost where the server refuses them. */
  event(object: DeepReadonly<KubeObject>, event: ObjectEvent): void;
}
