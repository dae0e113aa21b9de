import { ApiError } from "../../api/machinery/status.ts";
import type { Transport } from "../../api/wire.ts";
import { type Activity, unwatched } from "../../base/activity.ts";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import { call } from "../call.ts";
import { pause } from "../pause.ts";
import type { EventWrite } from "./event-write.ts";

/** As client-go has them. */
const maxQueued = 1000;
const maxTries = 12;
const retryMs = 10_000;
/** Writes at a time. */
const maxRunning = 8;

export interface EventWriterDeps {
  readonly transport: Transport;
  readonly userAgent?: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly activity?: Activity;
}

/** Sends events in the background. Of one event only the newest state waits; different ones overtake each other. */
export class EventWriter {
  readonly #deps: EventWriterDeps;
  /** By event, in order. */
  readonly #queue = new Map<string, EventWrite>();
  readonly #writing = new Map<string, Promise<void>>();
  readonly #closed = new AbortController();
  #isFull = false;

  constructor(deps: EventWriterDeps) {
    this.#deps = deps;
  }

  add(write: EventWrite): void {
    if (this.#closed.signal.aborted) return;
    const key = `${write.url}/${write.name}`;
    const waiting = this.#queue.get(key);
    if (waiting === undefined && this.#queue.size >= maxQueued) {
      if (!this.#isFull) this.#deps.log.warn("events are dropped: too many wait to be written", { event: write.event });
      this.#isFull = true;
      return;
    }
    const { patch: _patch, ...whole } = write;
    // What was never sent is created as it is now.
    this.#queue.set(key, waiting !== undefined && waiting.patch === undefined ? whole : write);
    this.#next();
  }

  /** Writes what waits, once; what fails is given up. */
  async close(): Promise<void> {
    this.#closed.abort();
    while (this.#writing.size > 0) await Promise.all(this.#writing.values());
  }

  #next(): void {
    for (const [key, write] of this.#queue) {
      if (this.#writing.size >= maxRunning) return;
      if (this.#writing.has(key)) continue;
      this.#queue.delete(key);
      const done = this.#write(write).finally(() => {
        this.#writing.delete(key);
        if (this.#queue.size === 0) this.#isFull = false;
        this.#next();
      });
      this.#writing.set(key, done);
    }
  }

  async #write(write: EventWrite): Promise<void> {
    const { clock, random, log } = this.#deps;
    const { signal } = this.#closed;
    for (let tries = 1; ; tries += 1) {
      if ((await this.#send(write)) === "done" || signal.aborted) return;
      if (tries === maxTries) {
        log.error("unable to write event (retry limit exceeded!)", { event: write.event });
        return;
      }
      // At first by chance, so that not all come back at once to a server that was away.
      await pause(tries === 1 ? random.integer(retryMs) : retryMs, { clock, signal });
      if (signal.aborted) return;
    }
  }

  async #send(write: EventWrite): Promise<"done" | "again"> {
    const end = (this.#deps.activity ?? unwatched).begin();
    try {
      if (write.patch === undefined || !(await this.#patch(write, write.patch))) await this.#create(write);
      return "done";
    } catch (thrown) {
      return this.#failed(write, thrown);
    } finally {
      end();
    }
  }

  /** False: it is not there (any more). */
  async #patch({ url, name }: EventWrite, patch: object): Promise<boolean> {
    try {
      const contentType = "application/strategic-merge-patch+json";
      await this.#ask({ method: "PATCH", url: `${url}/${encodeURIComponent(name)}`, body: patch, contentType });
      return true;
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.code === 404) return false;
      throw thrown;
    }
  }

  async #create({ url, event }: EventWrite): Promise<void> {
    await this.#ask({ method: "POST", url, body: event });
  }

  async #ask(what: Parameters<typeof call>[1]): Promise<void> {
    const { transport, userAgent } = this.#deps;
    await call(transport, { ...what, ...(userAgent === undefined ? {} : { userAgent }) });
  }

  /** What the server refuses it would refuse again, a namespace that is being deleted among it; what it did not answer is tried again. */
  #failed({ event, patch }: EventWrite, thrown: unknown): "done" | "again" {
    const { log } = this.#deps;
    if (!(thrown instanceof ApiError)) {
      log.warn("unable to write event (may retry after sleeping)", { error: String(thrown) });
      return "again";
    }
    const isExpected = thrown.reason === "AlreadyExists" || isTerminating(thrown);
    // Somebody created it between the patch and the creation.
    if (thrown.reason === "AlreadyExists" && patch !== undefined) return "again";
    if (thrown.code === 429 || thrown.details?.retryAfterSeconds !== undefined) return "again";
    log[isExpected ? "debug" : "warn"]("server rejected event (will not retry!)", { error: thrown.message, event });
    return "done";
  }
}

function isTerminating({ details }: ApiError): boolean {
  return details?.causes?.some(({ reason }) => reason === "NamespaceTerminating") ?? false;
}
