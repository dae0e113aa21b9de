import type { DeepReadonly, Json } from "../machinery/object.ts";

/**
 * The Common Expression Language as Kubernetes speaks it: its types, libraries, cost estimate and budget.
 * https://kubernetes.io/docs/reference/using-api/cel/
 */

export type CelType =
  | { readonly type: "bool" | "int" | "uint" | "double" | "null" }
  /** `maxBytes` serves the cost estimate, too: 4 for each character that a schema's maxLength allows. */
  | { readonly type: "string" | "bytes"; readonly maxBytes?: number }
  /** Texts in JSON. Without `maxBytes` 32, as of a date and time; a date has 12. */
  | { readonly type: "timestamp" | "duration"; readonly maxBytes?: number }
  /** Checked when it is evaluated. */
  | { readonly type: "dyn" }
  /** `maxItems` and `maxBytes` only serve the cost estimate; undefined: as many as a request can hold. */
  | { readonly type: "list"; readonly of: CelType; readonly maxItems?: number }
  /** Without `key`: strings, which all keys of JSON are. */
  | { readonly type: "map"; readonly key?: CelType; readonly of: CelType; readonly maxItems?: number }
  /** A JSON object with known fields; another field is a compile error. */
  | { readonly type: "object"; readonly of: CelObjectType }
  | { readonly type: "optional"; readonly of: CelType }
  /** A type of a Kubernetes library, such as `kubernetes.Quantity` or `kubernetes.authorization.Authorizer`. */
  | { readonly type: "opaque"; readonly name: string };

export interface CelObjectType {
  /** For messages: `Object.spec`. */
  readonly name: string;
  /** By the name that expressions use (escaped). Undefined: no such field. Made on demand: types may hold themselves. */
  field(name: string): CelField | undefined;
  /** Shortest JSON in bytes, which bounds how many a request can hold: 2, and name + value + 4 for each required field. */
  readonly minBytes?: number;
}

export interface CelField {
  readonly type: CelType;
  /** The member's name in JSON, before escaping. */
  readonly jsonName: string;
  /** Longest text in bytes, for the cost estimate. */
  readonly maxBytes?: number;
}

/** What a variable holds: parsed JSON that is read as its declared type says, or a value of an opaque type. */
export type CelInput = DeepReadonly<Json> | object | undefined;

export interface CelEnvironment {
  /** Throws CelError with every issue of parsing and type checking, in upstream's words. */
  compile(text: string, options?: { readonly returns?: readonly CelType[] }): CelProgram;
}

export interface CelProgram {
  readonly text: string;
  readonly returns: CelType;
  /** Variables that the expression names. */
  readonly variables: ReadonlySet<string>;
  /** Worst case, in upstream's cost units; Infinity where a size has no bound. */
  estimatedCost(): number;
  /**
   * Answers text, booleans, null and doubles (number) as they are, ints as bigint, and other values as objects of `values/`:
   * they may be another expression's input, and `plainJson` turns them into JSON.
   * Throws CelError when the evaluation fails, and CelBudgetError when the budget is used up.
   */
  evaluate(variables: Readonly<Record<string, CelInput>>, budget: CelBudget): unknown;
}

/** Cost units that may still be spent; shared by all expressions of one request or object. */
export interface CelBudget {
  remaining: bigint | number;
}

export class CelError extends Error {
  override readonly name = "CelError";
}

/** What was compiled cannot be run: upstream says `program instantiation failed`, not `compilation failed`. */
export class CelProgramError extends CelError {}

export class CelBudgetError extends CelError {
  /** What was used up: the share of one expression, or the budget that it has in common with others. */
  readonly limit: "expression" | "budget";

  constructor(limit: "expression" | "budget") {
    super("operation cancelled: actual cost limit exceeded");
    this.limit = limit;
  }
}
