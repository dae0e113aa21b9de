import type {
  MutatingWebhook,
  RuleWithOperations,
  ValidatingWebhook,
} from "../../../api/generated/types/admissionregistration-v1.ts";
import { createCelEnvironment } from "../../../api/cel/environment.ts";
import type { JsonObject, KubeObject } from "../../../api/machinery/object.ts";
import { allowed, noOpinion } from "../../../auth/authz/authorizer.ts";
import { silentLogger } from "../../../base/log.ts";
import { systemRandom } from "../../../base/random.ts";
import { ManualClock } from "../../../storage/manual-clock.testing.ts";
import { createWebhookClient } from "../../webhook/create-webhook-client.ts";
import { startHttps, type Answering, type TestServer } from "../../webhook/https-server.testing.ts";
import { authorizerVariables, requestVariables } from "../match-environment.ts";
import { holding, kindOf, type HeldObjects } from "../objects.testing.ts";
import type { AdmissionPlugin } from "../plugin.ts";
import { mutatingAdmissionWebhook } from "./mutating.ts";
import { validatingAdmissionWebhook } from "./validating.ts";
import type { ConditionSupport } from "./webhook.ts";

type Hook = Partial<ValidatingWebhook & MutatingWebhook>;

/** Both plugins, a cluster in memory, and a server that webhooks are at, by the last part of their URL. */
export interface WebhookTrial extends AsyncDisposable {
  readonly server: TestServer;
  readonly objects: HeldObjects;
  readonly clock: ManualClock;
  readonly mutating: AdmissionPlugin;
  readonly validating: AdmissionPlugin;
  /** Configures webhooks of both types. */
  configure(name: string, ...hooks: readonly Hook[]): void;
  /** What a webhook answers: the response without its uid. */
  on(path: string, respond: Respond): void;
  /** The requests that webhooks got, as `path: request`. */
  reviews(): readonly { readonly path: string; readonly review: Review; readonly request: Review["request"] }[];
}

export interface Review extends JsonObject {
  readonly apiVersion: string;
  readonly request: JsonObject & { readonly uid: string; readonly object: KubeObject & JsonObject };
}

export type Respond = (review: Review) => JsonObject;

export const everyPod: RuleWithOperations = {
  operations: ["*"],
  apiGroups: [""],
  apiVersions: ["v1"],
  resources: ["pods"],
  scope: "*",
};

export const patchOf = (...operations: readonly JsonObject[]): JsonObject => ({
  allowed: true,
  patchType: "JSONPatch",
  patch: Buffer.from(JSON.stringify(operations)).toString("base64"),
});

/** A label on whatever is shown. */
export const labelled = (key: string, value = "yes"): JsonObject =>
  patchOf({ op: "add", path: `/metadata/labels/${key}`, value });

export async function startWebhooks(): Promise<WebhookTrial> {
  const responses = new Map<string, Respond>();
  const server = await startHttps(answering(responses));
  const objects = holding({ namespaces: [{ metadata: { name: "ns", labels: { team: "a" } } }] });
  const clock = new ManualClock(0);
  const stop = new AbortController();
  const call = createWebhookClient({ reader: objects, random: systemRandom, timers: clock, signal: stop.signal });
  const deps = {
    reader: objects,
    support: conditions,
    call,
    random: systemRandom,
    timers: clock,
    log: silentLogger,
    codecOf: (_apiVersion: string, kind: string) => (kind === "Scale" ? kindOf("configmaps").hub : undefined),
  };
  return {
    server,
    objects,
    clock,
    mutating: mutatingAdmissionWebhook(deps),
    validating: validatingAdmissionWebhook(deps),
    configure(name, ...hooks) {
      const webhooks = hooks.map((hook) => ({
        name: "a.hooks.example.com",
        clientConfig: { url: `${server.url}/${hook.name ?? "allow"}`, caBundle: server.caBundle },
        rules: [everyPod],
        failurePolicy: "Fail",
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
        timeoutSeconds: 10,
        ...hook,
      }));
      const configuration: object = { metadata: { name }, webhooks };
      for (const type of ["mutating", "validating"])
        objects.put(`${type}webhookconfigurations.admissionregistration.k8s.io`, configuration);
    },
    on: (path, respond) => void responses.set(path, respond),
    reviews: () =>
      server.received.map(({ url, body }) => {
        const review = JSON.parse(body.toString()) as Review;
        return { path: url.slice(1).split("?")[0] ?? "", review, request: review.request };
      }),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await server[Symbol.asyncDispose]();
    },
  };
}

function answering(responses: ReadonlyMap<string, Respond>): Answering {
  return ({ url, body }) => {
    const review = JSON.parse(body.toString()) as Review;
    const respond = responses.get(url.slice(1).split("?")[0] ?? "");
    const response = { uid: review.request.uid, ...(respond?.(review) ?? { allowed: true }) };
    return { body: { apiVersion: review.apiVersion, kind: "AdmissionReview", response } };
  };
}

const environment = createCelEnvironment({ variables: requestVariables });

/** Everybody may get things and watch them, which takes a while to decide, and nothing else. */
const conditions: ConditionSupport = {
  compile: (expression) => environment.compile(expression, { returns: [{ type: "bool" }] }),
  variables: (request) =>
    authorizerVariables(request, ({ verb }) =>
      verb === "watch" ? Promise.resolve(allowed) : verb === "get" ? allowed : noOpinion,
    ),
};
