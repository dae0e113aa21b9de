import { CelError } from "../cel.ts";
import type { ResolvedCall } from "../check/checked.ts";
import { actualSize } from "../cost/actual-size.ts";
import { traversal } from "../cost/factors.ts";
import { asBool, asOptional, noSuchOverload, type Overload } from "../library/overload.ts";
import type { Call, Expression } from "../syntax/expression.ts";
import { isDyn } from "../types/type.ts";
import { equal } from "../values/equality.ts";
import { BuiltList, ListValue } from "../values/list.ts";
import { MapValue } from "../values/map.ts";
import { OpaqueValue, type Value } from "../values/value.ts";
import { countMade, recoverable, spend, type Frame, type Step } from "./frame.ts";
import { accepts } from "./kinds.ts";
import { constantOf, plan, type Plan } from "./context.ts";

export function planCall(context: Plan, call: Call): Step {
  const resolved = context.checked.calls.get(call);
  if (resolved === undefined) throw noSuchOverload();
  return planSpecial(context, resolved) ?? planOrdinary(context, resolved);
}

/** Functions that do not evaluate all their arguments, or that cost otherwise. */
function planSpecial(context: Plan, { name, args }: ResolvedCall): Step | undefined {
  const [first, second] = args;
  if (first === undefined || second === undefined) return undefined;
  switch (name) {
    case "_&&_":
      return planLogical(plan(context, first), plan(context, second), false);
    case "_||_":
      return planLogical(plan(context, first), plan(context, second), true);
    case "_==_":
      return planEquality(plan(context, first), plan(context, second), true);
    case "_!=_":
      return planEquality(plan(context, first), plan(context, second), false);
    case "orValue":
    case "or":
      return planOr(plan(context, first), plan(context, second), name);
    case "@in":
      return planConstantIn(context, first, second);
    default:
      return undefined;
  }
}

/** Either side may decide, also when the other one fails. */
function planLogical(left: Step, right: Step, decisive: boolean): Step {
  return (frame) => {
    let failed: CelError | undefined;
    try {
      if (asBool(left(frame)) === decisive) return decisive;
    } catch (thrown) {
      failed = recoverable(thrown);
    }
    if (failed === undefined) return asBool(right(frame));
    try {
      if (asBool(right(frame)) === decisive) return decisive;
    } catch (thrown) {
      recoverable(thrown);
    }
    throw failed;
  };
}

function planEquality(left: Step, right: Step, equals: boolean): Step {
  return (frame) => {
    const a = left(frame);
    const b = right(frame);
    const size = a instanceof OpaqueValue ? 1 : Math.min(actualSize(a), actualSize(b));
    spend(frame, Math.ceil(size * traversal));
    return equal(a, b) === equals;
  };
}

function planOr(left: Step, right: Step, name: "or" | "orValue"): Step {
  return (frame) => {
    const optional = asOptional(left(frame));
    if (optional.value === undefined) return right(frame);
    return name === "or" ? optional : optional.value;
  };
}

/** To look into a constant list costs nothing. */
function planConstantIn(context: Plan, item: Expression, list: Expression): Step | undefined {
  const constant = list.kind === "list" ? constantOf(context, list) : undefined;
  if (!(constant instanceof BuiltList)) return undefined;
  const search = plan(context, item);
  const texts = new Set(constant.items);
  if (constant.items.every((known) => typeof known === "string")) return (frame) => texts.has(search(frame));
  return (frame) => {
    const value = search(frame);
    return constant.items.some((known) => equal(known, value));
  };
}

function planOrdinary(context: Plan, { name, args, overloads }: ResolvedCall): Step {
  const steps = args.map((arg) => plan(context, arg));
  const [only] = overloads;
  if (only === undefined) throw noSuchOverload();
  const dynamic = args.some((arg) => isDyn(context.checked.types.get(arg) ?? { type: "dyn" }));
  if (overloads.length === 1 && !dynamic) return planOverload(only, steps);
  return planDispatch(name, overloads, steps);
}

/** With what it remembers at this place. */
function atSite(overload: Overload): Overload {
  return overload.site === undefined ? overload : { ...overload, call: overload.site() };
}

function planOverload(declared: Overload, steps: readonly Step[]): Step {
  const overload = atSite(declared);
  const [first, second] = steps;
  if (first !== undefined && second === undefined)
    return (frame) => finish(frame, overload, [first(frame), null, null, null]);
  if (first !== undefined && second !== undefined && steps.length === 2)
    return (frame) => finish(frame, overload, [first(frame), second(frame), null, null]);
  return (frame) => finish(frame, overload, evaluateAll(frame, steps));
}

function planDispatch(name: string, overloads: readonly Overload[], steps: readonly Step[]): Step {
  // Upstream does not know which operator it was, and takes one unit for it.
  const uncounted = overloads.length > 1 && /^[_@]/.test(name);
  const choices = overloads.map((overload) => ({
    overload: uncounted ? { ...overload, cost: () => 1 } : atSite(overload),
    accepts: overload.params.map((param) => accepts(param)),
  }));
  return (frame) => {
    const args = evaluateAll(frame, steps);
    const chosen = choices.find((choice) => choice.accepts.every((fits, place) => fits(args[place] ?? null)));
    if (chosen === undefined) throw noOverload(name, overloads, args[0]);
    return finish(frame, chosen.overload, args);
  };
}

/** Upstream names the function only where the first argument cannot have it at all. */
function noOverload(name: string, overloads: readonly Overload[], first: Value): CelError {
  const composite = first === null || first instanceof ListValue || first instanceof MapValue || name === "size";
  return overloads.length > 1 && composite ? new CelError(`no such overload: ${name}`) : noSuchOverload();
}

type Arguments = readonly [Value, Value, Value, Value];

function evaluateAll(frame: Frame, steps: readonly Step[]): Arguments {
  const args: [Value, Value, Value, Value] = [null, null, null, null];
  steps.forEach((step, place) => {
    args[place] = step(frame);
  });
  return args;
}

function finish(frame: Frame, overload: Overload, args: Arguments): Value {
  const result = overload.call(args[0], args[1], args[2], args[3]);
  spend(frame, overload.cost === undefined ? 1 : overload.cost(args, result));
  if (typeof result === "string") countMade(frame, result.length);
  else if (result instanceof BuiltList) countMade(frame, 8 * result.size);
  return result;
}
