import type { CapacityRequestPolicy, CapacityRequestPolicyRange } from "../generated/types/resource-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, required } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { parseQuantity } from "../machinery/quantity.ts";
import { validateList } from "./device-lists.ts";

const mostValues = 10;

type Policy = DeepReadonly<CapacityRequestPolicy>;

/** Which parts of a device's capacity may be asked for: some values, or a range. `capacity` is all of it. */
export function validateRequestPolicy(capacity: string, policy: Policy, path: string): FieldError[] {
  const { validValues = [], validRange, default: usual } = policy;
  if (validValues.length > 0 && validRange !== undefined) {
    const detail = 'cannot specify "validValues" and "validRange" at the same time';
    return [forbidden(path, `exactly one policy can be specified, ${detail}`)];
  }
  if (validValues.length === 0 && validRange === undefined) return [];
  const kind = validRange === undefined ? "validValues" : "validRange";
  if (usual === undefined) return [required(`${path}.default`, `required when ${kind} is defined`)];
  return validRange === undefined
    ? validateValues({ usual, capacity }, validValues, `${path}.validValues`)
    : validateRange({ usual, capacity }, validRange, `${path}.validRange`);
}

interface Amounts {
  /** What is taken where nothing is asked for. */
  readonly usual: string;
  readonly capacity: string;
}

/** Texts are canonical quantities here: decoding has seen to it. */
function nano(text: string): bigint {
  return parseQuantity(text).nano;
}

function validateValues({ usual, capacity }: Amounts, values: readonly string[], path: string): FieldError[] {
  const findings = values.flatMap((value, index) => {
    const before = values[index - 1];
    if (before === undefined || nano(before) <= nano(value)) return [];
    return [bad(`${path}[${index}]`, value, "values must be sorted in ascending order")];
  });
  findings.push(
    ...validateList(values, path, {
      most: mostValues,
      item: (value, at) =>
        nano(value) > nano(capacity) ? [bad(at, value, `option is larger than capacity value: ${capacity}`)] : [],
      key: (value) => String(nano(value)),
    }),
  );
  if (!values.some((value) => nano(value) === nano(usual)))
    findings.push(bad(path, usual, "default value is not valid according to the requestPolicy"));
  return findings;
}

function validateRange(
  { usual, capacity }: Amounts,
  { min, max, step }: DeepReadonly<CapacityRequestPolicyRange>,
  path: string,
): FieldError[] {
  const findings: FieldError[] = [];
  const refuse = (when: boolean, field: string, value: string, detail: string): void => {
    if (when) findings.push(bad(`${path}.${field}`, value, detail));
  };
  refuse(nano(min) > nano(capacity), "min", min, `min is larger than capacity value: ${capacity}`);
  refuse(nano(usual) < nano(min), "default", usual, `default is less than min: ${min}`);
  if (max !== undefined) {
    refuse(nano(min) > nano(max), "max", min, `min is larger than max: ${max}`);
    refuse(nano(max) > nano(capacity), "max", max, `max is larger than capacity value: ${capacity}`);
    refuse(nano(usual) > nano(max), "default", usual, `default is more than max: ${max}`);
  }
  if (step === undefined) return findings;
  if (nano(step) <= 0n) return [...findings, bad(`${path}.step`, step, "must be greater than zero")];
  for (const value of max === undefined ? [usual] : [usual, max])
    refuse(
      (nano(value) - nano(min)) % nano(step) !== 0n,
      "step",
      value,
      `value is not a multiple of a given step (${step}) from (${min})`,
    );
  return findings;
}
