import type { WrittenEvent } from "./event.ts";

/** Where events go. */
export interface AuditBackend {
  /** False where some of them are lost, which the backend has counted and told of. A promise where it has to be waited for. */
  process(events: readonly WrittenEvent[]): boolean | Promise<boolean>;
  /** The server stops: from here on nothing that fails is tried again. */
  hurry?(): void;
  /** Resolves when what it still has is written, or given up. */
  close(): Promise<void>;
}

/** Both are told. */
export function allBackends(backends: readonly AuditBackend[]): AuditBackend {
  const [only] = backends;
  if (backends.length === 1 && only !== undefined) return only;
  return {
    process(events) {
      return together(backends.map((backend) => backend.process(events)));
    },
    async close() {
      await Promise.all(backends.map((backend) => backend.close()));
    },
  };
}

type Outcome = boolean | Promise<boolean>;

/** Whether all went well; a promise only where one has to be waited for. */
export function together(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.every((outcome) => typeof outcome === "boolean")) return outcomes.every(Boolean);
  return Promise.all(outcomes.map((outcome) => Promise.resolve(outcome))).then((all) => all.every(Boolean));
}

/** Waited for, but never the reason for which a request fails. */
export function forgiving(backend: AuditBackend): AuditBackend {
  return {
    process(events) {
      const outcome = backend.process(events);
      return typeof outcome === "boolean" ? true : outcome.then(() => true);
    },
    close: () => backend.close(),
  };
}
