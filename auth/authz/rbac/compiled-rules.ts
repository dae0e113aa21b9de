import type { PathQuestion, Question, ResourceQuestion } from "./question.ts";
import type { Rule } from "./rule.ts";

/** Rules that are found by the resource that they name, however many there are. */
export interface CompiledRules {
  allow(question: Question): boolean;
}

/** A list in which a star stands for everything. */
interface Values {
  readonly all: boolean;
  readonly some: ReadonlySet<string>;
}

interface ResourceRule {
  readonly verbs: Values;
  readonly groups: Values;
  /** Empty: objects of any name. */
  readonly names: ReadonlySet<string>;
}

interface PathRule {
  readonly verbs: Values;
  readonly paths: ReadonlySet<string>;
  /** Of what ends in a star. */
  readonly starts: readonly string[];
}

const all = "*";

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources */
export function compileRules(rules: readonly Rule[]): CompiledRules {
  const byResource = new Map<string, ResourceRule[]>();
  const pathRules: PathRule[] = [];
  for (const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } of rules) {
    // A required list that was left out is null once decoded.
    const compiled = { verbs: valuesOf(verbs), groups: valuesOf(apiGroups), names: new Set(resourceNames) };
    for (const resource of new Set(resources ?? [])) {
      const filed = byResource.get(resource);
      if (filed === undefined) byResource.set(resource, [compiled]);
      else filed.push(compiled);
    }
    const paths = nonResourceURLs ?? [];
    if (paths.length === 0) continue;
    const starts = paths.filter((path) => path.endsWith(all)).map((path) => path.replace(/\*+$/, ""));
    pathRules.push({ verbs: compiled.verbs, paths: new Set(paths), starts });
  }
  const anyResource = byResource.get(all);
  const allowsResource = (question: ResourceQuestion): boolean => {
    const { resource, ofAnyParent } = question;
    return (
      someAllow(byResource.get(resource), question) ||
      someAllow(anyResource, question) ||
      (ofAnyParent !== undefined && someAllow(byResource.get(ofAnyParent), question))
    );
  };
  return {
    allow: (question) =>
      question.type === "resource"
        ? allowsResource(question)
        : pathRules.some((rule) => has(rule.verbs, question.verb) && reaches(rule, question)),
  };
}

function someAllow(rules: readonly ResourceRule[] | undefined, question: ResourceQuestion): boolean {
  if (rules === undefined) return false;
  const { verb, group, name } = question;
  for (const { verbs, groups, names } of rules)
    if (has(groups, group) && has(verbs, verb) && (names.size === 0 || (name !== undefined && names.has(name))))
      return true;
  return false;
}

function reaches({ paths, starts }: PathRule, { path }: PathQuestion): boolean {
  return paths.has(path) || starts.some((start) => path.startsWith(start));
}

function valuesOf(list: readonly string[] | null | undefined): Values {
  const some = new Set(list);
  return { all: some.has(all), some };
}

function has(values: Values, wanted: string): boolean {
  return values.all || values.some.has(wanted);
}
