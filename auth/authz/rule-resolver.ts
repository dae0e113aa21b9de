import type { NonResourceRule, ResourceRule } from "../../api/generated/types/authorization-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { UserInfo } from "../../api/wire.ts";

/** What a user may do in a namespace, as far as it can be told in rules. */
export interface UserRules {
  readonly resourceRules: readonly DeepReadonly<ResourceRule>[];
  readonly nonResourceRules: readonly DeepReadonly<NonResourceRule>[];
  /** There may be more. */
  readonly incomplete: boolean;
  /** Why it is incomplete, or what could not be found. */
  readonly errors: readonly string[];
}

/** Beside an authorizer: only some can tell what they allow without being asked for each request. */
export type RuleResolver = (user: UserInfo, namespace: string) => UserRules | Promise<UserRules>;

/** All that several know. */
export function allRules(
  resolvers: readonly RuleResolver[],
): (user: UserInfo, namespace: string) => Promise<UserRules> {
  return async (user, namespace) => {
    const known = await Promise.all(resolvers.map(async (resolver) => resolver(user, namespace)));
    return {
      resourceRules: known.flatMap(({ resourceRules }) => resourceRules),
      nonResourceRules: known.flatMap(({ nonResourceRules }) => nonResourceRules),
      incomplete: known.some(({ incomplete }) => incomplete),
      errors: known.flatMap(({ errors }) => errors),
    };
  };
}
