import type { Item, ListLiteral, MapLiteral, StructLiteral } from "../syntax/expression.ts";
import { assignable, resolve } from "../types/substitution.ts";
import { dynType, isDyn, listOf, mapOf, optionalOf, typeText, type Type } from "../types/type.ts";
import { checkExpression, expectType, fieldType, freshParameter, report, undeclared, type Check } from "./state.ts";

/** Items of several types make it a list of dyn; `homogeneous` refuses most of those. */
export function checkList(state: Check, list: ListLiteral): Type {
  let joined: Type | undefined;
  for (const item of list.items) joined = join(state, joined, checkItem(state, item));
  return listOf(joined ?? freshParameter(state));
}

export function checkMap(state: Check, map: MapLiteral): Type {
  let key: Type | undefined;
  let value: Type | undefined;
  for (const entry of map.entries) {
    key = join(state, key, checkExpression(state, entry.key));
    value = join(state, value, checkItem(state, entry));
  }
  return mapOf(key ?? freshParameter(state), value ?? freshParameter(state));
}

/** An optional item counts as what it holds. */
function checkItem(state: Check, { value, optional }: Item): Type {
  const type = checkExpression(state, value);
  if (!optional) return type;
  const found = resolve(state.substitution, type);
  if (found.type === "optional") return found.of;
  expectType(state, value.at, optionalOf(found), found);
  return isDyn(found) ? dynType : found;
}

function join(state: Check, joined: Type | undefined, next: Type): Type {
  if (joined === undefined) return next;
  if (isDyn(resolve(state.substitution, next))) return next;
  return assignable(state.substitution, joined, next) ? joined : dynType;
}

export function checkStruct(state: Check, struct: StructLiteral): Type {
  const type = state.declarations.structs(struct.name);
  if (type === undefined) {
    for (const field of struct.fields) checkExpression(state, field.value);
    return undeclared(state, struct.at, struct.name);
  }
  for (const field of struct.fields) {
    const value = checkItem(state, field);
    const declared = fieldType(state, field.at, type, field.name);
    if (!assignable(state.substitution, declared, value))
      report(
        state,
        field.at,
        `expected type of field '${field.name}' is '${typeText(declared)}' but provided type is '${typeText(value)}'`,
      );
  }
  return type;
}
