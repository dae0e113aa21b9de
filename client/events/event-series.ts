import type { Event, EventSeries } from "../../api/generated/types/events-v1.ts";
import { formatMicroTime } from "../../api/machinery/time.ts";
import type { Clock } from "../../base/clock.ts";
import { Recent } from "./recent.ts";

const maxRemembered = 4096;
/** A series that nothing was added to for so long is over. */
const finishMs = 360_000;
/** Series that go on are written anew each so many turns of that, so that they do not expire: every 30 minutes. */
const refreshTurns = 5;

interface Known {
  readonly event: Event;
  series: EventSeries | undefined;
  at: number;
}

/** What is to be sent: the event, and whether its series is a change of one that was sent before. */
export interface Observation {
  readonly event: Event;
  readonly patch?: { readonly series: EventSeries };
}

/** Events of one sort about one object, counted: the first is told, then the second as the begin of a series, then its end. */
export class EventSeriesCache {
  readonly #clock: Clock;
  readonly #tell: (observation: Observation) => void;
  readonly #known = new Recent<Known>(maxRemembered);
  #cancelTurn: (() => void) | undefined;
  #turn = 0;

  constructor({ clock, tell }: { readonly clock: Clock; readonly tell: (observation: Observation) => void }) {
    this.#clock = clock;
    this.#tell = tell;
  }

  observe(event: Event): void {
    const now = this.#clock.now();
    const key = keyOf(event);
    const known = this.#known.get(key);
    if (known === undefined) {
      this.#known.set(key, { event, series: undefined, at: now });
      this.#cancelTurn ??= this.#later();
      this.#tell({ event });
      return;
    }
    const isFirst = known.series === undefined;
    known.series = { count: (known.series?.count ?? 1) + 1, lastObservedTime: formatMicroTime(now) };
    known.at = now;
    if (isFirst) this.#tell(ongoing(known.event, known.series));
  }

  close(): void {
    this.#cancelTurn?.();
  }

  #later(): () => void {
    return this.#clock.after(finishMs, () => {
      this.#turn += 1;
      this.#finish();
      this.#cancelTurn = this.#known.size === 0 ? undefined : this.#later();
    });
  }

  #finish(): void {
    const before = this.#clock.now() - finishMs;
    const isRefresh = this.#turn % refreshTurns === 0;
    for (const [key, { event, series, at }] of this.#known.entries()) {
      const isOver = at < before;
      if (series !== undefined && (isOver || isRefresh)) this.#tell(ongoing(event, series));
      if (isOver) this.#known.delete(key);
    }
  }
}

function ongoing(event: Event, series: EventSeries): Observation {
  return { event: { ...event, series }, patch: { series } };
}

function keyOf({ type, action, reason, reportingController, reportingInstance, regarding, related }: Event): string {
  return JSON.stringify([type, action, reason, reportingController, reportingInstance, regarding, related]);
}
