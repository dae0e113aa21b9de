import { Registry } from "prom-client";
import type { Clock } from "../../base/clock.ts";
import { silentLogger, type Logger } from "../../base/log.ts";
import { createAuditor, type Auditor } from "./auditor.ts";
import type { AuditBackend } from "./backend.ts";
import { compilePolicy } from "./compile-policy.ts";
import type { WrittenEvent } from "./event.ts";
import { createAuditMetrics } from "./metrics.ts";
import type { AuditPolicy } from "./policy.ts";

export type LooseEvent = Readonly<Record<string, unknown>> & { readonly stage: string };

export interface MemoryAudit {
  readonly auditor: Auditor;
  readonly registry: Registry;
  /** Fails for all that comes from now on. */
  fail: boolean;
  /** Parsed, in order; each is told once. */
  take(): readonly LooseEvent[];
  /** All that was ever written. */
  text(): string;
}

/** An audit log in memory. */
export function memoryAudit(policy: AuditPolicy, clock: Clock, log: Logger = silentLogger): MemoryAudit {
  const registry = new Registry();
  const kept: WrittenEvent[] = [];
  let taken = 0;
  const backend: AuditBackend = {
    process(events) {
      if (audit.fail) return Promise.resolve(false);
      kept.push(...events);
      return true;
    },
    close: () => Promise.resolve(),
  };
  const metrics = createAuditMetrics(registry, log);
  const audit: MemoryAudit = {
    auditor: createAuditor({ evaluate: compilePolicy(policy), backend, metrics, clock }),
    registry,
    fail: false,
    take() {
      const fresh = kept.slice(taken);
      taken = kept.length;
      return fresh.map(({ json }) => JSON.parse(json) as LooseEvent);
    },
    text: () => kept.map(({ json }) => json).join("\n"),
  };
  return audit;
}
