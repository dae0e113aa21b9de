import type { Registry } from "prom-client";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import { createAuditor, type Auditor } from "./auditor.ts";
import { allBackends, forgiving, type AuditBackend } from "./backend.ts";
import { BufferedBackend, type BatchOptions } from "./buffered.ts";
import { compilePolicy } from "./compile-policy.ts";
import { backupCleaner } from "./log/backups.ts";
import { LogBackend, type LineWriter, type LogFormat } from "./log/log-backend.ts";
import { RotatingFile } from "./log/rotating-file.ts";
import { streamWriter } from "./log/stream-writer.ts";
import { createAuditMetrics, type AuditMetrics } from "./metrics.ts";
import type { AuditPolicy } from "./policy.ts";
import { truncating, type TruncateOptions } from "./truncate.ts";
import { createEventPoster } from "./webhook/post-events.ts";
import { WebhookBackend } from "./webhook/webhook-backend.ts";
import type { WebhookServer } from "../webhook/webhook-config.ts";

/** Whether requests wait for their events, and fail with them. */
export const auditModes = ["batch", "blocking", "blocking-strict"] as const;
export type AuditMode = (typeof auditModes)[number];

interface BackendSettings {
  readonly mode: AuditMode;
  /** Of mode `batch`. */
  readonly batch: BatchOptions;
  readonly truncate: TruncateOptions | undefined;
}

export interface LogSettings extends BackendSettings {
  /** `-` for standard output. */
  readonly path: string;
  readonly format: LogFormat;
  /** Days. */
  readonly maxAge: number;
  readonly maxBackups: number;
  /** Bytes. */
  readonly maxSize: number;
  readonly compress: boolean;
}

export interface WebhookSettings extends BackendSettings {
  readonly server: WebhookServer;
  readonly initialBackoffMs: number;
}

/** All of it is valid. */
export interface AuditSettings {
  readonly policy: AuditPolicy;
  readonly log: LogSettings | undefined;
  readonly webhook: WebhookSettings | undefined;
}

export interface AuditorDeps {
  /** The cluster's: what events tell. */
  readonly clock: Clock;
  /** Real time. */
  readonly timers: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly registry: Registry;
  readonly stdout: NodeJS.WritableStream;
}

/** Opens what events are written to; throws Node's error where the file cannot be made. */
export async function openAuditor({ policy, log, webhook }: AuditSettings, deps: AuditorDeps): Promise<Auditor> {
  const metrics = createAuditMetrics(deps.registry, deps.log);
  const wrap = (backend: AuditBackend, settings: BackendSettings): AuditBackend => {
    const paced = inMode(backend, settings, { timers: deps.timers, metrics });
    return settings.truncate === undefined ? paced : truncating(paced, settings.truncate, metrics);
  };
  const backends: AuditBackend[] = [];
  if (log !== undefined) backends.push(wrap(new LogBackend(await writerOf(log, deps), log.format, metrics), log));
  if (webhook !== undefined) backends.push(wrap(webhookBackend(webhook, deps, metrics), webhook));
  return createAuditor({
    evaluate: compilePolicy(policy),
    backend: allBackends(backends),
    metrics,
    clock: deps.clock,
  });
}

function inMode(
  backend: AuditBackend,
  { mode, batch }: BackendSettings,
  deps: { readonly timers: Clock; readonly metrics: AuditMetrics },
): AuditBackend {
  switch (mode) {
    case "batch":
      return new BufferedBackend(backend, batch, deps);
    case "blocking":
      return forgiving(backend);
    case "blocking-strict":
      return backend;
  }
}

async function writerOf({ path, maxSize, ...backups }: LogSettings, deps: AuditorDeps): Promise<LineWriter> {
  if (path === "-") return streamWriter(deps.stdout);
  const clean = backupCleaner({ path, ...backups }, deps);
  const file = new RotatingFile({ path, maxBytes: maxSize, clean, timers: deps.timers });
  await file.open();
  return file;
}

function webhookBackend(
  { server, initialBackoffMs }: WebhookSettings,
  { timers, random }: AuditorDeps,
  metrics: AuditMetrics,
): AuditBackend {
  return new WebhookBackend({ poster: createEventPoster(server, timers), initialBackoffMs, timers, random, metrics });
}
