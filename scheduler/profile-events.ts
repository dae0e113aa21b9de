import type { Pod } from "../api/generated/types/core-v1.ts";
import type { DeepReadonly, KubeObject } from "../api/machinery/object.ts";
import { Scope } from "../base/scope.ts";
import type { EventRecorder } from "../client/event-recorder.ts";
import { createEventRecorder, type EventRecorderOptions } from "../client/events/create-event-recorder.ts";

/** Events of pods; each is told by the profile whose pod it is about, or for whose pod another one had to go. */
export function createProfileEvents(
  schedulerNames: readonly string[],
  options: Omit<EventRecorderOptions, "component" | "api">,
): EventRecorder & AsyncDisposable {
  const scope = new Scope();
  const recorders = new Map<string, EventRecorder>();
  for (const component of schedulerNames)
    recorders.set(component, scope.use(createEventRecorder({ ...options, component, api: "events.k8s.io/v1" })));
  return {
    event(pod, event) {
      recorders.get(schedulerNameOf(event.related ?? pod))?.event(pod, event);
    },
    [Symbol.asyncDispose]: () => scope[Symbol.asyncDispose](),
  };
}

function schedulerNameOf(pod: DeepReadonly<KubeObject>): string {
  return (pod as DeepReadonly<Pod>).spec?.schedulerName ?? "";
}
