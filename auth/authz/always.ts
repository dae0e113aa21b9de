import { allowed, type Authorizer, noOpinion } from "./authorizer.ts";
import type { RuleResolver } from "./rule-resolver.ts";
import { noRules } from "./unknown-rules.ts";

interface Always {
  readonly authorizer: Authorizer;
  readonly rulesOf: RuleResolver;
}

/** For clusters that nobody else can reach. */
export const alwaysAllow: Always = {
  authorizer: () => allowed,
  rulesOf: () => ({
    resourceRules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }],
    nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["*"] }],
    incomplete: false,
    errors: [],
  }),
};

/** For tests of clients: all but system:masters are refused, in these words. */
export const alwaysDeny: Always = {
  authorizer: () => ({ ...noOpinion, reason: "Everything is forbidden." }),
  rulesOf: () => noRules,
};
