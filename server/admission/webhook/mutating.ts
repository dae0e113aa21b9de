import type { MutatingWebhook } from "../../../api/generated/types/admissionregistration-v1.ts";
import { deepClone } from "../../../api/machinery/clone.ts";
import { deepEqual } from "../../../api/machinery/equal.ts";
import { stringifyJson } from "../../../api/machinery/json.ts";
import type { DeepReadonly, KubeObject } from "../../../api/machinery/object.ts";
import type { AdmissionPlugin, AdmissionRequest, AdmissionRound, Mutation } from "../plugin.ts";
import { applyPatch, type CodecOfKind } from "./apply-patch.ts";
import { ask, type WebhookAdmissionDeps } from "./call.ts";
import { choose, createShow, isExempt } from "./choose.ts";
import { configuredWebhooks } from "./compile.ts";
import { startDeadline, type Deadline } from "./deadline.ts";
import { CallFailure, denied, internalError, requestTimedOut } from "./refusal.ts";
import type { Shown } from "./review.ts";
import { takenFrom } from "./shown-version.ts";
import type { Webhook } from "./webhook.ts";

export interface MutatingWebhookDeps extends WebhookAdmissionDeps {
  readonly codecOf: CodecOfKind;
}

/** One request on its way through the webhooks, in one round. */
interface Walk {
  readonly request: AdmissionRequest;
  readonly round: AdmissionRound;
  readonly memory: Reinvocation;
  readonly deadline: Deadline;
}

/** Who has to be asked again, from one round to the next. */
interface Reinvocation {
  /** With the policy IfNeeded, asked since the last change. */
  asked: Set<string>;
  /** Something changed after these had been asked. */
  again: Set<string>;
  /** What the webhooks left in the first round. */
  left: DeepReadonly<KubeObject> | undefined;
}

/** Asks the webhooks of MutatingWebhookConfigurations, one after the other, and changes the object as they say. */
export function mutatingAdmissionWebhook(deps: MutatingWebhookDeps): AdmissionPlugin {
  const configured = configuredWebhooks("mutatingwebhookconfigurations", deps);
  const self: AdmissionPlugin = {
    name: "MutatingAdmissionWebhook",
    async mutate(request, round) {
      if (isExempt(request)) return "unchanged";
      const webhooks = await configured();
      if (webhooks.length === 0) return "unchanged";
      const memory = (round.memory.get(self) as Reinvocation | undefined) ?? newReinvocation();
      round.memory.set(self, memory);
      const deadline = startDeadline(deps.timers, request.signal?.());
      try {
        return await askInTurn(webhooks, { request, round, memory, deadline }, deps);
      } finally {
        deadline.end();
      }
    },
  };
  return self;
}

function newReinvocation(): Reinvocation {
  return { asked: new Set(), again: new Set(), left: undefined };
}

async function askInTurn(webhooks: readonly Webhook[], walk: Walk, deps: MutatingWebhookDeps): Promise<Mutation> {
  const { request, round, memory } = walk;
  // Other plugins have changed what the webhooks left: then all that may be asked again are.
  if (round.again && !deepEqual(memory.left, request.object)) askAgain(memory);
  let mutation: Mutation = "unchanged";
  let show = createShow(request);
  for (const webhook of webhooks) {
    // A webhook that the first round passed over is not asked in the second.
    if (round.again && !memory.again.has(webhook.uid)) continue;
    const shown = await choose(webhook, request, show, deps);
    if (shown === undefined) continue;
    const done = await askOne(webhook, shown, walk, deps);
    if (done !== "same") show = createShow(request);
    if (done !== "same") mutation = "changed";
    if (done === "changed") {
      askAgain(memory);
      round.repeat();
    }
    if (isReinvoked(webhook)) memory.asked.add(webhook.uid);
  }
  if (memory.asked.size > 0 || memory.again.size > 0) memory.left = deepClone<KubeObject>(request.object ?? {});
  return mutation;
}

function askAgain(memory: Reinvocation): void {
  for (const uid of memory.asked) memory.again.add(uid);
  memory.asked.clear();
}

function isReinvoked({ hook }: Webhook): boolean {
  return (hook as DeepReadonly<MutatingWebhook>).reinvocationPolicy === "IfNeeded";
}

/** "patched" is a patch that came to nothing. */
type Done = "same" | "patched" | "changed";

async function askOne(webhook: Webhook, shown: Shown, walk: Walk, deps: MutatingWebhookDeps): Promise<Done> {
  const { request, round, deadline } = walk;
  const place = `round_${round.again ? 1 : 0}_index_${webhook.index}`;
  const told = { configuration: webhook.configuration, webhook: webhook.name };
  let done: Done = "same";
  try {
    const verdict = await ask(webhook, shown, { mutating: true, deadline }, deps);
    if (!verdict.allowed) throw denied(webhook.name, verdict.result);
    const patched = verdict.patch && applyPatch(webhook.name, verdict.patch, shown, deps.codecOf);
    if (patched === undefined) return done;
    replace(request, await takenFrom(shown.version, patched.object, request));
    done = patched.isChanged ? "changed" : "patched";
    const patch = { ...told, patch: patched.patch, patchType: "JSONPatch" };
    request.annotate(`patch.webhook.admission.k8s.io/${place}`, stringifyJson(patch));
    return done;
  } catch (thrown) {
    if (!(thrown instanceof CallFailure)) throw thrown;
    if (webhook.hook.failurePolicy !== "Ignore") throw internalError(thrown.message, thrown);
    deps.log.warn("a webhook that may fail has failed", { webhook: webhook.name, error: thrown.message });
    request.annotate(`failed-open.mutation.webhook.admission.k8s.io/${place}`, webhook.name);
    if (deadline.isOver) throw requestTimedOut();
    return done;
  } finally {
    const mutation = { ...told, mutated: done === "changed" };
    request.annotate(`mutation.webhook.admission.k8s.io/${place}`, JSON.stringify(mutation));
  }
}

/** In place: others hold the request's object too. */
function replace({ object }: AdmissionRequest, by: KubeObject): void {
  if (object === undefined || object === by) return;
  for (const key of Object.keys(object)) delete object[key as keyof KubeObject];
  Object.assign(object, by);
}
