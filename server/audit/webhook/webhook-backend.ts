import type { Clock } from "../../../base/clock.ts";
import type { Random } from "../../../base/random.ts";
import type { AuditBackend } from "../backend.ts";
import type { WrittenEvent } from "../event.ts";
import type { AuditMetrics } from "../metrics.ts";
import type { EventPoster } from "./post-events.ts";

export interface WebhookBackendDeps {
  readonly poster: EventPoster;
  /** Milliseconds before the second try; each further one waits half as long again. */
  readonly initialBackoffMs: number;
  /** Real time. */
  readonly timers: Clock;
  readonly random: Random;
  readonly metrics: AuditMetrics;
}

const plugin = "webhook";
const tries = 5;
const factor = 1.5;
/** Of the wait, so that servers which failed together do not come again together. */
const jitter = 0.2;

/** Batches go as an EventList; one that fails is tried again a few times, then lost. */
export class WebhookBackend implements AuditBackend {
  readonly #deps: WebhookBackendDeps;
  readonly #closing = new AbortController();

  constructor(deps: WebhookBackendDeps) {
    this.#deps = deps;
  }

  async process(events: readonly WrittenEvent[]): Promise<boolean> {
    const { metrics } = this.#deps;
    try {
      await this.#send(listOf(events));
      metrics.recovered(plugin);
      return true;
    } catch (thrown) {
      metrics.lost(plugin, events.length, thrown);
      return false;
    }
  }

  hurry(): void {
    this.#closing.abort();
  }

  close(): Promise<void> {
    this.hurry();
    this.#deps.poster.close();
    return Promise.resolve();
  }

  async #send(body: Buffer): Promise<void> {
    let wait = this.#deps.initialBackoffMs;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#deps.poster.post(body);
        return;
      } catch (thrown) {
        if (attempt === tries || this.#closing.signal.aborted) throw thrown;
      }
      await this.#pause(wait * (1 + jitter * (this.#deps.random.integer(1000) / 1000)));
      wait *= factor;
    }
  }

  /** Shorter when the server stops. */
  #pause(milliseconds: number): Promise<void> {
    const { signal } = this.#closing;
    return new Promise((resolve) => {
      const over = (): void => {
        cancel();
        signal.removeEventListener("abort", over);
        resolve();
      };
      const cancel = this.#deps.timers.after(milliseconds, over);
      signal.addEventListener("abort", over, { once: true });
    });
  }
}

function listOf(events: readonly WrittenEvent[]): Buffer {
  const items = events.map(({ json }) => json).join(",");
  return Buffer.from(`{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${items}]}`);
}
