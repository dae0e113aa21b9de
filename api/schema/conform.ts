/**
 * The second half of decoding: parsed JSON → the object that Go's decode and encode of the typed struct would give.
 * Unknown fields and nulls are gone, texts of quantities and times are canonical, members stand in the order of the Go
 * struct, map keys sorted, and zero values appear or not as the field's flags say. So two objects mean the same when
 * their JSON is the same.
 */
import { isObject, setOwn } from "../machinery/members.ts";
import type { DeepReadonly, Json, JsonObject } from "../machinery/object.ts";
import { ApiError } from "../machinery/status.ts";
import { inspect } from "./inspect.ts";
import { goName, maxDepth, mismatch, MismatchError, tooDeep } from "./mismatch.ts";
import { boolOrSchema, type Convert, scalar, zeroOf } from "./scalars.ts";
import type { Field, StructType, ValueType } from "./schema.ts";

export interface ConformOptions {
  /** Kind and version that messages name; the definition's own when absent. */
  readonly kind?: string;
  readonly version?: string;
}

export interface Conformed {
  readonly object: JsonObject;
  /** Paths such as `spec.containers[0].foo`, in the order of the input. */
  readonly unknown: readonly string[];
}

export interface Conformer {
  /**
   * Throws nothing but a BadRequest `ApiError`. `known` is a conformed object of the type: whatever of it is in `value`,
   * as the very same object, is taken as it is.
   */
  conform(value: Json, type: StructType, options?: ConformOptions, known?: DeepReadonly<JsonObject>): Conformed;
}

interface Member {
  readonly name: string;
  /** In the Go struct. */
  readonly position: number;
  readonly convert: Convert;
  /** Makes what stands for an unset field; nothing when it is left out. */
  readonly unset: (() => Json) | undefined;
  /** Whether a converted value counts as unset: only for fields whose zero value says nothing. */
  readonly isZero: ((value: Json) => boolean) | undefined;
}

interface Members {
  readonly byName: ReadonlyMap<string, Member>;
  /** Those that stand there although nobody has set them, in order. */
  readonly always: readonly (Member & { readonly unset: () => Json })[];
}

type Zero = () => Json;
interface Compiled {
  readonly convert: Convert;
  readonly zero: Zero;
}

/** Compiles a type on first use and keeps it as long as the type lives. */
export function createConformer(): Conformer {
  const structs = new WeakMap<StructType, Compiled>();
  let depth = 0;
  let sawUnknown = false;

  function struct(type: StructType): Compiled {
    const known = structs.get(type);
    if (known !== undefined) return known;
    let members: Members | undefined;
    const wanted: ValueType = { type: "struct", of: type };
    function convert(value: Json, known?: DeepReadonly<Json>): Json {
      if (!isObject(value)) throw mismatch(value, wanted);
      if (++depth > maxDepth) throw tooDeep();
      members ??= membersOf(type, compile);
      const found = fill(value, members, isObject(known) ? known : nothing);
      if (found.others) sawUnknown = true;
      depth--;
      return found.object;
    }
    const compiled: Compiled = { convert, zero: () => convert({}) };
    structs.set(type, compiled);
    return compiled;
  }

  function compile(type: ValueType): Compiled {
    switch (type.type) {
      case "struct":
        return struct(type.of);
      case "list":
        return { convert: list(compile(type.of), type), zero: () => null };
      case "map":
        // Stored as protobuf, a value without bytes comes back empty, not null.
        return {
          convert: map(type.of.type === "bytes" ? { ...compile(type.of), zero: () => "" } : compile(type.of), type),
          zero: () => null,
        };
      case "schemaOr":
        return { convert: schemaOr(type, struct(type.of)), zero: () => (type.other === "bool" ? false : null) };
      default: {
        const zero = zeroOf(type);
        return { convert: scalar(type), zero: () => zero };
      }
    }
  }

  return {
    conform(value, type, options = {}, known) {
      depth = 0;
      sawUnknown = false;
      try {
        const object = struct(type).convert(value, known);
        // `struct` converts objects only.
        return { object: object as JsonObject, unknown: sawUnknown ? inspect(value, type).unknown : [] };
      } catch (thrown) {
        if (!(thrown instanceof MismatchError)) throw thrown;
        // The fast way knows no paths: only now is it worth finding the first fault in the input's order.
        throw refusal(inspect(value, type).complaint ?? thrown.message, type, options);
      }
    },
  };
}

function refusal(complaint: string, type: StructType, options: ConformOptions): ApiError {
  const own = goName(type);
  const kind = options.kind ?? own;
  const version = options.version ?? type.name.split(".").at(-2) ?? "";
  return new ApiError(
    "BadRequest",
    `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${own}: ${complaint}`,
  );
}

type Known = Readonly<Record<string, unknown>>;
const nothing: Known = {};

