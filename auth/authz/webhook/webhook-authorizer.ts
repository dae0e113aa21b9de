import type { SubjectAccessReviewSpec } from "../../../api/generated/types/authorization-v1.ts";
import type { CelProgram } from "../../../api/cel/cel.ts";
import type { JsonObject } from "../../../api/machinery/object.ts";
import type { Logger } from "../../../base/log.ts";
import { type Attributes, type Authorizer, type Decision, noOpinion } from "../authorizer.ts";
import { DecisionCache } from "./decision-cache.ts";
import { holds } from "./match-conditions.ts";
import { decisionOf, reviewOf, reviewSpec, type ReviewVersion } from "./review.ts";

export interface WebhookAuthorizerOptions {
  readonly name: string;
  readonly version: ReviewVersion;
  /** Milliseconds; 0 keeps nothing. */
  readonly authorizedTtl: number;
  readonly unauthorizedTtl: number;
  /** What a call that fails counts as. */
  readonly failurePolicy: "NoOpinion" | "Deny";
  /** It is asked only where all of them hold. */
  readonly conditions: readonly CelProgram[];
}

interface WebhookAuthorizerDeps {
  /** Posts a review and answers what came back; throws where there is no answer. */
  readonly ask: (review: JsonObject) => Promise<JsonObject>;
  /** Cluster time. */
  readonly clock: { now(): number };
  readonly log: Logger;
}

const mostCached = 8192;
/** Whoever sends longer names may want to fill the cache. */
const longestCached = 10_000;

/**
 * Asks somebody else's server, and remembers for a while what it said.
 * https://kubernetes.io/docs/reference/access-authn-authz/webhook/
 */
export function webhookAuthorizer(options: WebhookAuthorizerOptions, deps: WebhookAuthorizerDeps): Authorizer {
  const cache = new DecisionCache(mostCached, () => deps.clock.now());
  const onFailure = options.failurePolicy === "Deny" ? "deny" : "no opinion";
  const failed = (error: string): Decision => ({ opinion: onFailure, reason: "", error });
  return (attributes) => {
    const spec = reviewSpec(attributes);
    const matched = holds(options.conditions, spec);
    if (matched === false) return noOpinion;
    if (matched !== true) return failed(matched.problem);
    const key = JSON.stringify(spec);
    return cache.get(key) ?? asked({ spec, key, isCached: isShort(attributes) });
  };

  async function asked(question: {
    readonly spec: SubjectAccessReviewSpec;
    readonly key: string;
    readonly isCached: boolean;
  }): Promise<Decision> {
    try {
      const decision = decisionOf(await deps.ask(reviewOf(question.spec, options.version)), options.version);
      const ttl = decision.opinion === "allow" ? options.authorizedTtl : options.unauthorizedTtl;
      if (question.isCached) cache.set(question.key, decision, ttl);
      return decision;
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown.message : String(thrown);
      deps.log.error("Failed to make webhook authorizer request", { authorizer: options.name, error });
      return failed(error);
    }
  }
}

function isShort({ verb, path, resource }: Attributes): boolean {
  const { selectors: _bounded, ...named } = resource ?? {};
  return [verb, path, ...Object.values(named)].reduce((sum, text) => sum + text.length, 0) < longestCached;
}
