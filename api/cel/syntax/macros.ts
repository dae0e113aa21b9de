import { accumulator, type Call, type Comprehension, type Expression } from "./expression.ts";
import type { Issue } from "./issues.ts";

/**
 * Macros: calls that bind a name or look at their argument's shape.
 * https://github.com/google/cel-spec/blob/master/doc/langdef.md#macros
 */
interface Loop {
  readonly call: Call;
  readonly range: Expression;
  readonly variables: Comprehension["variables"];
  /** What follows the names. */
  readonly args: readonly Expression[];
}

interface Macro {
  /** How many names it binds. */
  readonly names: 1 | 2;
  readonly args: readonly number[];
  readonly expand: (loop: Loop) => Expression;
}

const macros: ReadonlyMap<string, readonly Macro[]> = new Map<string, readonly Macro[]>([
  [
    "all",
    [
      { names: 1, args: [1], expand: all },
      { names: 2, args: [1], expand: all },
    ],
  ],
  [
    "exists",
    [
      { names: 1, args: [1], expand: exists },
      { names: 2, args: [1], expand: exists },
    ],
  ],
  [
    "exists_one",
    [
      { names: 1, args: [1], expand: existsOne },
      { names: 2, args: [1], expand: existsOne },
    ],
  ],
  ["existsOne", [{ names: 2, args: [1], expand: existsOne }]],
  ["map", [{ names: 1, args: [1, 2], expand: mapItems }]],
  ["filter", [{ names: 1, args: [1], expand: filter }]],
  ["transformList", [{ names: 2, args: [1, 2], expand: mapItems }]],
  ["transformMap", [{ names: 2, args: [1, 2], expand: transformMap }]],
  ["transformMapEntry", [{ names: 2, args: [1, 2], expand: transformMapEntry }]],
  ["optMap", [{ names: 1, args: [1], expand: optMap }]],
  ["optFlatMap", [{ names: 1, args: [1], expand: optFlatMap }]],
  ["sortBy", [{ names: 1, args: [1], expand: sortBy }]],
]);

/** Undefined when the call is no macro. A macro that is used wrongly is an issue. */
export function expandMacro(call: Call, issues: Issue[]): Expression | undefined {
  if (call.target === undefined) return call.function === "has" ? expandHas(call, issues) : undefined;
  const { target, args } = call;
  const macro = macros.get(call.function)?.find(({ names, args: counts }) => counts.includes(args.length - names));
  if (macro === undefined) return undefined;
  const names = args.slice(0, macro.names).map((arg) => simpleName(call.function, arg, issues));
  const [first, second] = names;
  if (first === undefined || (macro.names === 2 && second === undefined)) return call;
  const variables = second === undefined ? ([first] as const) : ([first, second] as const);
  if (first === second) issues.push({ at: args[1]?.at ?? call.at, message: `duplicate variable name: ${first}` });
  return macro.expand({ call, range: target, variables, args: args.slice(macro.names) });
}

function simpleName(macro: string, arg: Expression, issues: Issue[]): string | undefined {
  if (arg.kind === "identifier") return arg.name;
  issues.push({ at: arg.at, message: badName(macro) });
  return undefined;
}

function badName(macro: string): string {
  if (macro === "map" || macro === "filter") return "argument is not an identifier";
  if (macro.startsWith("opt")) return `${macro}() variable name must be a simple identifier`;
  return "argument must be a simple name";
}

function expandHas(call: Call, issues: Issue[]): Expression | undefined {
  const [only] = call.args;
  if (only === undefined || call.args.length !== 1) return undefined;
  if (only.kind === "select" && !only.test) return { ...only, at: call.at, test: true };
  issues.push({ at: only.at, message: "invalid argument to has() macro" });
  return call;
}

const nothing: Expression = { kind: "literal", at: 0, value: null };

function arg(loop: Loop, place: number): Expression {
  return loop.args.at(place) ?? nothing;
}

function of(at: number, name: string, ...args: readonly Expression[]): Expression {
  return { kind: "call", at, function: name, target: undefined, args };
}

function carried(loop: Loop): Expression {
  return { kind: "identifier", at: loop.call.at, name: accumulator };
}

function constant(loop: Loop, value: boolean | bigint): Expression {
  return { kind: "literal", at: loop.call.at, value };
}

