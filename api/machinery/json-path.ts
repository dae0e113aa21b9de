/**
 * Paths into an object, as printer columns have them: what kubectl writes between braces.
 * https://kubernetes.io/docs/reference/kubectl/jsonpath/
 *
 *     .spec.replicas   .spec['a.b']   .spec.a\.b   .items[0]   .items[-1]   .items[1:3]   .items[*]   .status.*
 *     .status.conditions[?(@.type=="Ready")].status   ..name   .spec['a','b']
 */
import type { DeepReadonly, Json } from "./object.ts";
import { isObject } from "./members.ts";

type Value = DeepReadonly<Json>;

/** All that a path finds; what is absent is found nowhere. Undefined where it asks what cannot be: an index out of bounds, a filter on no list. */
export type JsonPath = (root: unknown) => readonly Value[] | undefined;

export class JsonPathError extends Error {
  override readonly name = "JsonPathError";
}

/** From the values so far to the next. */
type Step = (values: readonly Value[]) => readonly Value[];

/** A question without an answer; it never leaves this file. */
class NoAnswer extends Error {}

const longestPath = 4096;

/** Throws JsonPathError. Made once for a path that is used often. */
export function compileJsonPath(text: string): JsonPath {
  if (text.length > longestPath) throw new JsonPathError(`longer than ${longestPath} characters`);
  const parser = new Parser(text);
  const steps = parser.steps();
  if (!parser.isAtEnd) throw parser.unexpected();
  return (root) => {
    try {
      return run(steps, [root as Value]);
    } catch (thrown) {
      if (thrown instanceof NoAnswer) return undefined;
      throw thrown;
    }
  };
}

function run(steps: readonly Step[], values: readonly Value[]): readonly Value[] {
  let current = values;
  for (const step of steps) current = step(current);
  return current;
}

/** Recursive descent; every rule consumes at least a character. */
class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  unexpected(): JsonPathError {
    return new JsonPathError(
      this.isAtEnd
        ? "unexpected end of the path"
        : `unexpected ${JSON.stringify(this.#text[this.#at])} at ${this.#at} of ${JSON.stringify(this.#text)}`,
    );
  }

  /** `.a[0]..b`; stops at what cannot go on a path. */
  steps(): readonly Step[] {
    if (++this.#depth > 16) throw new JsonPathError("filters are nested too deeply");
    const steps: Step[] = [];
    this.#take("$");
    for (;;) {
      if (this.#take("..")) {
        steps.push(everythingBelow);
        if (this.#peek("[")) continue;
        steps.push(this.#fieldOrWildcard());
      } else if (this.#take(".")) {
        if (!this.isAtEnd && !this.#peek("[")) steps.push(this.#fieldOrWildcard());
      } else if (this.#take("[")) steps.push(this.#bracket());
      else break;
    }
    this.#depth -= 1;
    return steps;
  }

  #fieldOrWildcard(): Step {
    if (this.#take("*")) return wildcard;
    const name = this.#match(/(?:\\.|[^\\.[\]()\s=!<>,?@$*'"{}])+/y);
    if (name === undefined) throw this.unexpected();
    return field(name.replaceAll(/\\(.)/g, "$1"));
  }

  /** What follows "[", up to its end. */
  #bracket(): Step {
    if (this.#take("?(")) {
      const filter = this.#filter();
      this.#expect(")");
      this.#expect("]");
      return filter;
    }
    const parts = [this.#part()];
    while (this.#take(",")) parts.push(this.#part());
    this.#expect("]");
    return parts.length === 1 ? (parts[0] ?? wildcard) : (values) => parts.flatMap((part) => part(values));
  }

  #part(): Step {
    this.#blanks();
    const part = this.#take("*") ? wildcard : (this.#quotedField() ?? this.#slice());
    this.#blanks();
    return part;
  }

  #quotedField(): Step | undefined {
    const name = this.#quoted();
    return name === undefined ? undefined : field(name);
  }

  #quoted(): string | undefined {
    const text = this.#match(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"/y);
    return text?.slice(1, -1).replaceAll(/\\(.)/g, "$1");
  }

  #slice(): Step {
    const text = this.#match(/-?\d{1,15}(?::(?:-?\d{1,15})?)?(?::\d{0,15})?|:(?:-?\d{1,15})?(?::\d{0,15})?/y);
    if (text === undefined) throw this.unexpected();
    const [first = "", end, step] = text.split(":");
    const from = first === "" ? 0 : Number(first);
    if (end === undefined) return items(from, from + 1, 1, from < 0);
    const stride = step === undefined || step === "" ? 1 : Number(step);
    if (stride === 0) throw new JsonPathError("a step must not be 0");
    return items(from, end === "" ? undefined : Number(end), stride, false);
  }

  /** `@.type=="Ready"`, `@.optional`. */
  #filter(): Step {
    const left = this.#operand();
    this.#blanks();
    const operator = this.#match(/==|!=|<=|>=|<|>/y);
    if (operator === undefined) return filtered((item) => left(item).length > 0);
    const right = this.#operand();
    const holds = comparisons[operator as keyof typeof comparisons];
    return filtered((item) => holds(only(left(item)), only(right(item))));
  }

  #operand(): (item: Value) => readonly Value[] {
    this.#blanks();
    const text = this.#quoted();
    if (text !== undefined) return constant(text);
    if (this.#take("@")) {
      const steps = this.steps();
      this.#blanks();
      return (item) => run(steps, [item]);
    }
    const word = this.#match(/true|false|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/y);
    if (word === undefined) throw this.unexpected();
    this.#blanks();
    return constant(word === "true" ? true : word === "false" ? false : Number(word));
  }

  #blanks(): void {
    this.#match(/\s+/y);
  }

  #peek(word: string): boolean {
    return this.#text.startsWith(word, this.#at);
  }

  #take(word: string): boolean {
    const is = this.#peek(word);
    if (is) this.#at += word.length;
    return is;
  }

  #expect(word: string): void {
    this.#blanks();
    if (!this.#take(word)) throw this.unexpected();
  }

  /** `pattern` is sticky. */
  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}

