import type { RuleResolver, UserRules } from "./rule-resolver.ts";

export const noRules: UserRules = { resourceRules: [], nonResourceRules: [], incomplete: false, errors: [] };

/** Of an authorizer that can only be asked about single requests. */
export function unknownRules(why: string): RuleResolver {
  return () => ({ ...noRules, incomplete: true, errors: [why] });
}
