/** A binary heap that knows where each item is, so that one from the middle can be taken out or moved. */
export class Heap<T extends object> {
  readonly #compare: (a: T, b: T) => number;
  readonly #items: T[] = [];
  readonly #places = new Map<T, number>();

  /** Negative: the first comes out earlier. */
  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The next to come out. */
  get first(): T | undefined {
    return this.#items[0];
  }

  has(item: T): boolean {
    return this.#places.has(item);
  }

  /** Also to be called for one that is there and has changed its place in the order. */
  add(item: T): void {
    let at = this.#places.get(item);
    if (at === undefined) {
      at = this.#items.length;
      this.#put(item, at);
    }
    this.#down(this.#up(at));
  }

  delete(item: T): boolean {
    const at = this.#places.get(item);
    if (at === undefined) return false;
    this.#places.delete(item);
    const last = this.#items.pop();
    if (last === undefined || last === item) return true;
    this.#put(last, at);
    this.#down(this.#up(at));
    return true;
  }

  pop(): T | undefined {
    const item = this.#items[0];
    if (item !== undefined) this.delete(item);
    return item;
  }

  clear(): void {
    this.#items.length = 0;
    this.#places.clear();
  }

  #put(item: T, at: number): void {
    this.#items[at] = item;
    this.#places.set(item, at);
  }

  #isBefore(a: number, b: number): boolean {
    const [left, right] = [this.#items[a], this.#items[b]];
    return left !== undefined && right !== undefined && this.#compare(left, right) < 0;
  }

  #swap(a: number, b: number): void {
    const [left, right] = [this.#items[a], this.#items[b]];
    if (left === undefined || right === undefined) return;
    this.#put(right, a);
    this.#put(left, b);
  }

  #up(from: number): number {
    let at = from;
    for (let parent = (at - 1) >> 1; at > 0 && this.#isBefore(at, parent); parent = (at - 1) >> 1) {
      this.#swap(at, parent);
      at = parent;
    }
    return at;
  }

  #down(from: number): void {
    for (let at = from; ;) {
      let child = 2 * at + 1;
      if (this.#isBefore(child + 1, child)) child += 1;
      if (!this.#isBefore(child, at)) return;
      this.#swap(at, child);
      at = child;
    }
  }
}
