import type { Revision } from "../store.ts";

/** One item for each revision from `first` on, without gaps; forgotten from the front. */
export class RevisionLog<T> {
  #items: (T | undefined)[] = [];
  #head = 0;
  #first: Revision;

  constructor(first: Revision) {
    this.#first = first;
  }

  /** The oldest revision that is kept, or the next one to come. */
  get first(): Revision {
    return this.#first;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  at(revision: Revision): T | undefined {
    return revision < this.#first ? undefined : this.#items[this.#head + revision - this.#first];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  forgetBefore(revision: Revision): void {
    const count = Math.min(revision - this.#first, this.length);
    if (count <= 0) return;
    this.#first += count;
    this.#items.fill(undefined, this.#head, this.#head + count);
    this.#head += count;
    if (this.#head > 1024 && this.#head > this.#items.length / 2) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }
}
