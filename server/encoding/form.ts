import type { Presentation } from "../watch-cache/presentation.ts";
import type { Record } from "../watch-cache/record.ts";

export interface ListHeader {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** How a reader sees one object, a list of them, or a watch: version, media type, whole, as a table or metadata only. */
export interface Form extends Presentation {
  /** Of prepared records only, like all that follows. */
  single(record: Record): Buffer;
  /** In pieces of about 128 KiB, made as the reader takes them. */
  list(header: ListHeader, records: readonly Record[]): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** ListMeta as JSON text, in Go's order. */
export function listMetaJson(header: ListHeader): string {
  return JSON.stringify({
    resourceVersion: header.resourceVersion,
    ...(header.continue === undefined ? {} : { continue: header.continue }),
    ...(header.remainingItemCount === undefined ? {} : { remainingItemCount: header.remainingItemCount }),
  });
}
