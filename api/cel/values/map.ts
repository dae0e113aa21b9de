import { Uint, type Value } from "./value.ts";
import { bounded, weightOf } from "./weight.ts";

export abstract class MapValue {
  abstract readonly size: number;
  /** See `bounded`. */
  abstract readonly weight: number;

  abstract get(key: Value): Value | undefined;

  abstract keys(): Iterable<Value>;
}

export class JsonMap extends MapValue {
  readonly json: Readonly<Record<string, unknown>>;
  readonly #read: (raw: unknown) => Value;

  constructor(json: Readonly<Record<string, unknown>>, read: (raw: unknown) => Value) {
    super();
    this.json = json;
    this.#read = read;
  }

  override get size(): number {
    return Object.keys(this.json).length;
  }

  /** Of what is read out of JSON nothing is made. */
  override get weight(): number {
    return 1;
  }

  override get(key: Value): Value | undefined {
    return typeof key === "string" && Object.hasOwn(this.json, key) ? this.#read(this.json[key]) : undefined;
  }

  override keys(): Iterable<string> {
    return Object.keys(this.json);
  }
}

/** Made by an expression. Numbers of different types that are equal are one key. */
export class BuiltMap extends MapValue {
  readonly #entries = new Map<string, { readonly key: Value; readonly value: Value }>();
  #weight = 1;

  override get size(): number {
    return this.#entries.size;
  }

  override get weight(): number {
    return this.#weight;
  }

  override get(key: Value): Value | undefined {
    return this.#entries.get(keyText(key) ?? "")?.value;
  }

  override *keys(): Iterable<Value> {
    for (const { key } of this.#entries.values()) yield key;
  }

  /** False for a key that no map may have. */
  set(key: Value, value: Value): boolean {
    const text = keyText(key);
    if (text === undefined) return false;
    this.#weight = bounded(this.#weight + 1 + weightOf(value));
    this.#entries.set(text, { key, value });
    return true;
  }
}

function keyText(key: Value): string | undefined {
  if (typeof key === "string") return `s${key}`;
  if (typeof key === "boolean") return `b${key}`;
  if (typeof key === "bigint") return `n${key}`;
  if (key instanceof Uint) return `n${key.value}`;
  if (typeof key !== "number") return undefined;
  return Number.isInteger(key) ? `n${BigInt(key)}` : `d${key}`;
}
