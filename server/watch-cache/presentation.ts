import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import type { Status } from "../../api/machinery/status.ts";
import type { WatchEventType } from "../../api/wire.ts";
import type { Record } from "./record.ts";

/** Where frames of one event are kept, so that watchers that want the same bytes share them. */
export interface FrameCache {
  frame(form: string, make: () => Buffer): Buffer;
}

/** How one watcher wants to see the objects: version, media type, whole or as a table or metadata only. */
export interface Presentation {
  readonly contentType: string;
  /** Waits for what has to be asked for before the records can be shown; undefined: nothing has. */
  prepare(records: readonly Record[]): Promise<void> | undefined;
  /** `shared` is absent for initial events, which nobody else gets. */
  frame(type: WatchEventType, record: Record, shared?: FrameCache): Buffer;
  /** A BOOKMARK; `initialEventsEnd` marks the end of sendInitialEvents. */
  bookmark(revision: number, initialEventsEnd: boolean): Buffer;
  error(status: Status): Buffer;
  /** The object as the reader's version has it, for readers in this process. */
  object(record: Record): DeepReadonly<KubeObject>;
}
