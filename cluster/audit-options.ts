import type { Registry } from "prom-client";
import type { Clock } from "../base/clock.ts";
import { realClock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { Auditor } from "../server/audit/auditor.ts";
import {
  auditModes,
  type AuditMode,
  type AuditSettings,
  type LogSettings,
  openAuditor,
  type WebhookSettings,
} from "../server/audit/create-auditor.ts";
import type { BatchOptions } from "../server/audit/buffered.ts";
import type { TruncateOptions } from "../server/audit/truncate.ts";
import { readWebhookConfig, WebhookConfigError } from "../server/webhook/webhook-config.ts";
import { OptionError } from "./option-error.ts";
import { readAuditPolicy } from "./read-audit-policy.ts";
import { readOptionDocument } from "./read-option-document.ts";

/** What is noted of requests, and where. Nothing without a policy. */
export interface AuditOptions {
  /** A file of upstream's `audit.k8s.io/v1 Policy`, YAML or JSON. */
  readonly policyFile?: string;
  readonly log?: AuditLogOptions;
  readonly webhook?: AuditWebhookOptions;
}

export interface AuditBackendOptions {
  /** `blocking` for the log and `batch` for the webhook when absent. */
  readonly mode?: string;
  readonly batch?: AuditBatchOptions;
  readonly truncate?: { readonly enabled?: boolean } & Partial<TruncateOptions>;
  /** `audit.k8s.io/v1` is the only one. */
  readonly version?: string;
}

export interface AuditBatchOptions {
  readonly bufferSize?: number;
  readonly maxSize?: number;
  /** Milliseconds. */
  readonly maxWait?: number;
  readonly throttleEnable?: boolean;
  readonly throttleQps?: number;
  readonly throttleBurst?: number;
}

export interface AuditLogOptions extends AuditBackendOptions {
  /** `-` for standard output. */
  readonly path?: string;
  /** `json` or `legacy`. */
  readonly format?: string;
  /** Days; 0: old files are kept whatever their age. */
  readonly maxAge?: number;
  /** Old files; 0: all are kept. */
  readonly maxBackup?: number;
  /** Megabytes; 0: one file for ever. */
  readonly maxSize?: number;
  readonly compress?: boolean;
}

export interface AuditWebhookOptions extends AuditBackendOptions {
  /** In the form of a kubeconfig. */
  readonly configFile?: string;
  /** Milliseconds before the second try. */
  readonly initialBackoff?: number;
}

export interface AuditDeps {
  /** The cluster's. */
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly registry: Registry;
}

const version = "audit.k8s.io/v1";
const logFormats = ["legacy", "json"] as const;
const megabyte = 1024 * 1024;
const defaults = {
  bufferSize: 10_000,
  webhook: { maxBatchSize: 400, maxBatchWait: 30_000, qps: 10, burst: 15, initialBackoffMs: 10_000 },
  truncate: { maxEventSize: 100 * 1024, maxBatchSize: 10 * megabyte },
  file: { maxAge: 366, maxBackups: 100, megabytes: 100 },
} as const;

/** Undefined where nothing is to be noted. Throws an OptionError, before anything is opened. */
export async function createClusterAuditor(options: AuditOptions, deps: AuditDeps): Promise<Auditor | undefined> {
  const settings = await auditSettings(options, deps.log);
  if (settings === undefined) return undefined;
  try {
    return await openAuditor(settings, { ...deps, timers: realClock, stdout: process.stdout });
  } catch (thrown) {
    if (!(thrown instanceof Error && "code" in thrown)) throw thrown;
    throw new OptionError(`--audit-log-path: ${options.log?.path ?? ""} cannot be written (${String(thrown.code)})`, {
      cause: thrown,
    });
  }
}

async function auditSettings(
  { policyFile, ...backends }: AuditOptions,
  log: Logger,
): Promise<AuditSettings | undefined> {
  const settings = { log: logSettings(backends.log ?? {}), webhook: await webhookSettings(backends.webhook ?? {}) };
  if (policyFile === undefined) {
    if (settings.log !== undefined || settings.webhook !== undefined)
      log.warn("no --audit-policy-file is given: nothing will be in the audit log");
    return undefined;
  }
  const unknown = (field: string): void => log.warn("the audit policy has an unknown field", { policyFile, field });
  const named = { flag: "--audit-policy-file", file: policyFile };
  const policy = await readOptionDocument(named, (value) => readAuditPolicy(value, unknown));
  return settings.log === undefined && settings.webhook === undefined ? undefined : { policy, ...settings };
}

function logSettings(options: AuditLogOptions): LogSettings | undefined {
  const { path = "", format = "json", maxAge, maxBackup, maxSize, compress = false } = options;
  if (path === "") return undefined;
  const known = logFormats.find((one) => one === format);
  if (known === undefined)
    throw new OptionError(`invalid audit log format ${format}, allowed formats are "${logFormats.join(",")}"`);
  const { file } = defaults;
  const backend = backendSettings("log", options, {
    mode: "blocking",
    batch: { bufferSize: defaults.bufferSize, maxBatchSize: 1, maxBatchWait: 0 },
  });
  return {
    path,
    format: known,
    maxAge: count("--audit-log-maxage", maxAge ?? file.maxAge),
    maxBackups: count("--audit-log-maxbackup", maxBackup ?? file.maxBackups),
    maxSize: count("--audit-log-maxsize", maxSize ?? file.megabytes) * megabyte,
    compress,
    ...backend,
  };
}

async function webhookSettings(options: AuditWebhookOptions): Promise<WebhookSettings | undefined> {
  const { configFile, initialBackoff } = options;
  if (configFile === undefined) return undefined;
  const { maxBatchSize, maxBatchWait, qps, burst, initialBackoffMs } = defaults.webhook;
  const throttle = { qps, burst };
  const batch: BatchOptions = { bufferSize: defaults.bufferSize, maxBatchSize, maxBatchWait, throttle };
  const backend = backendSettings("webhook", options, { mode: "batch", batch });
  return {
    server: await webhookServer(configFile),
    initialBackoffMs: initialBackoff ?? initialBackoffMs,
    ...backend,
  };
}

async function webhookServer(file: string): Promise<WebhookSettings["server"]> {
  try {
    return await readWebhookConfig(file);
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown;
    const flag = "--audit-webhook-config-file";
    if (thrown instanceof WebhookConfigError)
      throw new OptionError(`${flag} ${file}: ${thrown.message}`, { cause: thrown });
    if (!("code" in thrown)) throw thrown;
    throw new OptionError(`${flag}: ${file} cannot be read (${String(thrown.code)})`, { cause: thrown });
  }
}

type BackendSettings = Pick<LogSettings, "mode" | "batch" | "truncate">;

/** In upstream's words. */
function backendSettings(
  plugin: "log" | "webhook",
  options: AuditBackendOptions,
  otherwise: { readonly mode: AuditMode; readonly batch: BatchOptions },
): BackendSettings {
  const asked = options.mode ?? otherwise.mode;
  const mode = auditModes.find((known) => known === asked);
  if (mode === undefined)
    throw new OptionError(`invalid audit ${plugin} mode ${asked}, allowed modes are "${auditModes.join(",")}"`);
  if (options.version !== undefined && options.version !== version)
    throw new OptionError(`--audit-${plugin}-version: invalid group version, allowed versions are ["${version}"]`);
  const batch = batchSettings(options.batch ?? {}, otherwise.batch);
  if (mode === "batch") requirePositive(plugin, batch);
  return { mode, batch, truncate: truncateSettings(plugin, options.truncate ?? {}) };
}

function batchSettings(options: AuditBatchOptions, otherwise: BatchOptions): BatchOptions {
  const { throttleEnable = otherwise.throttle !== undefined } = options;
  const throttle = {
    qps: options.throttleQps ?? otherwise.throttle?.qps ?? 0,
    burst: options.throttleBurst ?? otherwise.throttle?.burst ?? 0,
  };
  return {
    bufferSize: options.bufferSize ?? otherwise.bufferSize,
    maxBatchSize: options.maxSize ?? otherwise.maxBatchSize,
    maxBatchWait: options.maxWait ?? otherwise.maxBatchWait,
    ...(throttleEnable ? { throttle } : {}),
  };
}

function requirePositive(plugin: string, { bufferSize, maxBatchSize, throttle }: BatchOptions): void {
  const numbers = {
    "buffer size": bufferSize,
    "max batch size": maxBatchSize,
    ...(throttle === undefined ? {} : { "throttle QPS": throttle.qps, "throttle burst": throttle.burst }),
  };
  for (const [what, value] of Object.entries(numbers))
    if (!(value > 0))
      throw new OptionError(`invalid audit batch ${plugin} ${what} ${value}, must be a positive number`);
}

function truncateSettings(
  plugin: string,
  { enabled = false, maxEventSize, maxBatchSize }: NonNullable<AuditBackendOptions["truncate"]>,
): TruncateOptions | undefined {
  const most = {
    maxEventSize: maxEventSize ?? defaults.truncate.maxEventSize,
    maxBatchSize: maxBatchSize ?? defaults.truncate.maxBatchSize,
  };
  const wrong = `invalid audit truncate ${plugin}`;
  if (!(most.maxEventSize > 0))
    throw new OptionError(`${wrong} max event size ${most.maxEventSize}, must be a positive number`);
  if (most.maxBatchSize < most.maxEventSize)
    throw new OptionError(
      `${wrong} max batch size ${most.maxBatchSize}, must be greater than max event size (${most.maxEventSize})`,
    );
  return enabled ? most : undefined;
}

function count(flag: string, value: number): number {
  if (!(Number.isSafeInteger(value) && value >= 0))
    throw new OptionError(`${flag} ${value} can't be a negative number`);
  return value;
}
