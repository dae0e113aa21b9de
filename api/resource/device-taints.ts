import type { DeviceTaint, DeviceToleration } from "../generated/types/resource-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, named, required } from "../machinery/findings.ts";
import { labelKey, labelValue } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { validateList } from "./device-lists.ts";

const most = { tolerations: 16, conditions: 4 };

export function validateTolerations(
  tolerations: readonly DeepReadonly<DeviceToleration>[] | undefined,
  path: string,
): FieldError[] {
  return validateList(tolerations, path, { most: most.tolerations, item: validateToleration });
}

function validateToleration(
  { key = "", operator = "", value = "" }: DeepReadonly<DeviceToleration>,
  path: string,
): FieldError[] {
  const findings = key === "" ? [] : named(`${path}.key`, key, labelKey(key));
  if (operator === "") findings.push(required(`${path}.operator`));
  if (operator === "Exists" && value !== "")
    findings.push(bad(`${path}.value`, value, "must be empty for operator `Exists`"));
  if (operator === "Equal") findings.push(...named(`${path}.value`, value, labelValue(value)));
  return findings;
}

export function validateTaint({ key, value = "", effect }: DeepReadonly<DeviceTaint>, path: string): FieldError[] {
  return [
    ...named(`${path}.key`, key, labelKey(key)),
    ...(value === "" ? [] : named(`${path}.value`, value, labelValue(value))),
    ...(effect ? [] : [required(`${path}.effect`)]),
  ];
}

interface Binding {
  readonly bindingConditions?: readonly string[];
  readonly bindingFailureConditions?: readonly string[];
}

/** What must become true before a pod is bound, and what ends the hope of it: one is of no use without the other. */
export function validateBinding(
  { bindingConditions: ready = [], bindingFailureConditions: failed = [] }: Binding,
  path: string,
): FieldError[] {
  const [readyPath, failedPath] = [`${path}.bindingConditions`, `${path}.bindingFailureConditions`];
  const findings = [...validateConditions(ready, readyPath), ...validateConditions(failed, failedPath)];
  for (const [index, condition] of failed.entries()) {
    if (!ready.includes(condition)) continue;
    const detail = "bindingFailureConditions must not overlap with bindingConditions";
    findings.push(bad(`${failedPath}[${index}]`, condition, detail));
  }
  if (ready.length === 0 && failed.length > 0)
    findings.push(bad(readyPath, ready, "bindingConditions are required to use bindingFailureConditions"));
  if (failed.length === 0 && ready.length > 0)
    findings.push(bad(failedPath, failed, "bindingFailureConditions are required to use bindingConditions"));
  return findings;
}

function validateConditions(conditions: readonly string[], path: string): FieldError[] {
  return [
    ...validateList(conditions, path, { most: most.conditions, item: (type, at) => named(at, type, labelKey(type)) }),
    ...conditions.flatMap((type, index) =>
      conditions.indexOf(type) === index ? [] : [duplicate(`${path}[${index}]`, type)],
    ),
  ];
}
