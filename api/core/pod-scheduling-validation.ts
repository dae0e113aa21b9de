import type {
  Affinity,
  NodeAffinity,
  PodAffinity,
  PodAffinityTerm,
  Toleration,
  TopologySpreadConstraint,
} from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, named, oneOf, required, unsupported } from "../machinery/findings.ts";
import { validateLabelSelector } from "../machinery/label-validation.ts";
import { dnsLabel, labelKey, labelValue } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { validateLabelKeys } from "./match-label-keys-validation.ts";
import { validateNodeSelector, validateNodeSelectorTerm } from "./node-selector-validation.ts";

export function validateAffinity(affinity: DeepReadonly<Affinity> | undefined, path: string): FieldError[] {
  return [
    ...nodeAffinity(affinity?.nodeAffinity ?? {}, `${path}.nodeAffinity`),
    ...podAffinity(affinity?.podAffinity ?? {}, `${path}.podAffinity`),
    ...podAffinity(affinity?.podAntiAffinity ?? {}, `${path}.podAntiAffinity`),
  ];
}

const requiredTerms = "requiredDuringSchedulingIgnoredDuringExecution";
const preferredTerms = "preferredDuringSchedulingIgnoredDuringExecution";

function nodeAffinity(affinity: DeepReadonly<NodeAffinity>, path: string): FieldError[] {
  const { [requiredTerms]: selector, [preferredTerms]: preferred = [] } = affinity;
  return [
    ...(selector === undefined ? [] : validateNodeSelector(selector, `${path}.${requiredTerms}`)),
    ...preferred.flatMap(({ weight, preference }, index) => {
      const at = `${path}.${preferredTerms}[${index}]`;
      return [...weightInRange(weight, at), ...validateNodeSelectorTerm(preference ?? {}, `${at}.preference`, false)];
    }),
  ];
}

function podAffinity(affinity: DeepReadonly<PodAffinity>, path: string): FieldError[] {
  const { [requiredTerms]: terms = [], [preferredTerms]: preferred = [] } = affinity;
  return [
    ...terms.flatMap((term, index) => podTerm(term, `${path}.${requiredTerms}[${index}]`)),
    ...preferred.flatMap(({ weight, podAffinityTerm }, index) => {
      const at = `${path}.${preferredTerms}[${index}]`;
      return [...weightInRange(weight, at), ...podTerm(podAffinityTerm, `${at}.podAffinityTerm`)];
    }),
  ];
}

function weightInRange(weight: number, path: string): FieldError[] {
  return weight < 1 || weight > 100 ? [bad(`${path}.weight`, weight, "must be in the range 1-100")] : [];
}

function podTerm(term: DeepReadonly<PodAffinityTerm> | undefined, path: string): FieldError[] {
  const { labelSelector, namespaceSelector, namespaces = [], topologyKey = "" } = term ?? {};
  const findings = topologyKey === "" ? [required(`${path}.topologyKey`, "can not be empty")] : [];
  return [
    ...validateLabelSelector(labelSelector, `${path}.labelSelector`),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`),
    ...namespaces.flatMap((namespace) => named(`${path}.namespace`, namespace, dnsLabel(namespace))),
    ...validateLabelKeys(term ?? {}, path),
    ...findings,
    ...named(`${path}.topologyKey`, topologyKey, labelKey(topologyKey)),
  ];
}

export function validateTolerations(tolerations: readonly DeepReadonly<Toleration>[], path: string): FieldError[] {
  return tolerations.flatMap((toleration, index) => {
    const at = `${path}[${index}]`;
    const { key, operator = "", effect, tolerationSeconds } = toleration;
    const findings = key ? named(`${at}.key`, key, labelKey(key)) : [];
    if (!key && operator !== "Exists") {
      const why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      findings.push(bad(`${at}.operator`, operator, why));
    }
    if (tolerationSeconds !== undefined && effect !== "NoExecute")
      findings.push(bad(`${at}.effect`, effect ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    return [...findings, ...tolerationValue(toleration, `${at}.operator`)];
  });
}

/** Upstream blames the operator for the value. */
function tolerationValue({ operator = "", value = "" }: DeepReadonly<Toleration>, field: string): FieldError[] {
  switch (operator) {
    case "":
    case "Equal": {
      const problems = labelValue(value);
      return problems.length === 0 ? [] : [bad(field, value, problems.join(";"))];
    }
    case "Exists":
      return value === "" ? [] : [bad(field, value, "value must be empty when `operator` is 'Exists'")];
    case "Gt":
    case "Lt":
      // KEP-5471 is off.
      return [unsupported(field, operator, ["Equal", "Exists", "Lt", "Gt"])];
    default:
      return [unsupported(field, operator, ["Equal", "Exists"])];
  }
}

type Constraint = DeepReadonly<TopologySpreadConstraint>;

export function validateTopologySpread(constraints: readonly Constraint[], path: string): FieldError[] {
  return constraints.flatMap((constraint, index) => {
    const at = `${path}[${index}]`;
    const { maxSkew, topologyKey, whenUnsatisfiable } = constraint;
    const findings: FieldError[] = [];
    if (!(maxSkew > 0)) findings.push(bad(`${at}.maxSkew`, maxSkew ?? 0, "must be greater than zero"));
    if (!topologyKey) findings.push(required(`${at}.topologyKey`, "can not be empty"));
    findings.push(...oneOf(`${at}.whenUnsatisfiable`, whenUnsatisfiable ?? "", ["DoNotSchedule", "ScheduleAnyway"]));
    // Of two that are alike, the former is blamed.
    if (constraints.slice(index + 1).some((other) => isAlike(constraint, other)))
      findings.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`));
    return [
      ...findings,
      ...minDomains(constraint, `${at}.minDomains`),
      ...validateLabelKeys(constraint, at),
      ...validateLabelSelector(constraint.labelSelector, `${at}.labelSelector`),
    ];
  });
}

function isAlike(one: Constraint, other: Constraint): boolean {
  return one.topologyKey === other.topologyKey && one.whenUnsatisfiable === other.whenUnsatisfiable;
}

function minDomains({ minDomains: least, whenUnsatisfiable }: Constraint, field: string): FieldError[] {
  if (least === undefined) return [];
  const findings = least > 0 ? [] : [bad(field, least, "must be greater than 0")];
  if (whenUnsatisfiable === "DoNotSchedule") return findings;
  const why = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
  return [...findings, bad(field, least, why)];
}
