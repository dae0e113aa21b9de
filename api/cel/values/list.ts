import type { Value } from "./value.ts";
import { bounded, weightOf } from "./weight.ts";

/** Lists are never changed once they can be seen. */
export abstract class ListValue {
  abstract readonly size: number;
  /** See `bounded`. */
  abstract readonly weight: number;

  /** `index` is within the list. */
  abstract at(index: number): Value;

  *[Symbol.iterator](): Generator<Value, void, undefined> {
    for (let index = 0; index < this.size; index++) yield this.at(index);
  }
}

/** Made by an expression. */
export class BuiltList extends ListValue {
  readonly items: readonly Value[];
  readonly #items: Value[];
  #weight = 1;

  constructor(items: Value[]) {
    super();
    this.items = this.#items = items;
    for (const item of items) this.#weigh(item);
  }

  override get size(): number {
    return this.#items.length;
  }

  override get weight(): number {
    return this.#weight;
  }

  /** Only while nobody else can see the list. */
  push(item: Value): void {
    this.#weigh(item);
    this.#items.push(item);
  }

  #weigh(item: Value): void {
    this.#weight = bounded(this.#weight + weightOf(item));
  }

  override at(index: number): Value {
    return this.items[index] ?? null;
  }
}

export class JsonList extends ListValue {
  readonly json: readonly unknown[];
  readonly #read: (raw: unknown) => Value;

  constructor(json: readonly unknown[], read: (raw: unknown) => Value) {
    super();
    this.json = json;
    this.#read = read;
  }

  override get size(): number {
    return this.json.length;
  }

  override get weight(): number {
    return this.json.length;
  }

  override at(index: number): Value {
    return this.#read(this.json[index]);
  }

  /** The same JSON, read in the same way. */
  isSame(other: JsonList): boolean {
    return other.json === this.json && other.#read === this.#read;
  }
}

/** Without a copy: adding lists costs one unit, however long they are. */
export class JoinedList extends ListValue {
  override readonly size: number;
  override readonly weight: number;
  readonly #left: ListValue;
  readonly #right: ListValue;

  constructor(left: ListValue, right: ListValue) {
    super();
    this.#left = left;
    this.#right = right;
    this.size = left.size + right.size;
    this.weight = bounded(left.weight + right.weight);
  }

  override at(index: number): Value {
    return index < this.#left.size ? this.#left.at(index) : this.#right.at(index - this.#left.size);
  }
}
