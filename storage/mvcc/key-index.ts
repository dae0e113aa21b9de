import { asOf, type Version } from "./version.ts";
import type { Revision } from "../store.ts";

const chunkSize = 512;
const beyondBasicPlane = /[\ud800-\uffff]/;

/** The order of the keys' UTF-8 bytes, which is that of UTF-16 units unless both strings have units from 0xD800 on. */
export function compareKeys(left: string, right: string): number {
  if (left === right) return 0;
  if (!beyondBasicPlane.test(left) || !beyondBasicPlane.test(right)) return left < right ? -1 : 1;
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

/** Whether other keys come before this one: it is looked at once, for a search compares it with many. */
export function isBefore(key: string): (other: string) => boolean {
  return beyondBasicPlane.test(key) ? (other) => compareKeys(other, key) < 0 : (other) => other < key;
}

/** The newest version of every key, in byte order: sorted chunks, so that an insert moves few elements. */
export class KeyIndex {
  #chunks: Version[][] = [[]];

  /** Takes the place of everything; `versions` must be sorted. */
  load(versions: readonly Version[]): void {
    this.#chunks = [];
    for (let at = 0; at < versions.length; at += chunkSize / 2)
      this.#chunks.push(versions.slice(at, at + chunkSize / 2));
    if (this.#chunks.length === 0) this.#chunks.push([]);
  }

  get(key: string): Version | undefined {
    const chunk = this.#chunk(this.#chunkFor(key));
    const found = chunk[slotFor(chunk, key)];
    return found?.key === key ? found : undefined;
  }

  set(version: Version): void {
    const at = this.#chunkFor(version.key);
    const chunk = this.#chunk(at);
    const slot = slotFor(chunk, version.key);
    if (chunk[slot]?.key === version.key) {
      chunk[slot] = version;
      return;
    }
    chunk.splice(slot, 0, version);
    if (chunk.length > chunkSize) this.#chunks.splice(at + 1, 0, chunk.splice(chunkSize / 2));
  }

  remove(key: string): void {
    const at = this.#chunkFor(key);
    const chunk = this.#chunk(at);
    const slot = slotFor(chunk, key);
    if (chunk[slot]?.key !== key) return;
    chunk.splice(slot, 1);
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(at, 1);
  }

  /** The versions below `prefix` as of `revision`, after the key `after`, until `visit` returns false. */
  walk(
    range: { prefix: string; after: string | undefined; revision: Revision },
    visit: (version: Version) => boolean,
  ): void {
    const { prefix, after, revision } = range;
    const start = after !== undefined && compareKeys(after, prefix) > 0 ? after : prefix;
    let at = this.#chunkFor(start);
    let slot = slotFor(this.#chunk(at), start);
    for (; at < this.#chunks.length; at++, slot = 0) {
      const chunk = this.#chunk(at);
      for (; slot < chunk.length; slot++) {
        const newest = chunk[slot];
        if (newest === undefined || newest.key === after) continue;
        if (!newest.key.startsWith(prefix)) return;
        const version = asOf(newest, revision);
        if (version !== undefined && !visit(version)) return;
      }
    }
  }

  /** The last chunk that begins at or before the key. */
  #chunkFor(key: string): number {
    const before = isBefore(key);
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const first = this.#chunk(middle)[0];
      if (first !== undefined && (first.key === key || before(first.key))) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #chunk(at: number): Version[] {
    return this.#chunks[at] ?? [];
  }
}

/** The first slot whose key is not before `key`. */
function slotFor(chunk: readonly Version[], key: string): number {
  const before = isBefore(key);
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const version = chunk[middle];
    if (version !== undefined && before(version.key)) low = middle + 1;
    else high = middle;
  }
  return low;
}
