import { pino, type DestinationStream, type Level } from "pino";
import { withoutCredentials } from "./without-credentials.ts";

export type LogFields = Readonly<Record<string, unknown>>;

/** Structured logs: `log.info("listening", { port })`. Secrets and tokens are never put into one. */
export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
}

export type LogLevel = "silent" | "warn" | "info" | "debug";

/** `-v` levels as Kubernetes's components count them: 0 warnings, 1 to 3 steady state, 4 and up every detail. */
export function levelOf(verbosity: number): LogLevel {
  if (verbosity <= 0) return "warn";
  return verbosity <= 3 ? "info" : "debug";
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: "human" | "json";
  readonly destination: NodeJS.WritableStream;
}

export function createLogger({ level, format, destination }: LogOptions): Logger {
  const stream: DestinationStream = {
    write(line) {
      const shown = withoutCredentials(line);
      destination.write(format === "json" ? shown : `${humanLine(shown)}\n`);
    },
  };
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
  const at =
    (as: Level) =>
    (message: string, fields: LogFields = {}) =>
      logger[as](serialized(fields), message);
  return { error: at("error"), warn: at("warn"), info: at("info"), debug: at("debug") };
}

export const silentLogger: Logger = { error: nothing, warn: nothing, info: nothing, debug: nothing };

function nothing(): void {}

/** Errors by their stack; JSON would show them as `{}`. */
function serialized(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? (value.stack ?? value.message) : value,
    ]),
  );
}

/** `12:34:56 warn  the store is full path=/data`: one line for a person. */
function humanLine(line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as {
    level: string;
    time: string;
    msg: string;
    [field: string]: unknown;
  };
  const said = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return [time.slice(11, 19), level.padEnd(5), msg, ...said].join(" ");
}