/** A struct has many more members than an object of it: only those that are there are looked at. */
function fill(value: JsonObject, { byName, always }: Members, known: Known): { object: JsonObject; others: boolean } {
  const object: JsonObject = {};
  let others = false;
  const given: Member[] = [];
  for (const name in value) {
    const found = byName.get(name);
    if (found === undefined) others ||= value[name] !== undefined;
    else if (value[name] !== undefined && value[name] !== null) insert(given, found);
  }
  let next = 0;
  for (const { name, position, convert, unset, isZero } of given) {
    for (let one = always[next]; one !== undefined && one.position < position; one = always[++next])
      object[one.name] = one.unset();
    if (always[next]?.position === position) next++;
    const item = value[name] ?? null;
    const before = known[name];
    const made = item === before ? item : convert(item, before as Json | undefined);
    if (isZero === undefined || !isZero(made)) object[name] = made;
    else if (unset !== undefined) object[name] = unset();
  }
  for (let one = always[next]; one !== undefined; one = always[++next]) object[one.name] = one.unset();
  return { object, others };
}

/** By position. Most come in order. */
function insert(members: Member[], one: Member): void {
  let at = members.length;
  while (at > 0 && (members[at - 1]?.position ?? 0) > one.position) at--;
  if (at === members.length) members.push(one);
  else members.splice(at, 0, one);
}

function membersOf(type: StructType, compile: (type: ValueType) => Compiled): Members {
  const all = [...type.fields.values()].map((field, position) => member(field, position, compile));
  return {
    byName: new Map(all.map((one) => [one.name, one])),
    always: all.flatMap((one) => (one.unset === undefined ? [] : [{ ...one, unset: one.unset }])),
  };
}

function member(field: Field, position: number, compile: (type: ValueType) => Compiled): Member {
  const { convert, zero } = compile(field.value);
  const { name, pointer, omitEmpty, omitZero } = field;
  if (pointer)
    return { name, position, convert, unset: omitEmpty || omitZero ? undefined : () => null, isZero: undefined };
  const leftOut = omitZero || (omitEmpty && canBeEmpty(field.value));
  return {
    name,
    position,
    convert,
    unset: leftOut ? undefined : zero,
    isZero: leftOut || field.value.type === "list" || field.value.type === "map" ? zeroTest(field.value) : undefined,
  };
}

/** Go's omitempty means nothing for structs, and times, quantities, raw JSON and the unions are structs: `"eventTime":null`. */
function canBeEmpty(type: ValueType): boolean {
  switch (type.type) {
    case "string":
    case "boolean":
    case "integer":
    case "number":
    case "bytes":
    case "list":
    case "map":
      return true;
    default:
      return false;
  }
}

function zeroTest(type: ValueType): (value: Json) => boolean {
  switch (type.type) {
    case "list":
      return (value) => value === null || (Array.isArray(value) && value.length === 0);
    case "map":
      return (value) => value === null || (isObject(value) && isBare(value));
    case "struct":
      return (value) => isUnsetStruct(value, type.of);
    default: {
      const zero = type.type === "schemaOr" ? null : zeroOf(type);
      return (value) => value === zero || value === "";
    }
  }
}

function isBare(value: JsonObject): boolean {
  for (const _ in value) return false;
  return true;
}

/** Go's omitzero for a struct: every member at its zero value. */
function isUnsetStruct(value: Json, type: StructType): boolean {
  if (!isObject(value)) return false;
  return Object.entries(value).every(([name, member]) => {
    const field = type.fields.get(name);
    if (field === undefined || member === undefined) return true;
    return field.pointer ? member === null : zeroTest(field.value)(member);
  });
}

function list({ convert, zero }: Compiled, type: ValueType): Convert {
  return (value) => {
    if (!Array.isArray(value)) throw mismatch(value, type);
    const made: Json[] = [];
    for (const item of value) made.push(item === null ? zero() : convert(item));
    return made;
  };
}

/** Go prints maps sorted by key. */
function map({ convert, zero }: Compiled, type: ValueType): Convert {
  return (value) => {
    if (!isObject(value)) throw mismatch(value, type);
    const object: JsonObject = {};
    for (const key of sorted(Object.keys(value))) {
      const given = value[key];
      if (given === undefined) continue;
      const made = given === null ? zero() : convert(given);
      setOwn(object, key, made);
    }
    return object;
  };
}

function sorted(keys: string[]): string[] {
  for (let index = 1; index < keys.length; index++) {
    // The loop's bound makes both present.
    if ((keys[index - 1] as string) > (keys[index] as string)) return keys.sort();
  }
  return keys;
}

/** The unions of JSON schema; what is neither side is the unset union for two of them, as upstream has it. */
function schemaOr(type: Extract<ValueType, { type: "schemaOr" }>, { convert, zero }: Compiled): Convert {
  const strings = list(
    { convert: scalar({ type: "string" }), zero: () => "" },
    { type: "list", of: { type: "string" } },
  );
  const schemas = list({ convert, zero }, { type: "list", of: { type: "struct", of: type.of } });
  return (value) => {
    if (isObject(value)) return convert(value);
    if (type.other === "bool") return boolOrSchema(value);
    if (!Array.isArray(value) || value.length === 0) return null;
    return type.other === "array" ? schemas(value) : strings(value);
  };
}