function fold(
  loop: Loop,
  parts: Pick<Comprehension, "initial" | "step"> & Partial<Pick<Comprehension, "condition" | "result">>,
): Expression {
  return {
    kind: "comprehension",
    at: loop.call.at,
    range: loop.range,
    variables: loop.variables,
    accumulator,
    condition: constant(loop, true),
    result: carried(loop),
    ...parts,
  };
}

function all(loop: Loop): Expression {
  const { at } = loop.call;
  return fold(loop, {
    initial: constant(loop, true),
    condition: of(at, "@not_strictly_false", carried(loop)),
    step: of(at, "_&&_", carried(loop), arg(loop, 0)),
  });
}

function exists(loop: Loop): Expression {
  const { at } = loop.call;
  return fold(loop, {
    initial: constant(loop, false),
    condition: of(at, "@not_strictly_false", of(at, "!_", carried(loop))),
    step: of(at, "_||_", carried(loop), arg(loop, 0)),
  });
}

function existsOne(loop: Loop): Expression {
  const { at } = loop.call;
  return fold(loop, {
    initial: constant(loop, 0n),
    step: of(at, "_?_:_", arg(loop, 0), of(at, "_+_", carried(loop), constant(loop, 1n)), carried(loop)),
    result: of(at, "_==_", carried(loop), constant(loop, 1n)),
  });
}

/** `step`, where the filter argument lets it. */
function filtered(loop: Loop, step: Expression): Expression {
  return loop.args.length < 2 ? step : of(loop.call.at, "_?_:_", arg(loop, 0), step, carried(loop));
}

function list(at: number, ...items: readonly Expression[]): Expression {
  return { kind: "list", at, items: items.map((value) => ({ value, optional: false })) };
}

function mapItems(loop: Loop): Expression {
  const { at } = loop.call;
  const step = of(at, "_+_", carried(loop), list(at, arg(loop, -1)));
  return fold(loop, { initial: list(at), step: filtered(loop, step) });
}

function filter(loop: Loop): Expression {
  const { at } = loop.call;
  const item: Expression = { kind: "identifier", at, name: loop.variables[0] };
  return fold(loop, {
    initial: list(at),
    step: of(at, "_?_:_", arg(loop, 0), of(at, "_+_", carried(loop), list(at, item)), carried(loop)),
  });
}

function transformMap(loop: Loop): Expression {
  const { at } = loop.call;
  const key: Expression = { kind: "identifier", at, name: loop.variables[0] };
  const step = of(at, "cel.@mapInsert", carried(loop), key, arg(loop, -1));
  return fold(loop, { initial: { kind: "map", at, entries: [] }, step: filtered(loop, step) });
}

function transformMapEntry(loop: Loop): Expression {
  const { at } = loop.call;
  const step = of(at, "cel.@mapInsert", carried(loop), arg(loop, -1));
  return fold(loop, { initial: { kind: "map", at, entries: [] }, step: filtered(loop, step) });
}

/** Binds a name without looping. */
function bind(at: number, name: string, value: Expression, result: Expression): Expression {
  return {
    kind: "comprehension",
    at,
    range: list(at),
    variables: ["#unused"],
    accumulator: name,
    initial: value,
    condition: { kind: "literal", at, value: false },
    step: { kind: "identifier", at, name },
    result,
  };
}

function optionalTo(loop: Loop, wrap: (mapped: Expression) => Expression): Expression {
  const { at } = loop.call;
  const on = (name: string): Expression => ({ kind: "call", at, function: name, target: loop.range, args: [] });
  const mapped = wrap(bind(at, loop.variables[0], on("value"), arg(loop, 0)));
  return of(at, "_?_:_", on("hasValue"), mapped, of(at, "optional.none"));
}

function optMap(loop: Loop): Expression {
  return optionalTo(loop, (mapped) => of(loop.call.at, "optional.of", mapped));
}

function optFlatMap(loop: Loop): Expression {
  return optionalTo(loop, (mapped) => mapped);
}

/** The target is evaluated once; its keys sort it. */
function sortBy(loop: Loop): Expression {
  const { at } = loop.call;
  const name = "@__sortBy_input__";
  const input: Expression = { kind: "identifier", at, name };
  const keys = mapItems({ ...loop, range: input });
  const sorted: Expression = { kind: "call", at, function: "@sortByAssociatedKeys", target: input, args: [keys] };
  return bind(at, name, loop.range, sorted);
}
