import type { Event as CoreEvent, ObjectReference } from "../../api/generated/types/core-v1.ts";
import type { Event } from "../../api/generated/types/events-v1.ts";
import type { KubeObject } from "../../api/machinery/object.ts";
import { formatMicroTime, formatTime } from "../../api/machinery/time.ts";
import type { EventRecorder, ObjectEvent } from "../event-recorder.ts";
import { EventCorrelator } from "./correlator.ts";
import { eventNames } from "./event-name.ts";
import { EventSeriesCache } from "./event-series.ts";
import { EventWriter, type EventWriterDeps } from "./event-writer.ts";
import { namespaceOf, referenceTo, type Regarding } from "./object-reference.ts";

export interface EventRecorderOptions extends EventWriterDeps {
  /** `deployment-controller`, `kubelet`, `default-scheduler`. */
  readonly component: string;
  /** The node it runs on, or whatever tells one instance of the component from another. */
  readonly instance?: string;
  /** As upstream's component writes them: controllers and the kubelet `v1`, the scheduler and kube-proxy `events.k8s.io/v1`. */
  readonly api: "v1" | "events.k8s.io/v1";
}

export interface WritingEventRecorder extends EventRecorder, AsyncDisposable {
  /** An object, or a reference to one: the only way to name a part of it (`fieldPath`). */
  event(regarding: Regarding, event: ObjectEvent): void;
}

/** Bytes that events.k8s.io/v1 takes of a message. */
const maxNoteBytes = 1024;

/** What waits is written when it is disposed of. */
export function createEventRecorder(options: EventRecorderOptions): WritingEventRecorder {
  const writer = new EventWriter(options);
  const style = options.api === "v1" ? countedEvents(options, writer) : seriesOfEvents(options, writer);
  return {
    event(regarding, event) {
      const reference = referenceTo(regarding);
      const { kind, name } = reference;
      if (kind !== undefined && name !== undefined) style.tell(reference, event);
      else options.log.error("an event is about nothing that can be named", { reference, reason: event.reason });
    },
    async [Symbol.asyncDispose]() {
      style.close();
      await writer.close();
    },
  };
}

interface Style {
  tell(regarding: ObjectReference, event: ObjectEvent): void;
  close(): void;
}

function countedEvents(options: EventRecorderOptions, writer: EventWriter): Style {
  const correlator = new EventCorrelator(options);
  const named: NamedOptions = { ...options, nameOf: eventNames(options) };
  return {
    tell(regarding, told) {
      const correlated = correlator.correlate(coreEvent(regarding, told, named));
      if (correlated === undefined) return;
      const { event, patch } = correlated;
      writer.add({ ...placeOf("/api/v1", event), event, ...(patch === undefined ? {} : { patch }) });
    },
    close: () => undefined,
  };
}

function seriesOfEvents(options: EventRecorderOptions, writer: EventWriter): Style {
  const cache = new EventSeriesCache({
    clock: options.clock,
    tell: ({ event, patch }) =>
      writer.add({ ...placeOf("/apis/events.k8s.io/v1", event), event, ...(patch === undefined ? {} : { patch }) }),
  });
  const named: NamedOptions = { ...options, nameOf: eventNames(options) };
  return {
    tell: (regarding, told) => cache.observe(newEvent(regarding, told, named)),
    close: () => cache.close(),
  };
}

function placeOf(root: string, { metadata }: KubeObject): { readonly url: string; readonly name: string } {
  const { namespace = "", name = "" } = metadata ?? {};
  return { url: `${root}/namespaces/${encodeURIComponent(namespace)}/events`, name };
}

interface NamedOptions extends Pick<EventRecorderOptions, "component" | "instance" | "clock"> {
  readonly nameOf: (about: string) => string;
}

function coreEvent(regarding: ObjectReference, told: ObjectEvent, options: NamedOptions): CoreEvent {
  const { component, instance = "" } = options;
  const at = formatTime(options.clock.now());
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: options.nameOf(regarding.name ?? ""), namespace: namespaceOf(regarding) },
    involvedObject: regarding,
    reason: told.reason,
    message: told.message,
    source: { component, ...(instance === "" ? {} : { host: instance }) },
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
    type: told.type,
    ...(told.action === undefined ? {} : { action: told.action }),
    ...(told.related === undefined ? {} : { related: referenceTo(told.related) }),
    reportingComponent: component,
    reportingInstance: instance,
  };
}

function newEvent(regarding: ObjectReference, told: ObjectEvent, options: NamedOptions): Event {
  const { component, instance = component } = options;
  return {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { name: options.nameOf(regarding.name ?? ""), namespace: namespaceOf(regarding) },
    eventTime: formatMicroTime(options.clock.now()),
    reportingController: component,
    reportingInstance: instance,
    action: told.action ?? told.reason,
    reason: told.reason,
    regarding,
    ...(told.related === undefined ? {} : { related: referenceTo(told.related) }),
    note: shortened(told.message),
    type: told.type,
  };
}

/** As the scheduler shortens its messages. */
function shortened(message: string): string {
  const bytes = Buffer.from(message);
  if (bytes.length <= maxNoteBytes) return message;
  const suffix = " ...";
  let end = maxNoteBytes - suffix.length;
  // Not within a character.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.subarray(0, end).toString()}${suffix}`;
}
