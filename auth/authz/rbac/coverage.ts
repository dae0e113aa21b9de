import { compileRules } from "./compiled-rules.ts";
import type { Question } from "./question.ts";
import type { Rule } from "./rule.ts";

/** Rules of real roles stay far below; each combination has to be looked at. */
export const mostCombinations = 100_000;

/** Thrown where rules grant more combinations of verbs, groups, resources and names than are looked at. */
export class TooManyCombinations extends Error {
  override name = "TooManyCombinations";
}

/**
 * What of the wanted rules is not held, one rule for each verb on each resource (of each name) or path. A wish is held
 * when one rule covers it: rules are compared as they are written, whatever is served.
 */
export function uncovered(held: readonly Rule[], wanted: readonly Rule[]): readonly Rule[] {
  const count = wanted.reduce((sum, rule) => sum + combinationsOf(rule), 0);
  if (count > mostCombinations) throw new TooManyCombinations(`${count} combinations`);
  const { allow } = compileRules(held);
  return wanted.flatMap((rule) => [...singles(rule)]).filter((single) => !allow(asQuestion(single)));
}

function combinationsOf({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: Rule): number {
  const of = (list: readonly string[] | null | undefined): number => list?.length ?? 0;
  return of(verbs) * (of(apiGroups) * of(resources) * Math.max(1, of(resourceNames)) + of(nonResourceURLs));
}

/** A rule as rules of one verb and one resource, of one name where it has names, or one path. */
function* singles({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: Rule): Generator<Rule> {
  const names = resourceNames ?? [];
  for (const group of apiGroups ?? [])
    for (const resource of resources ?? [])
      for (const verb of verbs ?? []) {
        const single = { apiGroups: [group], resources: [resource], verbs: [verb] };
        if (names.length === 0) yield single;
        for (const name of names) yield { ...single, resourceNames: [name] };
      }
  for (const path of nonResourceURLs ?? [])
    for (const verb of verbs ?? []) yield { nonResourceURLs: [path], verbs: [verb] };
}

/** To hold a rule is to be allowed what it says, its stars taken literally: a star is allowed by a star alone. */
function asQuestion({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: Rule): Question {
  const [verb = ""] = verbs;
  const [path] = nonResourceURLs ?? [];
  if (path !== undefined) return { type: "path", verb, path };
  const [group = ""] = apiGroups ?? [];
  const [resource = ""] = resources ?? [];
  const slash = resource.indexOf("/");
  return {
    type: "resource",
    verb,
    group,
    resource,
    ofAnyParent: slash < 0 ? undefined : `*${resource.slice(slash)}`,
    name: resourceNames?.[0],
  };
}
