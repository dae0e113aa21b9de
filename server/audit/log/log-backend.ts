import type { AuditBackend } from "../backend.ts";
import { typeMeta, type WrittenEvent } from "../event.ts";
import type { AuditMetrics } from "../metrics.ts";
import { legacyLine } from "./legacy-line.ts";

/** Takes lines in order, each with its line feed; rejects for what could not be written. */
export interface LineWriter {
  write(lines: readonly Buffer[]): Promise<void>;
  close(): Promise<void>;
}

export type LogFormat = "json" | "legacy";

const plugin = "log";
/** Lines that wait for a disk that hangs; what comes on top of them is lost. */
const mostWaitingBytes = 64 * 1024 * 1024;

interface Round {
  readonly lines: Buffer[];
  readonly done: Promise<boolean>;
}

/** A line an event. All that comes while one write is under way goes with the next. */
export class LogBackend implements AuditBackend {
  readonly #writer: LineWriter;
  readonly #lineOf: (event: WrittenEvent) => string;
  readonly #metrics: AuditMetrics;
  #next: Round | undefined;
  #current: Promise<unknown> = Promise.resolve();
  #waitingBytes = 0;

  constructor(writer: LineWriter, format: LogFormat, metrics: AuditMetrics) {
    this.#writer = writer;
    this.#lineOf = format === "json" ? jsonLine : ({ event }) => legacyLine(event);
    this.#metrics = metrics;
  }

  process(events: readonly WrittenEvent[]): boolean | Promise<boolean> {
    const lines = events.map((event) => Buffer.from(`${this.#lineOf(event)}\n`));
    const bytes = sizeOf(lines);
    if (this.#waitingBytes + bytes > mostWaitingBytes) {
      this.#metrics.lost(plugin, events.length, new Error("too many lines wait to be written"));
      return false;
    }
    this.#waitingBytes += bytes;
    this.#next ??= this.#round();
    this.#next.lines.push(...lines);
    return this.#next.done;
  }

  async close(): Promise<void> {
    await this.#next?.done;
    await this.#current;
    await this.#writer.close();
  }

  #round(): Round {
    const lines: Buffer[] = [];
    const done = this.#current.then(() => this.#write(lines));
    this.#current = done;
    return { lines, done };
  }

  async #write(lines: readonly Buffer[]): Promise<boolean> {
    this.#next = undefined;
    try {
      await this.#writer.write(lines);
      this.#metrics.recovered(plugin);
      return true;
    } catch (thrown) {
      this.#metrics.lost(plugin, lines.length, thrown);
      return false;
    } finally {
      this.#waitingBytes -= sizeOf(lines);
    }
  }
}

function jsonLine({ json }: WrittenEvent): string {
  return `{${typeMeta},${json.slice(1)}`;
}

function sizeOf(lines: readonly Buffer[]): number {
  return lines.reduce((sum, { length }) => sum + length, 0);
}
