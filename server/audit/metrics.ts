import { Counter, type Registry } from "prom-client";
import type { Logger } from "../../base/log.ts";
import type { Level } from "./levels.ts";

/** Of one server, under upstream's names. */
export interface AuditMetrics {
  event(): void;
  level(level: Level): void;
  /** Requests that were refused since the log could not be told of them. */
  rejected(): void;
  /** Events that `plugin` has lost. */
  lost(plugin: string, count: number, error: unknown): void;
  /** `plugin` is well again. */
  recovered(plugin: string): void;
}

export function createAuditMetrics(registry: Registry, log: Logger): AuditMetrics {
  const registers = [registry];
  const events = new Counter({
    name: "apiserver_audit_event_total",
    help: "Audit events that were made and sent to the backends.",
    registers,
  });
  const errors = new Counter({
    name: "apiserver_audit_error_total",
    help: "Audit events that were lost, by the plugin that lost them.",
    labelNames: ["plugin"],
    registers,
  });
  const requests = new Counter({
    name: "apiserver_audit_level_total",
    help: "Requests by the level at which the policy has them noted.",
    labelNames: ["level"],
    registers,
  });
  const rejections = new Counter({
    name: "apiserver_audit_requests_rejected_total",
    help: "Requests that were refused since they could not be noted.",
    registers,
  });
  // A disk stays full for many events: the log hears of the first.
  const failing = new Set<string>();
  return {
    event: () => events.inc(),
    level: (level) => requests.inc({ level }),
    rejected: () => rejections.inc(),
    lost(plugin, count, error) {
      errors.inc({ plugin }, count);
      if (failing.has(plugin)) return;
      failing.add(plugin);
      log.error("audit events are lost", { plugin, count, error });
    },
    recovered(plugin) {
      if (failing.delete(plugin)) log.info("audit events are written again", { plugin });
    },
  };
}
