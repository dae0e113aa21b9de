/**
 * Defaulting: per type a rule, applied wherever the type occurs below a kind (not inside maps). As upstream: the rule of
 * the outer type before those of what it holds, in the order of fields. Rules must be idempotent, for an object is
 * defaulted when it is written, after admission changed it, and when it is read.
 */
import { getOwn, isObject, setOwn } from "../machinery/members.ts";
import type { Json, JsonObject } from "../machinery/object.ts";
import { createOrderer } from "./field-order.ts";
import type { DefinitionName, Schemas, StructType, ValueType } from "./schema.ts";

export type DefaultRule = (value: JsonObject, set: Setter) => void;
export type DefaultRules = Readonly<Record<DefinitionName, DefaultRule>>;

/** How a rule writes. Unset means absent or null; `ifZero` is for fields that are no pointers in Go, where zero is unset too. */
export interface Setter {
  ifUnset(object: JsonObject, field: string, value: Json): void;
  ifZero(object: JsonObject, field: string, value: Json): void;
  /** Replaces what stands there. */
  put(object: JsonObject, field: string, value: Json): void;
  /** The struct or map in a field, made when unset. */
  within(object: JsonObject, field: string): JsonObject;
  /** Milliseconds since the epoch, cluster time. */
  now(): number;
}

/** Fills in the defaults of one object of a kind, in place. */
export type DefaultObject = (object: JsonObject) => void;

interface Plan {
  readonly rule: DefaultRule | undefined;
  readonly children: readonly { readonly name: string; readonly list: number; readonly plan: () => Plan }[];
}

/** The result compiles each definition on first use, and visits only what rules can touch. */
export function createDefaulter(
  schemas: Schemas,
  rules: DefaultRules,
  now: () => number,
): (definition: DefinitionName) => DefaultObject {
  const restoreOrder = createOrderer();
  const compiled = new Map<DefinitionName, DefaultObject>();
  const plans = new Map<StructType, Plan>();
  /** Whether a rule applies to a type or to anything in it. */
  const touched = new Map<StructType, boolean>();

  function isTouched(type: StructType): boolean {
    const known = touched.get(type);
    if (known !== undefined) return known;
    const reachable = new Set<StructType>();
    const answer = reaches(type, reachable, (found) => touched.get(found) === true || Object.hasOwn(rules, found.name));
    touched.set(type, answer);
    if (!answer) for (const found of reachable) touched.set(found, false);
    return answer;
  }

  function planOf(type: StructType): Plan {
    const known = plans.get(type);
    if (known !== undefined) return known;
    const children = [...type.fields.values()].flatMap(({ name, value }) => {
      const { of, list } = innermost(value);
      return of !== undefined && isTouched(of) ? [{ name, list, plan: () => planOf(of) }] : [];
    });
    const plan = { rule: Object.hasOwn(rules, type.name) ? rules[type.name] : undefined, children };
    plans.set(type, plan);
    return plan;
  }

  return (definition) => {
    const known = compiled.get(definition);
    if (known !== undefined) return known;
    const type = schemas.get(definition);
    const plan = planOf(type);
    const fill: DefaultObject = (object) => {
      const setter = new NotingSetter(now);
      apply(plan, object, setter);
      // New members came last: put them where Go prints them.
      if (setter.added) restoreOrder(object, type);
    };
    compiled.set(definition, fill);
    return fill;
  };
}

function apply(plan: Plan, object: JsonObject, setter: Setter): void {
  plan.rule?.(object, setter);
  for (const { name, list, plan: inner } of plan.children) {
    const value = object[name];
    if (value !== undefined && value !== null) descend(value, list, inner(), setter);
  }
}

function descend(value: Json, list: number, plan: Plan, setter: Setter): void {
  if (list === 0) {
    if (isObject(value)) apply(plan, value, setter);
  } else if (Array.isArray(value)) {
    for (const item of value) descend(item, list - 1, plan, setter);
  }
}

function innermost(type: ValueType): { of: StructType | undefined; list: number } {
  let list = 0;
  let inner = type;
  for (; inner.type === "list"; inner = inner.of) list++;
  return { of: inner.type === "struct" ? inner.of : undefined, list };
}

function reaches(type: StructType, seen: Set<StructType>, wanted: (type: StructType) => boolean): boolean {
  if (wanted(type)) return true;
  seen.add(type);
  for (const { value } of type.fields.values()) {
    const { of } = innermost(value);
    if (of !== undefined && !seen.has(of) && reaches(of, seen, wanted)) return true;
  }
  return false;
}

class NotingSetter implements Setter {
  added = false;
  readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  // Rules also set map keys that users chose, `constructor` among them.
  ifUnset(object: JsonObject, field: string, value: Json): void {
    if ((getOwn(object, field) ?? null) === null) this.put(object, field, value);
  }

  ifZero(object: JsonObject, field: string, value: Json): void {
    const given = getOwn(object, field);
    if (given === undefined || given === null || given === "" || given === 0 || given === false)
      this.put(object, field, value);
    else if (Array.isArray(given) && given.length === 0) this.put(object, field, value);
  }

  put(object: JsonObject, field: string, value: Json): void {
    if (!Object.hasOwn(object, field)) this.added = true;
    setOwn(object, field, value);
  }

  within(object: JsonObject, field: string): JsonObject {
    const given = object[field];
    if (isObject(given)) return given;
    const made: JsonObject = {};
    this.put(object, field, made);
    return made;
  }
}
