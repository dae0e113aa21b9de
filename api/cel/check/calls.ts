import type { Overload } from "../library/overload.ts";
import { dottedName, type Call, type Expression } from "../syntax/expression.ts";
import { assignable, freshen, resolve, substitute, Substitution } from "../types/substitution.ts";
import { boolType, dynType, isDyn, optionalOf, typeText, type Type } from "../types/type.ts";
import { checkExpression, expectType, fieldType, report, undeclared, type Check } from "./state.ts";

export function checkCall(state: Check, call: Call): Type {
  if (call.function === "_?._") return checkOptionalSelect(state, call);
  const namespaced = qualified(state, call);
  const name = namespaced ?? call.function;
  const target = namespaced === undefined ? call.target : undefined;
  const args = target === undefined ? call.args : [target, ...call.args];
  const declared = state.declarations.functions.get(name);
  // Upstream looks at the target, then at the function, then at the arguments.
  if (declared === undefined) {
    args.forEach((arg) => checkExpression(state, arg));
    return undeclared(state, call.at, name);
  }
  const types = args.map((arg) => checkExpression(state, arg));
  if (name === "_&&_" || name === "_||_") return checkLogical(state, call, name, types, declared);
  return resolveCall(state, { call, name, args, types, member: target !== undefined }, declared);
}

/** `namespace.function(…)`, where there is such a function. */
function qualified(state: Check, call: Call): string | undefined {
  const namespace = call.target === undefined ? undefined : dottedName(call.target);
  const name = `${namespace}.${call.function}`;
  return namespace !== undefined && state.declarations.functions.has(name) ? name : undefined;
}

function checkLogical(
  state: Check,
  call: Call,
  name: string,
  types: readonly Type[],
  overloads: readonly Overload[],
): Type {
  types.forEach((type, place) => expectType(state, call.args[place]?.at ?? call.at, boolType, type));
  state.calls.set(call, { name, args: call.args, overloads, member: false });
  return boolType;
}

/** `operand.?field` */
function checkOptionalSelect(state: Check, call: Call): Type {
  const [operand, field] = call.args;
  if (operand === undefined || field?.kind !== "literal" || typeof field.value !== "string") return dynType;
  checkExpression(state, field);
  const operandType = resolve(state.substitution, checkExpression(state, operand));
  const type = fieldType(state, call.at, operandType, field.value);
  state.calls.set(call, { name: "_?._", args: call.args, overloads: [], member: false });
  return resolve(state.substitution, type).type === "optional" ? type : optionalOf(type);
}

interface Called {
  readonly call: Call;
  readonly name: string;
  readonly args: readonly Expression[];
  readonly types: readonly Type[];
  readonly member: boolean;
}

function resolveCall(state: Check, called: Called, declared: readonly Overload[]): Type {
  const overloads: Overload[] = [];
  let result: Type | undefined;
  for (const overload of declared) {
    if (overload.member !== called.member || overload.params.length !== called.types.length) continue;
    const found = matchOverload(state, overload, called.types);
    if (found === undefined) continue;
    overloads.push(overload);
    result = result === undefined || sameType(state, result, found) ? (result ?? found) : dynType;
  }
  if (result === undefined) return noMatch(state, called);
  state.calls.set(called.call, { name: called.name, args: called.args, overloads, member: called.member });
  return result;
}

/** The result's type. Only a match leaves its marks on the parameters. */
function matchOverload(state: Check, overload: Overload, types: readonly Type[]): Type | undefined {
  const suffix = `@${state.parameters++}`;
  const trial = new Substitution(state.substitution);
  const fits = overload.params.every((param, place) =>
    assignable(trial, freshen(param, suffix), types[place] ?? dynType),
  );
  if (!fits) return undefined;
  trial.keep();
  return substitute(trial, freshen(overload.result, suffix), "keep");
}

function sameType(state: Check, a: Type, b: Type): boolean {
  const text = (type: Type): string => typeText(substitute(state.substitution, type, "dyn"));
  return isDyn(a) === isDyn(b) && text(a) === text(b);
}

function noMatch(state: Check, { call, name, types, member }: Called): Type {
  if (types.some((type) => resolve(state.substitution, type).type === "error")) return { type: "error" };
  const texts = types.map((type) => typeText(substitute(state.substitution, type, "keep")));
  const applied = member ? `${texts[0]}.(${texts.slice(1).join(", ")})` : `(${texts.join(", ")})`;
  return report(state, call.at, `found no matching overload for '${name}' applied to '${applied}'`);
}
