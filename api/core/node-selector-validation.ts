import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, named, required } from "../machinery/findings.ts";
import { dnsSubdomain, labelKey, labelValue } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";

type Requirement = DeepReadonly<NodeSelectorRequirement>;

export function validateNodeSelector({ nodeSelectorTerms }: DeepReadonly<NodeSelector>, path: string): FieldError[] {
  const at = `${path}.nodeSelectorTerms`;
  if (!nodeSelectorTerms?.length) return [required(at, "must have at least one node selector term")];
  return nodeSelectorTerms.flatMap((term, index) => validateNodeSelectorTerm(term, `${at}[${index}]`));
}

/** A mere preference may name values that no label can have. */
export function validateNodeSelectorTerm(
  { matchExpressions = [], matchFields = [] }: DeepReadonly<NodeSelectorTerm>,
  path: string,
  checksValues = true,
): FieldError[] {
  return [
    ...matchExpressions.flatMap((requirement, index) => {
      const at = `${path}.matchExpressions[${index}]`;
      return [...validateExpression(requirement, at), ...(checksValues ? labelValues(requirement, at) : [])];
    }),
    ...matchFields.flatMap((requirement, index) => validateField(requirement, `${path}.matchFields[${index}]`)),
  ];
}

function validateExpression({ key = "", operator, values = [] }: Requirement, path: string): FieldError[] {
  return [...validateCount(operator, values.length, path), ...named(`${path}.key`, key, labelKey(key))];
}

function validateCount(operator: string, count: number, path: string): FieldError[] {
  const field = `${path}.values`;
  switch (operator) {
    case "In":
    case "NotIn":
      return count > 0 ? [] : [required(field, "must be specified when `operator` is 'In' or 'NotIn'")];
    case "Exists":
    case "DoesNotExist":
      return count === 0
        ? []
        : [forbidden(field, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    case "Gt":
    case "Lt":
      return count === 1 ? [] : [required(field, "must be specified single value when `operator` is 'Lt' or 'Gt'")];
    default:
      return [bad(`${path}.operator`, operator ?? "", "not a valid selector operator")];
  }
}

function labelValues({ values = [] }: Requirement, path: string): FieldError[] {
  return values.flatMap((value, index) => named(`${path}.values[${index}]`, value, labelValue(value)));
}

/** The only field that nodes are selected by is their name. */
function validateField({ key, operator, values = [] }: Requirement, path: string): FieldError[] {
  const findings: FieldError[] = [];
  if (operator !== "In" && operator !== "NotIn")
    findings.push(bad(`${path}.operator`, operator ?? "", "not a valid selector operator"));
  else if (values.length !== 1) {
    const why = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    findings.push(required(`${path}.values`, why));
  }
  if (key !== "metadata.name") return [...findings, bad(`${path}.key`, key ?? "", "not a valid field selector key")];
  return [
    ...findings,
    ...values.flatMap((value, index) => named(`${path}.values[${index}]`, value, dnsSubdomain(value))),
  ];
}
