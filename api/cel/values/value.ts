import type { ListValue } from "./list.ts";
import type { MapValue } from "./map.ts";
import type { ObjectValue } from "./object.ts";
import { weightOf } from "./weight.ts";

/** What an expression may be at run time. Ints are bigint, doubles are number. */
export type Value =
  | boolean
  | bigint
  | number
  | string
  | null
  | Uint8Array
  | Uint
  | Timestamp
  | Duration
  | TypeValue
  | OptionalValue
  | ListValue
  | MapValue
  | ObjectValue
  | OpaqueValue;

export class Uint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

export class Timestamp {
  /** Since the epoch. */
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export class Duration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** What `type(x)` answers. */
export class TypeValue {
  readonly typeName: string;

  constructor(typeName: string) {
    this.typeName = typeName;
  }
}

export class OptionalValue {
  /** Undefined: none. */
  readonly value: Value | undefined;

  constructor(value: Value | undefined) {
    this.value = value;
  }

  get weight(): number {
    return this.value === undefined ? 1 : weightOf(this.value);
  }
}

export const none: OptionalValue = new OptionalValue(undefined);

/** A value of a Kubernetes library, such as a quantity. */
export abstract class OpaqueValue {
  abstract readonly typeName: string;

  abstract equals(other: OpaqueValue): boolean;

  /** For the cost of what is done with it. */
  get size(): number {
    return 1;
  }
}

/** In code points, as CEL counts. */
export function textSize(text: string): number {
  if (!/[\ud800-\udfff]/.test(text)) return text.length;
  let size = 0;
  for (const _ of text) size++;
  return size;
}
