import type { CelObjectType, CelType } from "../cel.ts";
import type { Value } from "./value.ts";
import { bounded, weightOf } from "./weight.ts";

/** Something with known fields. */
export abstract class ObjectValue {
  abstract readonly typeName: string;

  /** By the name that expressions use; undefined where the field is absent. */
  abstract get(field: string): Value | undefined;

  /** Fields that are there. */
  abstract fields(): Iterable<string>;
}

export class JsonObjectValue extends ObjectValue {
  readonly json: Readonly<Record<string, unknown>>;
  readonly type: CelObjectType;
  readonly #read: (type: CelType, raw: unknown) => Value;

  constructor(
    json: Readonly<Record<string, unknown>>,
    type: CelObjectType,
    read: (type: CelType, raw: unknown) => Value,
  ) {
    super();
    this.json = json;
    this.type = type;
    this.#read = read;
  }

  override get typeName(): string {
    return this.type.name;
  }

  override get(name: string): Value | undefined {
    const field = this.type.field(name);
    if (field === undefined || !Object.hasOwn(this.json, field.jsonName)) return undefined;
    return this.#read(field.type, this.json[field.jsonName]);
  }

  /** JSON's names: two objects of a type have them in common. */
  override fields(): Iterable<string> {
    return Object.keys(this.json);
  }
}

/** Made by an expression: `Object{spec: …}`. */
export class BuiltObject extends ObjectValue {
  override readonly typeName: string;
  readonly values: ReadonlyMap<string, Value>;
  /** See `bounded`. */
  readonly weight: number;

  constructor(typeName: string, values: ReadonlyMap<string, Value>) {
    super();
    this.weight = bounded([...values.values()].reduce<number>((sum, value) => sum + weightOf(value), 1));
    this.typeName = typeName;
    this.values = values;
  }

  override get(field: string): Value | undefined {
    return this.values.get(field);
  }

  override fields(): Iterable<string> {
    return this.values.keys();
  }
}
