import { isBefore } from "../../storage/mvcc/key-index.ts";

const chunkSize = 512;

/** Distinct keys in the store's order, in chunks: one more among a hundred thousand moves a few hundred. */
export class SortedKeys {
  readonly #chunks: string[][] = [];
  #size: number;

  constructor(sorted: readonly string[]) {
    this.#size = sorted.length;
    for (let at = 0; at < sorted.length; at += chunkSize / 2) this.#chunks.push(sorted.slice(at, at + chunkSize / 2));
    if (this.#chunks.length === 0) this.#chunks.push([]);
  }

  get size(): number {
    return this.#size;
  }

  /** A key that is not there yet. */
  add(key: string): void {
    const { at, chunk, slot } = this.#place(key);
    chunk.splice(slot, 0, key);
    this.#size += 1;
    if (chunk.length > chunkSize) this.#chunks.splice(at + 1, 0, chunk.splice(chunkSize / 2));
  }

  remove(key: string): void {
    const { at, chunk, slot } = this.#place(key);
    if (chunk[slot] !== key) return;
    chunk.splice(slot, 1);
    this.#size -= 1;
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(at, 1);
  }

  /** All from `key` on. */
  *from(key: string): Generator<string> {
    const { at, slot } = this.#place(key);
    let first = slot;
    for (let index = at; index < this.#chunks.length; index += 1, first = 0) {
      const chunk = this.#chunks[index] ?? [];
      for (let position = first; position < chunk.length; position += 1) yield chunk[position] as string;
    }
  }

  /** How many come before `key`. */
  countBefore(key: string): number {
    const { at, slot } = this.#place(key);
    let count = slot;
    for (let index = 0; index < at; index += 1) count += this.#chunks[index]?.length ?? 0;
    return count;
  }

  /** Where a key is, or would be: in the last chunk that begins before it. */
  #place(key: string): { readonly at: number; readonly chunk: string[]; readonly slot: number } {
    const before = isBefore(key);
    const at = Math.max(
      0,
      countWhile(this.#chunks, ([first]) => first === key || (first !== undefined && before(first))) - 1,
    );
    const chunk = this.#chunks[at] ?? [];
    return { at, chunk, slot: countWhile(chunk, before) };
  }
}

/** How many of the first elements a test holds for; it must hold for none after those. */
function countWhile<T>(sorted: readonly T[], test: (element: T) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    // The loop's bounds make it present.
    if (test(sorted[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return low;
}
