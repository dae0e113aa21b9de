import { mostCombinations, TooManyCombinations, uncovered } from "../../auth/authz/rbac/coverage.ts";
import { describeRules } from "../../auth/authz/rbac/describe-rules.ts";
import type { RbacIndex } from "../../auth/authz/rbac/rbac-index.ts";
import type { Rule } from "../../auth/authz/rbac/rule.ts";
import { rulesOfUser } from "../../auth/authz/rbac/rules-of-user.ts";
import type { UserInfo } from "../../api/wire.ts";

/** Why a user may not grant rules: nobody grants what he does not have in the same place. Undefined: he may. */
export function escalationProblem(
  index: RbacIndex,
  user: UserInfo,
  namespace: string,
  granted: readonly Rule[],
): string | undefined {
  const { rules, problems } = rulesOfUser(index, user, namespace);
  const missing = missingOf(rules, granted);
  if (missing === "too many") return `the rules name more than ${mostCombinations} combinations of what they grant`;
  if (missing.length === 0) return undefined;
  const who = `user ${JSON.stringify(user.name)} (groups=[${user.groups.map((group) => JSON.stringify(group)).join(" ")}])`;
  const what = `is attempting to grant RBAC permissions not currently held:\n${describeRules(missing).join("\n")}`;
  return `${who} ${what}${problems.length === 0 ? "" : `; resolution errors: [${listed(problems)}]`}`;
}

function missingOf(held: readonly Rule[], granted: readonly Rule[]): readonly Rule[] | "too many" {
  try {
    return uncovered(held, granted);
  } catch (thrown) {
    if (thrown instanceof TooManyCombinations) return "too many";
    throw thrown;
  }
}

function listed(problems: readonly string[]): string {
  // As the server finds roles in its store, it calls them by their resource.
  const named = problems.map((problem) =>
    problem.replace(/^(?:clusterrole|role)\./, (kind) => `${kind.slice(0, -1)}s.`),
  );
  return named.length === 1 ? (named[0] ?? "") : `[${named.join(", ")}]`;
}
