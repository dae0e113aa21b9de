import type { WatchEventType } from "../../api/wire.ts";
import type { Record } from "./record.ts";
import { selects, type Selection } from "./selection.ts";

/** One change of one object, shared by all watchers; frames are made once per form. */
export class CacheEvent {
  readonly revision: number;
  /** Undefined when the object was deleted. */
  readonly current: Record | undefined;
  readonly previous: Record | undefined;
  readonly #frames = new Map<string, Buffer>();
  #gone: Record | undefined;

  constructor(revision: number, current: Record | undefined, previous: Record | undefined) {
    this.revision = revision;
    this.current = current;
    this.previous = previous;
  }

  /** Bytes that this event pins in memory. */
  get size(): number {
    return (this.current ?? this.previous)?.size ?? 0;
  }

  /** What a watcher with this selection is told; undefined when the change is none of its business. */
  seenBy(selection: Selection): { readonly type: WatchEventType; readonly record: Record } | undefined {
    const now = this.current !== undefined && selects(selection, this.current.meta);
    const before = this.previous !== undefined && selects(selection, this.previous.meta);
    if (now && this.current !== undefined) return { type: before ? "MODIFIED" : "ADDED", record: this.current };
    if (!before || this.previous === undefined) return undefined;
    // Deleted, or no longer selected: told with the last state that the watcher knew.
    this.#gone ??= this.previous.at(this.revision);
    return { type: "DELETED", record: this.#gone };
  }

  frame(form: string, make: () => Buffer): Buffer {
    let frame = this.#frames.get(form);
    if (frame === undefined) {
      frame = make();
      this.#frames.set(form, frame);
    }
    return frame;
  }
}
