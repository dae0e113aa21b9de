import type { AdmissionPlugin, AdmissionRequest } from "../plugin.ts";
import { ask, type WebhookAdmissionDeps } from "./call.ts";
import { choose, createShow, isExempt } from "./choose.ts";
import { configuredWebhooks } from "./compile.ts";
import { startDeadline, type Deadline } from "./deadline.ts";
import { CallFailure, denied, internalError, requestTimedOut } from "./refusal.ts";
import type { Shown } from "./review.ts";
import type { Webhook } from "./webhook.ts";

/** Asks the webhooks of ValidatingWebhookConfigurations, all at the same time; each may refuse. */
export function validatingAdmissionWebhook(deps: WebhookAdmissionDeps): AdmissionPlugin {
  const configured = configuredWebhooks("validatingwebhookconfigurations", deps);
  return {
    name: "ValidatingAdmissionWebhook",
    async validate(request) {
      if (isExempt(request)) return;
      const webhooks = await configured();
      if (webhooks.length === 0) return;
      const chosen = await chooseAll(webhooks, request, deps);
      if (chosen.length === 0) return;
      const deadline = startDeadline(deps.timers, request.signal?.());
      try {
        if (deadline.isOver) throw requestTimedOut();
        await askAll(chosen, deadline, deps);
      } finally {
        deadline.end();
      }
    },
  };
}

interface Chosen {
  readonly webhook: Webhook;
  readonly shown: Shown;
}

async function chooseAll(
  webhooks: readonly Webhook[],
  request: AdmissionRequest,
  deps: WebhookAdmissionDeps,
): Promise<readonly Chosen[]> {
  const show = createShow(request);
  const chosen: Chosen[] = [];
  for (const webhook of webhooks) {
    const shown = await choose(webhook, request, show, deps);
    if (shown !== undefined) chosen.push({ webhook, shown });
  }
  return chosen;
}

/** All are waited for; of several refusals the first one in their order counts. */
async function askAll(chosen: readonly Chosen[], deadline: Deadline, deps: WebhookAdmissionDeps): Promise<void> {
  const answers = await Promise.allSettled(chosen.map((one, index) => askOne(one, index, deadline, deps)));
  for (const answer of answers) if (answer.status === "rejected") throw answer.reason;
}

async function askOne(
  { webhook, shown }: Chosen,
  index: number,
  deadline: Deadline,
  deps: WebhookAdmissionDeps,
): Promise<void> {
  try {
    const verdict = await ask(webhook, shown, { mutating: false, deadline }, deps);
    if (!verdict.allowed) throw denied(webhook.name, verdict.result);
  } catch (thrown) {
    if (!(thrown instanceof CallFailure)) throw thrown;
    if (webhook.hook.failurePolicy !== "Ignore") throw internalError(thrown.message, thrown);
    deps.log.warn("a webhook that may fail has failed", { webhook: webhook.name, error: thrown.message });
    shown.request.annotate(`failed-open.validating.webhook.admission.k8s.io/round_0_index_${index}`, webhook.name);
  }
}
