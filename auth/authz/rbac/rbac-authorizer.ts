import { type Attributes, type Decision, noOpinion } from "../authorizer.ts";
import type { Binding } from "./binding.ts";
import { questionOf } from "./question.ts";
import type { RbacIndex } from "./rbac-index.ts";

/**
 * Allows what a rule allows that somebody is bound to, and has no opinion on anything else.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 */
export function rbacAuthorizer(index: RbacIndex): (attributes: Attributes) => Decision {
  return (attributes) => {
    const { user, resource } = attributes;
    const question = questionOf(attributes);
    const namespace = resource?.namespace ?? "";
    let isMissingRoles = false;
    const allows = ({ role }: Binding): boolean => {
      isMissingRoles ||= role.rules === undefined;
      return role.allows(question);
    };
    const found = index.find(user, namespace, allows);
    if (found !== undefined) return found.decisionFor(user);
    return isMissingRoles ? missingRoles(index.bindingsOf(user, namespace)) : noOpinion;
  };
}

function missingRoles(bindings: readonly Binding[]): Decision {
  return { opinion: "no opinion", reason: `RBAC: ${aggregate(problemsOf(bindings))}` };
}

/** Each once. */
export function problemsOf(bindings: readonly Binding[]): readonly string[] {
  return [...new Set(bindings.flatMap(({ role }) => role.problem ?? []))];
}

/** Several problems as one text. */
export function aggregate(problems: readonly string[]): string {
  return problems.length === 1 ? (problems[0] ?? "") : `[${problems.join(", ")}]`;
}
