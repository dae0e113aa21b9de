import { describe, expect, it } from "vitest";
import { stringifyJson } from "../machinery/json.ts";
import { CelError, type CelInput, type CelType } from "./cel.ts";
import { createCelEnvironment } from "./environment.ts";
import { plainJson } from "./values/plain.ts";
import { MapValue } from "./values/map.ts";
import { OpaqueValue, TypeValue, type Value } from "./values/value.ts";

/** The variables that the tables' expressions use. */
const variables: Readonly<Record<string, CelType>> = {
  s: { type: "string" },
  t: { type: "string" },
  du: { type: "string" },
  i: { type: "int" },
  b: { type: "bool" },
  d: { type: "double" },
  l: { type: "list", of: { type: "int" } },
  n: { type: "list", of: { type: "int" } },
  ls: { type: "list", of: { type: "string" } },
  m: { type: "map", of: { type: "int" } },
  o: { type: "dyn" },
  self: { type: "dyn" },
};

const inputs: Readonly<Record<string, CelInput>> = {
  s: "hello w\u00f6rld \u{1f600}",
  t: "2023-03-04T05:06:07.123456789Z",
  du: "1h30m",
  i: 5,
  b: true,
  d: 1.5,
  l: [3, 1, 2],
  n: [],
  ls: ["b", "a", "c"],
  m: { k: 1 },
  o: { a: 1, b: "x", c: null, d: [1, 2.5, "z"], n: 9007199254740993n },
  self: { a: { b: 1 }, c: 2, s: "hello", l: [1, 2, 3], m: { k: "v" } },
};

/** What an expression of the tables answers: JSON, a name for what has none, or `error: …`; and what that has cost. */
function run(text: string): { readonly result: string; readonly cost: number } {
  const budget = { remaining: 10_000_000 };
  const result = answer(() => {
    const program = createCelEnvironment({ variables }).compile(text);
    return program.evaluate(inputs, budget) as Value;
  });
  return { result, cost: 10_000_000 - budget.remaining };
}

function answer(evaluate: () => Value): string {
  try {
    return shown(evaluate());
  } catch (thrown) {
    if (thrown instanceof CelError) return `error: ${thrown.message}`;
    throw thrown;
  }
}

function shown(value: Value): string {
  if (value instanceof TypeValue || value instanceof OpaqueValue) return value.typeName;
  if (value instanceof MapValue && [...value.keys()].some((key) => typeof key !== "string"))
    return `{${[...value.keys()].map((key) => `${shown(key)}: ${shown(value.get(key) ?? null)}`).join(", ")}}`;
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return stringifyJson(plainJson(value));
}

/** Rows as a real API server of 1.36 answers them; the cost is left out where an error ends the evaluation. */
export type Row = readonly [text: string, result: string, cost?: number];

export function itAnswers(name: string, rows: readonly Row[]): void {
  describe(name, () => {
    for (const [text, result, cost] of rows)
      it(text, () => {
        const answered = run(text);
        expect(answered.result).toBe(result);
        if (cost !== undefined) expect(answered.cost).toBe(cost);
      });
  });
}
