import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/log.ts";
import type { Random } from "../../../base/random.ts";
import { WebhookError, type CallWebhook } from "../../webhook/webhook.ts";
import type { ChoiceDeps } from "./choose.ts";
import type { Deadline } from "./deadline.ts";
import { CallFailure, dryRunUnsupported } from "./refusal.ts";
import { admissionReview, reviewVersion, type Shown } from "./review.ts";
import { InvalidAnswer, verdictOf, type Verdict } from "./verdict.ts";
import type { Webhook } from "./webhook.ts";

export interface WebhookAdmissionDeps extends ChoiceDeps {
  readonly call: CallWebhook;
  readonly random: Random;
  /** Real time. */
  readonly timers: Clock;
  readonly log: Logger;
}

const harmless: readonly unknown[] = ["None", "NoneOnDryRun"];
const defaultSeconds = 10;

/**
 * Asks one webhook; its warnings and audit annotations are passed on.
 * Throws CallFailure, and ApiError where a dry run may not ask it.
 */
export async function ask(
  webhook: Webhook,
  shown: Shown,
  { mutating, deadline }: { readonly mutating: boolean; readonly deadline: Deadline },
  deps: WebhookAdmissionDeps,
): Promise<Verdict> {
  const { request } = shown;
  if (request.dryRun && !harmless.includes(webhook.hook.sideEffects)) throw dryRunUnsupported(webhook.name);
  const version = reviewVersion(webhook.hook.admissionReviewVersions);
  if (version === undefined) {
    const why = "webhook does not accept known AdmissionReview versions (v1, v1beta1)";
    throw new CallFailure(webhook.name, `could not create admission objects: ${why}`);
  }
  const uid = deps.random.uuid();
  const timeoutMs = Math.min((webhook.hook.timeoutSeconds ?? defaultSeconds) * 1000, deadline.remainingMs());
  try {
    const answer = await deps.call(webhook.hook.clientConfig, admissionReview(shown, version, uid), {
      timeoutMs,
      signal: deadline.signal,
      query: { timeout: `${Math.ceil(timeoutMs / 1000)}s` },
    });
    const verdict = verdictOf(answer, { version, uid, mutating });
    for (const [key, value] of Object.entries(verdict.auditAnnotations))
      request.annotate(`${webhook.name}/${key}`, value);
    for (const warning of verdict.warnings) request.warn(warning);
    return verdict;
  } catch (thrown) {
    throw asCallFailure(webhook, thrown);
  }
}

function asCallFailure({ name }: Webhook, thrown: unknown): unknown {
  if (thrown instanceof WebhookError) return new CallFailure(name, `failed to call webhook: ${thrown.message}`, thrown);
  if (thrown instanceof InvalidAnswer)
    return new CallFailure(name, `received invalid webhook response: ${thrown.message}`, thrown);
  return thrown;
}
