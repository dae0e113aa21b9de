import type { UserInfo } from "../../../api/wire.ts";
import type { UserRules } from "../rule-resolver.ts";
import { aggregate, problemsOf } from "./rbac-authorizer.ts";
import type { RbacIndex } from "./rbac-index.ts";
import type { Rule } from "./rule.ts";

/** All rules that a user is bound to in a namespace ("" for none: those for all namespaces), and what stands in the way of knowing others. */
export function rulesOfUser(
  index: RbacIndex,
  user: UserInfo,
  namespace: string,
): { readonly rules: readonly Rule[]; readonly problems: readonly string[] } {
  const bindings = index.bindingsOf(user, namespace);
  return { rules: bindings.flatMap(({ role }) => role.rules ?? []), problems: problemsOf(bindings) };
}

/** The same as `kubectl auth can-i --list` is told. */
export function userRules(index: RbacIndex, user: UserInfo, namespace: string): UserRules {
  const { rules, problems } = rulesOfUser(index, user, namespace);
  return {
    resourceRules: rules
      .filter(({ resources }) => (resources ?? []).length > 0)
      .map(({ nonResourceURLs: _, ...rule }) => rule),
    nonResourceRules: rules.flatMap(({ verbs, nonResourceURLs }) => {
      const paths = nonResourceURLs ?? [];
      return paths.length === 0 ? [] : [{ verbs, nonResourceURLs: paths }];
    }),
    incomplete: false,
    errors: problems.length === 0 ? [] : [aggregate(problems)],
  };
}
