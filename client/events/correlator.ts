import type { Event } from "../../api/generated/types/core-v1.ts";
import { formatTime } from "../../api/machinery/time.ts";
import type { Clock } from "../../base/clock.ts";
import { Recent } from "./recent.ts";

/** As client-go has them. */
const maxRemembered = 4096;
/** So many messages of one reason within this time, and they become one event. */
const similar = { most: 10, milliseconds: 600_000 };
/** Events of one source about one object: at once, and how long until there may be one more. */
const spam = { burst: 25, refillMs: 300_000 };

interface Similar {
  readonly messages: Set<string>;
  at: number;
}

interface Observed {
  readonly name: string;
  readonly firstTimestamp: string;
  readonly count: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** `patch`: the event was written before, under this name. */
export interface Correlated {
  readonly event: Event;
  readonly patch?: Pick<Event, "count" | "lastTimestamp" | "message">;
}

/**
 * Keeps the events of a source few: what was told before is counted, what differs in its message only is combined, and
 * of one object only so much is told.
 * https://github.com/kubernetes/design-proposals-archive/blob/main/api-machinery/event_compression.md
 */
export class EventCorrelator {
  readonly #clock: Clock;
  readonly #similar = new Recent<Similar>(maxRemembered);
  readonly #observed = new Recent<Observed>(maxRemembered);
  readonly #buckets = new Recent<Bucket>(maxRemembered);

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  /** Undefined: too much was told already. What is not told is counted all the same. */
  correlate(told: Event): Correlated | undefined {
    const combined = this.#combine(told);
    const correlated = this.#count(combined.event, combined.key);
    return this.#mayTell(told) ? correlated : undefined;
  }

  #combine(event: Event): { readonly event: Event; readonly key: string } {
    const group = keyOf(objectKey(event), event.type, event.reason, event.reportingComponent, event.reportingInstance);
    const now = this.#clock.now();
    const known = this.#similar.get(group);
    const isRecent = known !== undefined && now - known.at <= similar.milliseconds;
    const record = isRecent ? known : { messages: new Set<string>(), at: now };
    record.at = now;
    record.messages.add(event.message ?? "");
    this.#similar.set(group, record);
    if (record.messages.size < similar.most) return { event, key: eventKey(event) };
    // Room for the next one: the events stay combined as long as messages go on to differ.
    for (const message of record.messages) {
      record.messages.delete(message);
      break;
    }
    return { event: this.#combined(event), key: group };
  }

  #combined({ action: _action, related: _related, ...event }: Event): Event {
    const at = formatTime(this.#clock.now());
    return {
      ...event,
      firstTimestamp: at,
      lastTimestamp: at,
      message: `(combined from similar events): ${event.message ?? ""}`,
    };
  }

  #count(event: Event, key: string): Correlated {
    const known = this.#observed.get(key);
    const count = (known?.count ?? 0) + 1;
    const { name = "" } = event.metadata;
    const first = { name, firstTimestamp: event.firstTimestamp ?? "" };
    this.#observed.set(key, { ...(known ?? first), count });
    if (known === undefined) return { event };
    const { lastTimestamp, message } = event;
    return {
      event: {
        ...event,
        metadata: { ...event.metadata, name: known.name },
        firstTimestamp: known.firstTimestamp,
        count,
      },
      patch: {
        count,
        ...(lastTimestamp === undefined ? {} : { lastTimestamp }),
        ...(message === undefined ? {} : { message }),
      },
    };
  }

  #mayTell(event: Event): boolean {
    const key = objectKey(event);
    const now = this.#clock.now();
    const bucket = this.#buckets.get(key) ?? { tokens: spam.burst, at: now };
    // A clock that was set back takes nothing away.
    const refilled = Math.max(0, now - bucket.at) / spam.refillMs;
    bucket.tokens = Math.min(spam.burst, bucket.tokens + refilled);
    bucket.at = now;
    const may = bucket.tokens >= 1;
    if (may) bucket.tokens -= 1;
    this.#buckets.set(key, bucket);
    return may;
  }
}

function objectKey({ source, involvedObject }: Event): string {
  const { kind, namespace, name, uid, apiVersion } = involvedObject;
  return keyOf(source?.component, source?.host, kind, namespace, name, uid, apiVersion);
}

function eventKey(event: Event): string {
  return keyOf(objectKey(event), event.involvedObject.fieldPath, event.type, event.reason, event.message);
}

function keyOf(...parts: readonly (string | undefined)[]): string {
  return JSON.stringify(parts.map((part) => part ?? ""));
}
