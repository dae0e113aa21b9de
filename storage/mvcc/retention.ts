import type { Clock } from "../../base/clock.ts";
import type { Retention } from "../options.ts";
import type { Revision } from "../store.ts";

interface Parts {
  readonly clock: Clock;
  readonly retention: Retention;
  readonly revision: () => Revision;
  readonly compact: (revision: Revision) => void;
}

/** How many times within the age of history its position is noted. */
const steps = 10;

/** Compacts what is older than the window. History found at start counts as new. */
export class RetentionWindow {
  readonly #parts: Parts;
  readonly #marks: { readonly at: number; readonly revision: Revision }[] = [];
  #cancel: () => void;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#note();
    this.#cancel = this.#later();
  }

  /** To be called as revisions become visible. */
  bound(): void {
    const oldest = this.#parts.revision() - this.#parts.retention.revisions;
    if (oldest > 0) this.#parts.compact(oldest);
  }

  stop(): void {
    this.#cancel();
  }

  #later(): () => void {
    return this.#parts.clock.after(this.#parts.retention.ageMs / steps, () => {
      this.#tick();
      this.#cancel = this.#later();
    });
  }

  #tick(): void {
    this.#note();
    const limit = this.#parts.clock.now() - this.#parts.retention.ageMs;
    let expired: Revision = 0;
    while ((this.#marks[0]?.at ?? Number.POSITIVE_INFINITY) <= limit)
      expired = this.#marks.shift()?.revision ?? expired;
    if (expired > 0) this.#parts.compact(expired);
  }

  #note(): void {
    this.#marks.push({ at: this.#parts.clock.now(), revision: this.#parts.revision() });
  }
}
