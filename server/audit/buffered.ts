import type { Clock } from "../../base/clock.ts";
import type { AuditBackend } from "./backend.ts";
import type { WrittenEvent } from "./event.ts";
import type { AuditMetrics } from "./metrics.ts";

export interface BatchOptions {
  /** Events that may wait; what comes on top of them is lost. */
  readonly bufferSize: number;
  readonly maxBatchSize: number;
  /** Milliseconds until a batch goes that is not full. */
  readonly maxBatchWait: number;
  /** Batches in a second on average, and how many at once after a quiet time. */
  readonly throttle?: { readonly qps: number; readonly burst: number };
}

const plugin = "buffered";
/** Batches under way at a time: a backend that hangs fills the buffer, and no more. */
const mostUnderWay = 16;

/** Events go in batches, later; requests never wait. */
export class BufferedBackend implements AuditBackend {
  readonly #backend: AuditBackend;
  readonly #options: BatchOptions;
  readonly #deps: { readonly timers: Clock; readonly metrics: AuditMetrics };
  #waiting: WrittenEvent[] = [];
  readonly #underWay = new Set<Promise<unknown>>();
  #tokens: number;
  #tokensAt: number;
  #cancelTimer: (() => void) | undefined;
  #isDue = false;
  #isClosed = false;

  constructor(
    backend: AuditBackend,
    options: BatchOptions,
    deps: { readonly timers: Clock; readonly metrics: AuditMetrics },
  ) {
    this.#backend = backend;
    this.#options = options;
    this.#deps = deps;
    this.#tokens = options.throttle?.burst ?? 0;
    this.#tokensAt = deps.timers.now();
  }

  process(events: readonly WrittenEvent[]): boolean {
    const { bufferSize } = this.#options;
    const room = this.#isClosed ? 0 : Math.max(0, bufferSize - this.#waiting.length);
    const lost = events.length - room;
    this.#waiting.push(...(lost > 0 ? events.slice(0, room) : events));
    const why = this.#isClosed ? "audit backend shut down" : "audit buffer queue blocked";
    if (lost > 0) this.#deps.metrics.lost(plugin, lost, new Error(why));
    else this.#deps.metrics.recovered(plugin);
    this.#send();
    return true;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#backend.hurry?.();
    while (this.#waiting.length > 0 || this.#underWay.size > 0) {
      if (this.#waiting.length > 0 && this.#underWay.size < mostUnderWay) this.#sendOne();
      else await Promise.race(this.#underWay);
    }
    await this.#backend.close();
  }

  #send(): void {
    const { maxBatchSize } = this.#options;
    while (this.#waiting.length >= maxBatchSize || (this.#isDue && this.#waiting.length > 0)) {
      if (this.#isClosed || this.#underWay.size >= mostUnderWay) return;
      const wait = this.#untilToken();
      if (wait > 0) {
        this.#later(wait);
        return;
      }
      this.#tokens -= 1;
      this.#isDue = false;
      this.#sendOne();
    }
    if (this.#waiting.length > 0 && !this.#isClosed)
      this.#later(this.#options.maxBatchWait, () => (this.#isDue = true));
  }

  #sendOne(): void {
    const batch = this.#waiting.splice(0, this.#options.maxBatchSize);
    const sent = Promise.resolve(this.#backend.process(batch)).finally(() => {
      this.#underWay.delete(sent);
      if (!this.#isClosed) this.#send();
    });
    this.#underWay.add(sent);
  }

  /** One timer at a time; the first that was set stands. */
  #later(milliseconds: number, first = (): unknown => undefined): void {
    this.#cancelTimer ??= this.#deps.timers.after(milliseconds, () => {
      this.#cancelTimer = undefined;
      first();
      this.#send();
    });
  }

  /** Milliseconds. */
  #untilToken(): number {
    const { throttle } = this.#options;
    if (throttle === undefined) return 0;
    const now = this.#deps.timers.now();
    this.#tokens = Math.min(throttle.burst, this.#tokens + ((now - this.#tokensAt) / 1000) * throttle.qps);
    this.#tokensAt = now;
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) / throttle.qps) * 1000);
  }
}
