import { dynType, isDyn, keyOf, type Type } from "./type.ts";

/** What type parameters stand for, by name. A trial is one inside another, kept only if it succeeds. */
export class Substitution {
  readonly #own = new Map<string, Type>();
  readonly #outer: Substitution | undefined;

  constructor(outer?: Substitution) {
    this.#outer = outer;
  }

  get(name: string): Type | undefined {
    return this.#own.get(name) ?? this.#outer?.get(name);
  }

  set(name: string, type: Type): void {
    this.#own.set(name, type);
  }

  keep(): void {
    for (const [name, type] of this.#own) this.#outer?.set(name, type);
  }
}

/** Whether a value of type `from` may go where `to` is asked for; learns what parameters stand for, also when it fails. */
export function assignable(substitution: Substitution, to: Type, from: Type): boolean {
  const target = resolve(substitution, to);
  const source = resolve(substitution, from);
  if (target === source || isDyn(target) || isDyn(source)) return true;
  if (target.type === "parameter") return bindParameter(substitution, target, source);
  if (source.type === "parameter") return bindParameter(substitution, source, target);
  if (source.type === "null" && acceptsNull(target)) return true;
  return sameShape(substitution, target, source);
}

function sameShape(substitution: Substitution, target: Type, source: Type): boolean {
  if (target.type === "list" && source.type === "list") return assignable(substitution, target.of, source.of);
  if (target.type === "map" && source.type === "map")
    return assignable(substitution, keyOf(target), keyOf(source)) && assignable(substitution, target.of, source.of);
  if (target.type === "optional" && source.type === "optional") return assignable(substitution, target.of, source.of);
  if (target.type === "object" && source.type === "object") return target.of.name === source.of.name;
  if (target.type === "opaque" && source.type === "opaque") return target.name === source.name;
  return target.type === source.type;
}

function acceptsNull(target: Type): boolean {
  return ["object", "opaque", "timestamp", "duration"].includes(target.type);
}

function bindParameter(substitution: Substitution, to: Extract<Type, { type: "parameter" }>, type: Type): boolean {
  if (type.type === "parameter" && type.name === to.name) return true;
  if (mentions(substitution, type, to.name)) return false;
  substitution.set(to.name, type);
  return true;
}

function mentions(substitution: Substitution, type: Type, name: string): boolean {
  const found = resolve(substitution, type);
  if (found.type === "parameter") return found.name === name;
  if (found.type === "map") return mentions(substitution, keyOf(found), name) || mentions(substitution, found.of, name);
  if (found.type === "list" || found.type === "optional" || found.type === "type")
    return mentions(substitution, found.of, name);
  return false;
}

/** What a parameter stands for so far. */
export function resolve(substitution: Substitution, type: Type): Type {
  let found = type;
  while (found.type === "parameter") {
    const next = substitution.get(found.name);
    if (next === undefined) return found;
    found = next;
  }
  return found;
}

/** Replaces parameters throughout; `free`: those that stand for nothing become dyn. */
export function substitute(substitution: Substitution, type: Type, free: "dyn" | "keep"): Type {
  const found = resolve(substitution, type);
  switch (found.type) {
    case "parameter":
      return free === "dyn" ? dynType : found;
    case "list":
    case "optional":
    case "type": {
      const of = substitute(substitution, found.of, free);
      return of === found.of ? found : { ...found, of };
    }
    case "map": {
      const key = substitute(substitution, keyOf(found), free);
      const of = substitute(substitution, found.of, free);
      return of === found.of && key === keyOf(found) ? found : { ...found, key, of };
    }
    case "bool":
    case "int":
    case "uint":
    case "double":
    case "string":
    case "bytes":
    case "timestamp":
    case "duration":
    case "null":
    case "dyn":
    case "object":
    case "opaque":
    case "error":
      return found;
  }
}

/** Renames the parameters of a declaration, so that each call has its own. */
export function freshen(type: Type, suffix: string): Type {
  switch (type.type) {
    case "parameter":
      return { type: "parameter", name: `${type.name}${suffix}` };
    case "map":
      return { type: "map", key: freshen(keyOf(type), suffix), of: freshen(type.of, suffix) };
    case "list":
      return { type: "list", of: freshen(type.of, suffix) };
    case "optional":
      return { type: "optional", of: freshen(type.of, suffix) };
    case "type":
      return { type: "type", of: freshen(type.of, suffix) };
    case "bool":
    case "int":
    case "uint":
    case "double":
    case "string":
    case "bytes":
    case "timestamp":
    case "duration":
    case "null":
    case "dyn":
    case "object":
    case "opaque":
    case "error":
      return type;
  }
}
