import type { Record } from "./record.ts";

/** Keys of records by one selectable field, for the fields that many ask by. */
export class FieldIndex {
  readonly #field: string;
  readonly #keys = new Map<string, Set<string>>();

  constructor(field: string) {
    this.#field = field;
  }

  /** In key order. */
  keysOf(value: string): readonly string[] {
    return [...(this.#keys.get(value) ?? [])].toSorted(compareBytes);
  }

  change(before: Record | undefined, after: Record | undefined): void {
    const [old, now] = [before?.meta.fields?.[this.#field], after?.meta.fields?.[this.#field]];
    if (old === now) return;
    if (old !== undefined && before !== undefined) this.#remove(old, before.key);
    if (now === undefined || after === undefined) return;
    const keys = this.#keys.get(now);
    if (keys === undefined) this.#keys.set(now, new Set([after.key]));
    else keys.add(after.key);
  }

  #remove(value: string, key: string): void {
    const keys = this.#keys.get(value);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(value);
  }
}

/** Names are ASCII, so that text order is the store's. */
function compareBytes(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
