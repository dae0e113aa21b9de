import type {
  FlowSchemaSpec,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from "../generated/types/flowcontrol-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, named, required, requiredName, unsupported } from "../machinery/findings.ts";
import { dnsLabel, dnsSubdomain } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";

const lowestPrecedence = 10_000;

export function validateFlowSchema(name: string, spec: DeepReadonly<FlowSchemaSpec>): FieldError[] {
  const { matchingPrecedence: precedence = 0, distinguisherMethod, priorityLevelConfiguration } = spec;
  const findings: FieldError[] = [];
  if (precedence <= 0) findings.push(bad("spec.matchingPrecedence", precedence, "must be a positive value"));
  if (precedence > lowestPrecedence) {
    findings.push(bad("spec.matchingPrecedence", precedence, `must not be greater than ${lowestPrecedence}`));
  }
  if (precedence === 1 && name !== "exempt") {
    findings.push(
      bad("spec.matchingPrecedence", precedence, "only the schema named 'exempt' may have matchingPrecedence 1"),
    );
  }
  const methods = ["ByNamespace", "ByUser"];
  if (distinguisherMethod && !methods.includes(distinguisherMethod.type)) {
    findings.push(unsupported("spec.distinguisherMethod.type", distinguisherMethod, methods));
  }
  return [
    ...findings,
    ...validateLevelName(priorityLevelConfiguration.name, "spec.priorityLevelConfiguration.name"),
    ...(spec.rules ?? []).flatMap((rule, index) => validateRules(rule, `spec.rules[${index}]`)),
  ];
}

function validateLevelName(name: string, path: string): FieldError[] {
  return name ? named(path, name, dnsSubdomain(name)) : [required(path, "must reference a priority level")];
}

function validateRules(rule: DeepReadonly<PolicyRulesWithSubjects>, path: string): FieldError[] {
  const { resourceRules = [], nonResourceRules = [] } = rule;
  const subjects = rule.subjects ?? [];
  return [
    ...(subjects.length === 0 ? [required(`${path}.subjects`, "subjects must contain at least one value")] : []),
    ...subjects.flatMap((subject, index) => validateSubject(subject, `${path}.subjects[${index}]`)),
    ...(resourceRules.length + nonResourceRules.length === 0
      ? [required(path, "at least one of resourceRules and nonResourceRules has to be non-empty")]
      : []),
    ...resourceRules.flatMap((one, index) => validateResourceRule(one, `${path}.resourceRules[${index}]`)),
    ...nonResourceRules.flatMap((one, index) => validateNonResourceRule(one, `${path}.nonResourceRules[${index}]`)),
  ];
}

function validateSubject(subject: DeepReadonly<Subject>, path: string): FieldError[] {
  return [...validateOwnSubject(subject, path), ...otherSubjects(subject, path)];
}

/** A subject is of one kind: what says who it is of another is a mistake. */
function otherSubjects(subject: DeepReadonly<Subject>, path: string): FieldError[] {
  const kinds = { ServiceAccount: "serviceAccount", User: "user", Group: "group" } as const;
  if (!Object.hasOwn(kinds, subject.kind)) return [];
  return Object.entries(kinds).flatMap(([kind, field]) => {
    if (kind === subject.kind || subject[field] === undefined) return [];
    return [forbidden(`${path}.${field}`, `${field} is forbidden when subject kind is not '${kind}'`)];
  });
}

function validateOwnSubject({ kind, user, group, serviceAccount }: DeepReadonly<Subject>, path: string): FieldError[] {
  switch (kind) {
    case "User":
      if (!user) return [required(`${path}.user`, "user is required when subject kind is 'User'")];
      return user.name ? [] : [required(`${path}.user.name`)];
    case "Group":
      if (!group) return [required(`${path}.group`, "group is required when subject kind is 'Group'")];
      return group.name ? [] : [required(`${path}.group.name`)];
    case "ServiceAccount": {
      const at = `${path}.serviceAccount`;
      if (!serviceAccount) return [required(at, "serviceAccount is required when subject kind is 'ServiceAccount'")];
      const { name, namespace } = serviceAccount;
      return [
        ...(name === "*" ? [] : requiredName(`${at}.name`, name, dnsSubdomain)),
        ...(namespace
          ? named(`${at}.namespace`, namespace, dnsLabel(namespace))
          : [required(`${at}.namespace`, "must specify namespace for service account")]),
      ];
    }
    default:
      return [unsupported(`${path}.kind`, kind, ["Group", "ServiceAccount", "User"])];
  }
}

/** Upstream knows no others of paths. */
const verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"];

function validateVerbs(chosen: readonly string[] | null, path: string): FieldError[] {
  const list = chosen ?? [];
  if (list.length === 0) return [required(path, "verbs must contain at least one value")];
  if (list.includes("*")) {
    return list.length === 1 ? [] : [bad(path, list, "if '*' is present, must not specify other verbs")];
  }
  return list.every((verb) => verbs.includes(verb)) ? [] : [unsupported(path, list, verbs)];
}

function validateResourceRule(rule: DeepReadonly<ResourcePolicyRule>, path: string): FieldError[] {
  const { clusterScope = false } = rule;
  const namespaces = rule.namespaces ?? [];
  const findings = [
    ...validateVerbs(rule.verbs, `${path}.verbs`),
    ...atLeastOne(rule.apiGroups, `${path}.apiGroups`, "resource rules must supply at least one api group"),
    ...atLeastOne(rule.resources, `${path}.resources`, "resource rules must supply at least one resource"),
  ];
  if (namespaces.length === 0 && !clusterScope) {
    findings.push(
      required(`${path}.namespaces`, "resource rules that are not cluster scoped must supply at least one namespace"),
    );
  }
  if (namespaces.includes("*")) {
    if (namespaces.length > 1)
      findings.push(bad(`${path}.namespaces`, namespaces, "if '*' is present, must not specify other namespaces"));
    return findings;
  }
  for (const [index, namespace] of namespaces.entries())
    for (const problem of dnsLabel(namespace))
      findings.push(bad(`${path}.namespaces[${index}]`, namespace, `${everyNamespace}${problem}`));
  return findings;
}

const everyNamespace = "each member of this list must be '*' or a DNS-1123 label; ";

function atLeastOne(list: readonly string[] | null, path: string, detail: string): FieldError[] {
  const members = list ?? [];
  if (members.length === 0) return [required(path, detail)];
  if (members.length === 1 || !members.includes("*")) return [];
  return [
    bad(
      path,
      members,
      `if '*' is present, must not specify other ${path.endsWith("apiGroups") ? "api groups" : "resources"}`,
    ),
  ];
}

function validateNonResourceRule(rule: DeepReadonly<NonResourcePolicyRule>, path: string): FieldError[] {
  const urls = rule.nonResourceURLs ?? [];
  const findings = validateVerbs(rule.verbs, `${path}.verbs`);
  if (urls.length === 0)
    findings.push(required(`${path}.nonResourceURLs`, "nonResourceURLs must contain at least one value"));
  if (urls.includes("*")) {
    if (urls.length > 1)
      findings.push(
        bad(`${path}.nonResourceURLs`, urls, "if '*' is present, must not specify other non-resource URLs"),
      );
    return findings;
  }
  for (const [index, url] of urls.entries())
    findings.push(...named(`${path}.nonResourceURLs[${index}]`, url, urlProblems(url)));
  return findings;
}

/** The first that is wrong; a `*` stands for all that is below, at the end only. */
function urlProblems(url: string): readonly string[] {
  if (url === "") return ["must not be empty"];
  if (!url.startsWith("/")) return ["must start with slash"];
  if (url.includes(" ")) return ["must not contain white-space"];
  if (url.includes("//")) return ["must not contain double slash"];
  const stars = url.split("*").length - 1;
  if (stars > 1 || (stars === 1 && !url.endsWith("/*"))) return ["wildcard can only do suffix matching"];
  return [];
}
