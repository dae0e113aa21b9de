import type {
  Affinity,
  NodeAffinity,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  Toleration,
  TopologySpreadConstraint,
} from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, between, duplicate, forbidden, named, required, requiredName } from "../machinery/findings.ts";
import { validateLabelSelector } from "../machinery/label-validation.ts";
import { labelKey } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";

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
  const findings: FieldError[] = [];
  const { [requiredTerms]: selector, [preferredTerms]: preferred = [] } = affinity;
  if (selector !== undefined) {
    const at = `${path}.${requiredTerms}.nodeSelectorTerms`;
    const terms = selector.nodeSelectorTerms ?? [];
    if (terms.length === 0) findings.push(required(at, "must have at least one node selector term"));
    for (const [index, term] of terms.entries()) findings.push(...nodeSelectorTerm(term, `${at}[${index}]`));
  }
  for (const [index, { weight, preference }] of preferred.entries()) {
    const at = `${path}.${preferredTerms}[${index}]`;
    findings.push(...weightInRange(weight, at), ...nodeSelectorTerm(preference ?? {}, `${at}.preference`));
  }
  return findings;
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

function nodeSelectorTerm(term: DeepReadonly<NodeSelectorTerm>, path: string): FieldError[] {
  return (term.matchExpressions ?? []).flatMap(({ key, operator, values = [] }, index) => {
    const at = `${path}.matchExpressions[${index}]`;
    const findings: FieldError[] = [];
    if ((operator === "In" || operator === "NotIn") && values.length === 0) {
      findings.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    }
    if ((operator === "Exists" || operator === "DoesNotExist") && values.length > 0) {
      findings.push(forbidden(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    }
    if ((operator === "Gt" || operator === "Lt") && values.length !== 1) {
      findings.push(required(`${at}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
    }
    return [...findings, ...named(`${at}.key`, key, labelKey(key))];
  });
}

function podTerm(term: DeepReadonly<PodAffinityTerm> | undefined, path: string): FieldError[] {
  return [
    ...validateLabelSelector(term?.labelSelector, `${path}.labelSelector`),
    ...(term?.topologyKey
      ? named(`${path}.topologyKey`, term.topologyKey, labelKey(term.topologyKey))
      : [required(`${path}.topologyKey`, "can not be empty")]),
  ];
}

export function validateTolerations(tolerations: readonly DeepReadonly<Toleration>[], path: string): FieldError[] {
  return tolerations.flatMap((toleration, index) => {
    const at = `${path}[${index}]`;
    const { key, operator = "", value = "", effect, tolerationSeconds } = toleration;
    const findings = key ? named(`${at}.key`, key, labelKey(key)) : [];
    if (!key && operator !== "Exists") {
      findings.push(
        bad(
          `${at}.operator`,
          operator,
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    }
    if (tolerationSeconds !== undefined && effect !== "NoExecute") {
      findings.push(bad(`${at}.effect`, effect ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    }
    if (operator === "Exists" && value !== "") {
      findings.push(bad(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"));
    }
    return findings;
  });
}

export function validateTopologySpread(
  constraints: readonly DeepReadonly<TopologySpreadConstraint>[],
  path: string,
): FieldError[] {
  const seen = new Set<string>();
  return constraints.flatMap((constraint, index) => {
    const at = `${path}[${index}]`;
    const findings: FieldError[] = [];
    if (constraint.maxSkew <= 0) findings.push(bad(`${at}.maxSkew`, constraint.maxSkew, "must be greater than zero"));
    if (!constraint.topologyKey) findings.push(required(`${at}.topologyKey`, "can not be empty"));
    else findings.push(...requiredName(`${at}.topologyKey`, constraint.topologyKey, labelKey));
    const pair = `{${constraint.topologyKey}, ${constraint.whenUnsatisfiable}}`;
    if (seen.has(pair)) findings.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, pair));
    seen.add(pair);
    findings.push(...between(`${at}.minDomains`, constraint.minDomains, 1, 2_147_483_647));
    if (constraint.minDomains !== undefined && constraint.whenUnsatisfiable !== "DoNotSchedule") {
      findings.push(
        bad(`${at}.minDomains`, constraint.minDomains, "can only use minDomains if whenUnsatisfiable=DoNotSchedule"),
      );
    }
    return [...findings, ...validateLabelSelector(constraint.labelSelector, `${at}.labelSelector`)];
  });
}
