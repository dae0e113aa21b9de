import { type Command, Option } from "commander";
import type { AuditBackendOptions, AuditOptions } from "../cluster/audit-options.ts";
import { boolean, count, duration, rate } from "./flag-values.ts";

/** What is noted of requests; with kube-apiserver's names. */
export interface AuditFlags {
  readonly auditPolicyFile?: string;
  readonly auditLogPath?: string;
  readonly auditLogFormat?: string;
  readonly auditLogMaxage?: number;
  readonly auditLogMaxbackup?: number;
  readonly auditLogMaxsize?: number;
  readonly auditLogCompress?: boolean;
  readonly auditLogMode?: string;
  readonly auditLogVersion?: string;
  readonly auditLogBatchBufferSize?: number;
  readonly auditLogBatchMaxSize?: number;
  readonly auditLogBatchMaxWait?: number;
  readonly auditLogBatchThrottleEnable?: boolean;
  readonly auditLogBatchThrottleQps?: number;
  readonly auditLogBatchThrottleBurst?: number;
  readonly auditLogTruncateEnabled?: boolean;
  readonly auditLogTruncateMaxBatchSize?: number;
  readonly auditLogTruncateMaxEventSize?: number;
  readonly auditWebhookConfigFile?: string;
  readonly auditWebhookInitialBackoff?: number;
  readonly auditWebhookMode?: string;
  readonly auditWebhookVersion?: string;
  readonly auditWebhookBatchBufferSize?: number;
  readonly auditWebhookBatchMaxSize?: number;
  readonly auditWebhookBatchMaxWait?: number;
  readonly auditWebhookBatchThrottleEnable?: boolean;
  readonly auditWebhookBatchThrottleQps?: number;
  readonly auditWebhookBatchThrottleBurst?: number;
  readonly auditWebhookTruncateEnabled?: boolean;
  readonly auditWebhookTruncateMaxBatchSize?: number;
  readonly auditWebhookTruncateMaxEventSize?: number;
}

export function addAuditFlags(command: Command): void {
  command
    .option("--audit-policy-file <file>", "audit Policy: what is noted of which requests; nothing without one")
    .option("--audit-log-path <file>", "where it is noted; - for standard output")
    .option("--audit-log-format <form>", "json or legacy (default: json)")
    .option("--audit-log-mode <mode>", "batch, blocking or blocking-strict (default: blocking)")
    .option("--audit-log-maxsize <megabytes>", "at which a new file is begun; 0 never (default: 100)", count)
    .option("--audit-log-maxbackup <number>", "how many old files are kept; 0 all (default: 100)", count)
    .option("--audit-log-maxage <days>", "how long old files are kept; 0 for ever (default: 366)", count)
    .option("--audit-log-compress [bool]", "gzip old files", boolean)
    .option("--audit-webhook-config-file <file>", "kubeconfig of a server that is sent the same")
    .option("--audit-webhook-mode <mode>", "batch, blocking or blocking-strict (default: batch)");
  command.addOption(
    new Option("--audit-webhook-initial-backoff <duration>", "before a second try").argParser(duration).hideHelp(),
  );
  for (const plugin of ["log", "webhook"]) addFineFlags(command, `--audit-${plugin}`);
}

/** Seldom set: accepted, and left out of the help. */
function addFineFlags(command: Command, start: string): void {
  const add = (flag: string, parse: (text: string) => unknown): void => {
    command.addOption(new Option(`${start}-${flag}`).argParser(parse).hideHelp());
  };
  add("version <version>", String);
  add("batch-buffer-size <number>", count);
  add("batch-max-size <number>", count);
  add("batch-max-wait <duration>", duration);
  add("batch-throttle-enable [bool]", boolean);
  add("batch-throttle-qps <number>", rate);
  add("batch-throttle-burst <number>", count);
  add("truncate-enabled [bool]", boolean);
  add("truncate-max-batch-size <bytes>", count);
  add("truncate-max-event-size <bytes>", count);
}

/** What was not asked for is left out, and has its default there. */
export function auditOptions(flags: AuditFlags): AuditOptions {
  return {
    ...given({ policyFile: flags.auditPolicyFile }),
    log: { ...logPlace(flags), ...logPace(flags) },
    webhook: {
      ...given({ configFile: flags.auditWebhookConfigFile, initialBackoff: flags.auditWebhookInitialBackoff }),
      ...webhookPace(flags),
    },
  };
}

function logPlace(flags: AuditFlags): NonNullable<AuditOptions["log"]> {
  return given({
    path: flags.auditLogPath,
    format: flags.auditLogFormat,
    maxAge: flags.auditLogMaxage,
    maxBackup: flags.auditLogMaxbackup,
    maxSize: flags.auditLogMaxsize,
    compress: flags.auditLogCompress,
  });
}

function logPace(flags: AuditFlags): AuditBackendOptions {
  return {
    ...given({ mode: flags.auditLogMode, version: flags.auditLogVersion }),
    batch: given({
      bufferSize: flags.auditLogBatchBufferSize,
      maxSize: flags.auditLogBatchMaxSize,
      maxWait: flags.auditLogBatchMaxWait,
      throttleEnable: flags.auditLogBatchThrottleEnable,
      throttleQps: flags.auditLogBatchThrottleQps,
      throttleBurst: flags.auditLogBatchThrottleBurst,
    }),
    truncate: given({
      enabled: flags.auditLogTruncateEnabled,
      maxBatchSize: flags.auditLogTruncateMaxBatchSize,
      maxEventSize: flags.auditLogTruncateMaxEventSize,
    }),
  };
}

function webhookPace(flags: AuditFlags): AuditBackendOptions {
  return {
    ...given({ mode: flags.auditWebhookMode, version: flags.auditWebhookVersion }),
    batch: given({
      bufferSize: flags.auditWebhookBatchBufferSize,
      maxSize: flags.auditWebhookBatchMaxSize,
      maxWait: flags.auditWebhookBatchMaxWait,
      throttleEnable: flags.auditWebhookBatchThrottleEnable,
      throttleQps: flags.auditWebhookBatchThrottleQps,
      throttleBurst: flags.auditWebhookBatchThrottleBurst,
    }),
    truncate: given({
      enabled: flags.auditWebhookTruncateEnabled,
      maxBatchSize: flags.auditWebhookTruncateMaxBatchSize,
      maxEventSize: flags.auditWebhookTruncateMaxEventSize,
    }),
  };
}

type Given<T> = { readonly [Name in keyof T]?: Exclude<T[Name], undefined> };

/** Without the members that are undefined. */
function given<T extends object>(options: T): Given<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Given<T>;
}
