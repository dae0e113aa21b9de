import { together, type AuditBackend } from "./backend.ts";
import { written, type WrittenEvent } from "./event.ts";
import type { AuditMetrics } from "./metrics.ts";

/** In bytes. */
export interface TruncateOptions {
  readonly maxEventSize: number;
  readonly maxBatchSize: number;
}

const plugin = "truncate";

/** Events that are too long lose what was sent and answered; those that are too long even so are lost. Batches are split. */
export function truncating(backend: AuditBackend, options: TruncateOptions, metrics: AuditMetrics): AuditBackend {
  return {
    process(events) {
      const fitting = events.map((event) => shortened(event, options)).filter((event) => event !== undefined);
      const lost = events.length - fitting.length;
      if (lost > 0) metrics.lost(plugin, lost, new Error("event is too large even after truncating"));
      return together(batchesOf(fitting, options.maxBatchSize).map((batch) => backend.process(batch)));
    },
    close: () => backend.close(),
  };
}

function shortened(whole: WrittenEvent, { maxEventSize }: TruncateOptions): WrittenEvent | undefined {
  if (sizeOf(whole) <= maxEventSize) return whole;
  const { event } = whole;
  if (event.requestObject === undefined && event.responseObject === undefined) return undefined;
  const annotations = { ...event.annotations, "audit.k8s.io/truncated": "true" };
  const short = written({ ...event, requestObject: undefined, responseObject: undefined, annotations });
  return sizeOf(short) <= maxEventSize ? short : undefined;
}

function batchesOf(events: readonly WrittenEvent[], maxBatchSize: number): readonly (readonly WrittenEvent[])[] {
  const batches: WrittenEvent[][] = [];
  let room = 0;
  for (const event of events) {
    const size = sizeOf(event);
    const last = batches.at(-1);
    if (last === undefined || size > room) {
      batches.push([event]);
      room = maxBatchSize - size;
    } else {
      last.push(event);
      room -= size;
    }
  }
  return batches;
}

function sizeOf({ json }: WrittenEvent): number {
  return Buffer.byteLength(json);
}