function constant(value: Value): () => readonly Value[] {
  return () => [value];
}

function field(name: string): Step {
  return (values) =>
    values.flatMap((value) => {
      const found = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
      return found === undefined ? [] : [found as Value];
    });
}

const wildcard: Step = (values) => values.flatMap(childrenOf);

function childrenOf(value: Value): readonly Value[] {
  if (Array.isArray(value)) return value as readonly Value[];
  return isObject(value) ? (Object.values(value).filter((child) => child !== undefined) as Value[]) : [];
}

/** The values themselves and all that they hold, from the top. */
const everythingBelow: Step = (values) => {
  const found: Value[] = [];
  const open = values.toReversed();
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const children = childrenOf(value);
    if (children.length === 0) continue;
    found.push(value);
    for (const child of children.toReversed()) open.push(child);
  }
  return found;
};

/** `end` is not among them; negative numbers count from the end. */
function items(from: number, end: number | undefined, stride: number, isLast: boolean): Step {
  return (values) =>
    values.flatMap((value) => {
      if (value === null) return [];
      if (!Array.isArray(value)) throw new NoAnswer();
      const length = value.length;
      const first = from < 0 ? from + length : from;
      const behind = end === undefined || (isLast && end === 0) ? length : end < 0 ? end + length : end;
      if (first < 0 || (first !== behind && (first >= length || behind > length))) throw new NoAnswer();
      return (value as readonly Value[]).slice(first, behind).filter((_, index) => index % stride === 0);
    });
}

function filtered(keeps: (item: Value) => boolean): Step {
  return (values) =>
    values.flatMap((value) => {
      if (!Array.isArray(value)) throw new NoAnswer();
      return (value as readonly Value[]).filter(keeps);
    });
}

function only(values: readonly Value[]): Value {
  const [value] = values;
  if (value === undefined || values.length > 1) throw new NoAnswer();
  return value;
}

const comparisons = {
  "==": (a: Value, b: Value) => same(a, b),
  "!=": (a: Value, b: Value) => !same(a, b),
  "<": (a: Value, b: Value) => order(a, b) < 0,
  ">": (a: Value, b: Value) => order(a, b) > 0,
  "<=": (a: Value, b: Value) => order(a, b) <= 0,
  ">=": (a: Value, b: Value) => order(a, b) >= 0,
} as const;

/** Only scalars of one sort can be compared. */
function same(a: Value, b: Value): boolean {
  if (isNumber(a) && isNumber(b)) return Number(a) === Number(b);
  if (typeof a !== typeof b || typeof a === "object") throw new NoAnswer();
  return a === b;
}

function order(a: Value, b: Value): number {
  if (isNumber(a) && isNumber(b)) return Number(a) - Number(b);
  if (typeof a !== "string" || typeof b !== "string") throw new NoAnswer();
  return a < b ? -1 : a > b ? 1 : 0;
}

function isNumber(value: Value): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}
