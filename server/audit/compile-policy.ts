import type { UserInfo } from "../../api/wire.ts";
import type { ResourceTarget, Target } from "../pipeline/stages.ts";
import { levels, stages, type Level, type Stage } from "./levels.ts";
import type { AuditPolicy, AuditRule, GroupResources } from "./policy.ts";

/** What rules look at. */
export interface AuditAttributes {
  /** Undefined: nobody knows who asks. */
  readonly user: UserInfo | undefined;
  readonly target: Target;
  readonly path: string;
}

export interface AuditDecision {
  readonly level: Level;
  readonly omits: ReadonlySet<Stage>;
  readonly omitManagedFields: boolean;
}

export type EvaluatePolicy = (attributes: AuditAttributes) => AuditDecision;

type Condition = (attributes: AuditAttributes) => boolean;

/** Of a valid policy. The first rule that fits decides. */
export function compilePolicy(policy: AuditPolicy): EvaluatePolicy {
  const rules = policy.rules.map((rule) => ({ fits: allOf(conditionsOf(rule)), decision: decisionOf(rule, policy) }));
  const otherwise = decisionOf({ level: "None" }, policy);
  return (attributes) => rules.find(({ fits }) => fits(attributes))?.decision ?? otherwise;
}

function decisionOf(rule: AuditRule, policy: AuditPolicy): AuditDecision {
  const omitted = new Set([...(policy.omitStages ?? []), ...(rule.omitStages ?? [])]);
  return {
    level: levels.find((level) => level === rule.level) ?? "None",
    omits: new Set(stages.filter((stage) => omitted.has(stage))),
    omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields ?? false,
  };
}

function conditionsOf(rule: AuditRule): readonly Condition[] {
  const { users = [], userGroups = [], verbs = [], namespaces = [], resources = [], nonResourceURLs = [] } = rule;
  const conditions: Condition[] = [];
  const asked = { users: new Set(users), groups: new Set(userGroups), verbs: new Set(verbs) };
  if (users.length > 0) conditions.push(({ user }) => user !== undefined && asked.users.has(user.name));
  if (userGroups.length > 0)
    conditions.push(({ user }) => user?.groups.some((group) => asked.groups.has(group)) === true);
  if (verbs.length > 0) conditions.push(({ target }) => asked.verbs.has(target.verb));
  if (namespaces.length > 0 || resources.length > 0) conditions.push(ofResources(namespaces, resources));
  else if (nonResourceURLs.length > 0) conditions.push(ofPaths(nonResourceURLs));
  return conditions;
}

function allOf(conditions: readonly Condition[]): Condition {
  return (attributes) => conditions.every((holds) => holds(attributes));
}

function ofResources(namespaces: readonly string[], resources: readonly GroupResources[]): Condition {
  const places = new Set(namespaces);
  const rules = resources.map(resourcesOf);
  return ({ target }) => {
    if (target.type !== "resource") return false;
    if (places.size > 0 && !places.has(namespaceOf(target))) return false;
    return rules.length === 0 || rules.some((fits) => fits(target));
  };
}

/** A namespace is in itself. */
export function namespaceOf({ group, resource, name, namespace }: ResourceTarget): string {
  return group === "" && resource === "namespaces" ? name : namespace;
}

function resourcesOf({
  group = "",
  resources = [],
  resourceNames = [],
}: GroupResources): (of: ResourceTarget) => boolean {
  const names = new Set(resourceNames);
  const wanted = new Set(resources);
  return (target) => {
    if (group !== "*" && group !== target.group) return false;
    if (wanted.size === 0) return true;
    if (names.size > 0 && !names.has(target.name)) return false;
    const { resource, subresource } = target;
    if (wanted.has("*") || wanted.has(`${resource}/*`)) return true;
    if (subresource === "") return wanted.has(resource);
    return wanted.has(`${resource}/${subresource}`) || wanted.has(`*/${subresource}`);
  };
}

function ofPaths(urls: readonly string[]): Condition {
  const exact = new Set(urls);
  const beginnings = urls.filter((url) => url.endsWith("*")).map((url) => url.slice(0, -1));
  return ({ target, path }) =>
    target.type === "nonResource" && (exact.has(path) || beginnings.some((beginning) => path.startsWith(beginning)));
}
