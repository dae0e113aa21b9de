import { dnsSubdomain } from "../../api/machinery/names.ts";
import type { FieldError } from "../../api/machinery/field-error.ts";
import { bad, required, unsupported } from "../../api/machinery/findings.ts";
import { levels, stages } from "./levels.ts";

/** What is noted of which requests. https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/#audit-k8s-io-v1-Policy */
export interface AuditPolicy {
  /** The first that fits a request decides; what no rule fits is not noted. */
  readonly rules: readonly AuditRule[];
  readonly omitStages?: readonly string[];
  readonly omitManagedFields?: boolean;
}

/** Empty lists fit everything. */
export interface AuditRule {
  readonly level: string;
  readonly users?: readonly string[];
  readonly userGroups?: readonly string[];
  readonly verbs?: readonly string[];
  readonly resources?: readonly GroupResources[];
  /** "" for what is in no namespace. */
  readonly namespaces?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  /** Besides those of the policy. */
  readonly omitStages?: readonly string[];
  /** Instead of what the policy says. */
  readonly omitManagedFields?: boolean;
}

export interface GroupResources {
  /** "*" for all. */
  readonly group?: string;
  // `pods`, `pods/log`, `pods/*`, `*/scale`, `*`
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** In upstream's words. */
export function validatePolicy(policy: AuditPolicy): readonly FieldError[] {
  return [
    ...stageFindings(policy.omitStages ?? [], "omitStages"),
    ...policy.rules.flatMap((rule, index) => ruleFindings(rule, `rules[${index}]`)),
  ];
}

function ruleFindings(rule: AuditRule, at: string): readonly FieldError[] {
  const { nonResourceURLs = [], resources = [], namespaces = [], omitStages = [] } = rule;
  const mixed = nonResourceURLs.length > 0 && (resources.length > 0 || namespaces.length > 0);
  const why = "rules cannot apply to both regular resources and non-resource URLs";
  return [
    ...levelFindings(rule.level, `${at}.level`),
    ...nonResourceURLs.flatMap((url, index) => urlFindings(url, `${at}.nonResourceURLs[${index}]`)),
    ...resources.flatMap((one) => resourceFindings(one, `${at}.resources`)),
    ...stageFindings(omitStages, `${at}.omitStages`),
    ...(mixed ? [bad(`${at}.nonResourceURLs`, nonResourceURLs, why)] : []),
  ];
}

function levelFindings(level: string, at: string): readonly FieldError[] {
  if (level === "") return [required(at)];
  return levels.some((known) => known === level) ? [] : [unsupported(at, level, levels)];
}

function urlFindings(url: string, at: string): readonly FieldError[] {
  if (url === "*") return [];
  return [
    ...(url.startsWith("/") ? [] : [bad(at, url, "non-resource URL rules must begin with a '/' character")]),
    ...(url.slice(0, -1).includes("*")
      ? [bad(at, url, "non-resource URL wildcards '*' must be the final character of the rule")]
      : []),
  ];
}

/** Without an index, as upstream names them. */
function resourceFindings(
  { group = "", resources = [], resourceNames = [] }: GroupResources,
  at: string,
): FieldError[] {
  const problems = group === "" || group === "*" ? [] : dnsSubdomain(group);
  return [
    ...(problems.length === 0 ? [] : [bad(`${at}.group`, group, problems.join(","))]),
    ...(resourceNames.length > 0 && resources.length === 0
      ? [bad(`${at}.resourceNames`, resourceNames, "using resourceNames requires at least one resource")]
      : []),
  ];
}

function stageFindings(omitted: readonly string[], at: string): readonly FieldError[] {
  return omitted.flatMap((stage, index) =>
    stages.some((known) => known === stage)
      ? []
      : [bad(`${at}[${index}]`, stage, `allowed stages are ${stages.join(",")}`)],
  );
}
