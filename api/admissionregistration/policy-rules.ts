import type {
  MatchCondition,
  MatchResources,
  NamedRuleWithOperations,
  ParamKind,
  ParamRef,
  Variable,
} from "../generated/types/admissionregistration-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import {
  bad,
  duplicate,
  forbidden,
  named,
  required,
  requiredName,
  tooMany,
  unsupported,
} from "../machinery/findings.ts";
import { validateLabelSelector } from "../machinery/label-validation.ts";
import { cIdentifier, labelKey, pathSegment } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { validateRule } from "./request-rules.ts";

/** What validating and mutating policies have in common. Whether expressions compile is told in `expressions.ts`. */
export function validateFailurePolicy(policy: string | undefined, path: string): FieldError[] {
  if (!policy) return [required(path)];
  return policy === "Fail" || policy === "Ignore" ? [] : [unsupported(path, policy, ["Fail", "Ignore"])];
}

export function validateParamKind(kind: DeepReadonly<ParamKind> | undefined, path: string): FieldError[] {
  if (kind === undefined) return [];
  const { apiVersion = "" } = kind;
  return [
    ...(apiVersion === "" ? [required(`${path}.apiVersion`)] : []),
    ...(apiVersion.split("/").length > 2
      ? [bad(`${path}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)]
      : []),
    ...(kind.kind ? [] : [required(`${path}.kind`)]),
  ];
}

/** A policy must say which requests it is about; a binding may narrow them down. */
export function validateMatchConstraints(match: DeepReadonly<MatchResources> | undefined, path: string): FieldError[] {
  if (match === undefined) return [required(path)];
  const none = (match.resourceRules ?? []).length === 0 ? [required(`${path}.resourceRules`)] : [];
  return [...none, ...validateMatchResources(match, path)];
}

export function validateMatchResources(match: DeepReadonly<MatchResources> | undefined, path: string): FieldError[] {
  if (match === undefined) return [];
  const policy = match.matchPolicy ?? "";
  return [
    ...(policy === "" ? [required(`${path}.matchPolicy`)] : []),
    ...(policy === "" || policy === "Equivalent" || policy === "Exact"
      ? []
      : [unsupported(`${path}.matchPolicy`, policy, ["Equivalent", "Exact"])]),
    ...validateLabelSelector(match.namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(match.objectSelector, `${path}.objectSelector`),
    ...(match.resourceRules ?? []).flatMap((rule, index) => validateNamedRule(rule, `${path}.resourceRules[${index}]`)),
    ...(match.excludeResourceRules ?? []).flatMap((rule, index) =>
      validateNamedRule(rule, `${path}.excludeResourceRules[${index}]`),
    ),
  ];
}

/** A rule that may be about some objects only. */
function validateNamedRule(rule: DeepReadonly<NamedRuleWithOperations>, path: string): FieldError[] {
  const names = rule.resourceNames ?? [];
  const ofNames = names.flatMap((name, index) => [
    ...named(`${path}.resourceNames[${index}]`, name, pathSegment(name)),
    ...(names.indexOf(name) === index ? [] : [duplicate(`${path}.resourceNames[${index}]`, name)]),
  ]);
  return [...ofNames, ...validateRule(rule, path)];
}

const mostConditions = 64;

export function validateMatchConditions(
  conditions: readonly DeepReadonly<MatchCondition>[],
  path: string,
): FieldError[] {
  const findings: FieldError[] = [];
  if (conditions.length > mostConditions) findings.push(tooMany(path, conditions.length, mostConditions));
  const seen = new Set<string>();
  for (const [index, { name, expression }] of conditions.entries()) {
    const at = `${path}[${index}]`;
    if ((expression ?? "").trim() === "") findings.push(required(`${at}.expression`));
    findings.push(...requiredName(`${at}.name`, name, labelKey));
    if (seen.has(name)) findings.push(duplicate(`${at}.name`, name));
    seen.add(name);
  }
  return findings;
}

export function validateVariables(variables: readonly DeepReadonly<Variable>[], path: string): FieldError[] {
  const seen = new Set<string>();
  const findings: FieldError[] = [];
  for (const [index, { name, expression }] of variables.entries()) {
    const at = `${path}[${index}]`;
    if (!name) findings.push(required(`${at}.name`, "name is not specified"));
    else if (cIdentifier(name).length > 0) findings.push(bad(`${at}.name`, name, "name is not a valid CEL identifier"));
    if (seen.has(name)) findings.push(duplicate(`${at}.name`, name));
    seen.add(name);
    if ((expression ?? "").trim() === "") findings.push(required(`${at}.expression`, "expression is not specified"));
  }
  return findings;
}

export function validateParamRef(ref: DeepReadonly<ParamRef> | undefined, path: string): FieldError[] {
  if (ref === undefined) return [];
  const { name = "", selector, parameterNotFoundAction: action } = ref;
  const findings: FieldError[] = [];
  if (name !== "") {
    findings.push(...named(`${path}.name`, name, pathSegment(name)));
    if (selector !== undefined) findings.push(forbidden(`${path}.name`, "name and selector are mutually exclusive"));
  } else if (selector === undefined) {
    findings.push(required(path, "one of name or selector must be specified"));
  }
  findings.push(...validateLabelSelector(selector, `${path}.selector`));
  if (action === undefined) findings.push(required(`${path}.parameterNotFoundAction`));
  else if (action !== "Allow" && action !== "Deny") {
    findings.push(unsupported(`${path}.parameterNotFoundAction`, action, ["Allow", "Deny"]));
  }
  return findings;
}
