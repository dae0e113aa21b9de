import type { Authorizer } from "../../auth/authz/authorizer.ts";
import { alwaysAllow, alwaysDeny } from "../../auth/authz/always.ts";
import type { BuiltInType } from "../../auth/authz/configuration/authorization-configuration.ts";
import { nodeAuthorizer } from "../../auth/authz/node/node-authorizer.ts";
import { nodeRules } from "../../auth/authz/node/node-rules.ts";
import { privilegedGroup } from "../../auth/authz/privileged-group.ts";
import { allRules, type RuleResolver } from "../../auth/authz/rule-resolver.ts";
import { union } from "../../auth/authz/union.ts";
import { unknownRules } from "../../auth/authz/unknown-rules.ts";
import { webhookAuthorizer, type WebhookAuthorizerOptions } from "../../auth/authz/webhook/webhook-authorizer.ts";
import { realClock } from "../../base/clock.ts";
import type { Resources } from "../create-resources.ts";
import type { ServerOptions } from "../server-options.ts";
import type { WebhookTarget } from "../webhook/webhook.ts";
import { withRetries } from "../webhook/with-retries.ts";
import { nodeRelations } from "./node-relations.ts";

/** One of those who are asked. */
export type ConfiguredAuthorizer =
  | { readonly type: BuiltInType }
  | {
      readonly type: "Webhook";
      readonly options: WebhookAuthorizerOptions;
      readonly target: WebhookTarget;
      /** Milliseconds that one call may take. */
      readonly timeoutMs: number;
    };

export interface AuthorizationOptions {
  /** In the order in which they are asked, after that members of `system:masters` may do everything. */
  readonly authorizers: readonly ConfiguredAuthorizer[];
  /** Calls back with those who are asked from now on; what it answers ends that. */
  readonly follow?: (changed: (authorizers: readonly ConfiguredAuthorizer[]) => void) => () => void;
}

/** As kubeadm sets clusters up. */
const usual: AuthorizationOptions = { authorizers: [{ type: "Node" }, { type: "RBAC" }] };

interface Authorization {
  readonly authorizer: Authorizer;
  readonly rulesOf: RuleResolver;
}

/** `rbac` is made by whoever needs it for more. `signal` is aborted when the server stops. */
export function createAuthorization(
  rbac: Authorization,
  resources: Resources,
  options: Pick<ServerOptions, "authorization" | "clock" | "random" | "log">,
  signal: AbortSignal,
): Authorization {
  const { authorization = usual } = options;
  const builtIn: Readonly<Record<BuiltInType, Authorization>> = {
    AlwaysAllow: alwaysAllow,
    AlwaysDeny: alwaysDeny,
    // Its graph is made when a node asks first.
    Node: { authorizer: nodeAuthorizer(nodeRelations(resources)), rulesOf: nodeRules },
    RBAC: rbac,
  };
  const ofWebhook = ({ options: own, target, timeoutMs }: Extract<ConfiguredAuthorizer, { type: "Webhook" }>) => {
    const { random, clock, log } = options;
    return webhookAuthorizer(own, {
      ask: (review) =>
        withRetries(
          () => resources.callWebhook(target, review, { timeoutMs, signal }),
          { timers: realClock, random },
          signal,
        ),
      clock,
      log,
    });
  };
  const together = (configured: readonly ConfiguredAuthorizer[]): Authorization => {
    const all = configured.map((one) =>
      one.type === "Webhook" ? { authorizer: ofWebhook(one), rulesOf: webhookRules } : builtIn[one.type],
    );
    return {
      authorizer: union([privilegedGroup, ...all.map(({ authorizer }) => authorizer)]),
      rulesOf: allRules(all.map(({ rulesOf }) => rulesOf)),
    };
  };
  let current = together(authorization.authorizers);
  const end = authorization.follow?.((configured) => (current = together(configured)));
  if (end !== undefined) signal.addEventListener("abort", end, { once: true });
  return {
    authorizer: (attributes) => current.authorizer(attributes),
    rulesOf: (user, namespace) => current.rulesOf(user, namespace),
  };
}

const webhookRules: RuleResolver = unknownRules("webhook authorizer does not support user rule resolution");
