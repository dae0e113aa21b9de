import type { Rule } from "./rule.ts";

/** Rules of one verb each, as a user is told of them: in order, those that differ in their verbs alone as one. */
export function describeRules(rules: readonly Rule[]): readonly string[] {
  const merged = new Map<string, { readonly rule: Rule; readonly verbs: string[] }>();
  for (const rule of rules) {
    const { verbs, ...about } = rule;
    // Paths are told one by one.
    const key = JSON.stringify(about.nonResourceURLs === undefined ? about : rule);
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { rule, verbs: [...verbs] });
    else if (about.nonResourceURLs === undefined) known.verbs.push(...verbs);
  }
  return [...merged.values()].map(({ rule, verbs }) => describeRule({ ...rule, verbs })).toSorted();
}

function describeRule({ apiGroups, resources, nonResourceURLs, resourceNames, verbs }: Rule): string {
  const parts = [
    ["APIGroups", apiGroups],
    ["Resources", resources],
    ["NonResourceURLs", nonResourceURLs],
    ["ResourceNames", resourceNames],
    ["Verbs", verbs],
  ] as const;
  const told = parts.flatMap(([name, values = []]) =>
    values.length === 0 ? [] : [`${name}:[${values.map((value) => JSON.stringify(value)).join(" ")}]`],
  );
  return `{${told.join(", ")}}`;
}
