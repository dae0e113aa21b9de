import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compileCondition, conditionEnvironment } from "../../auth/authz/webhook/match-conditions.ts";
import type { WebhookAuthorizerOptions } from "../../auth/authz/webhook/webhook-authorizer.ts";
import { createCertificateAuthority, issueCertificate } from "../../certs/issue-certificate.ts";
import { realClock, type Clock } from "../../base/clock.ts";
import { configMaps, startTrial, type Trial } from "../trial.testing.ts";
import { startHttps, untrustedCa, type Answering, type TestServer } from "../webhook/https-server.testing.ts";
import type { WebhookTarget } from "../webhook/webhook.ts";
import type { ConfiguredAuthorizer } from "./create-authorization.ts";

interface Review {
  readonly apiVersion: string;
  readonly spec: object;
}

const jane = { name: "jane", uid: "u1", groups: ["dev"], extra: { scopes: ["a"] } };
const says =
  (status: object, apiVersion = "authorization.k8s.io/v1"): Answering =>
  () => ({ body: { apiVersion, kind: "SubjectAccessReview", status } });

let server: TestServer;
beforeEach(async () => {
  server = await startHttps(says({ allowed: true }));
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

function webhook(
  options: Partial<WebhookAuthorizerOptions> = {},
  target: Partial<WebhookTarget> = {},
): ConfiguredAuthorizer {
  return {
    type: "Webhook",
    options: {
      ...{ name: "hook", version: "v1", authorizedTtl: 300_000, unauthorizedTtl: 30_000 },
      ...{ failurePolicy: "NoOpinion", conditions: [] },
      ...options,
    },
    target: { url: `${server.url}/authorize`, caBundle: server.caBundle, ...target },
    timeoutMs: 2000,
  };
}

const environment = conditionEnvironment();
const conditions = (...expressions: readonly string[]): Partial<WebhookAuthorizerOptions> => ({
  conditions: expressions.map((expression) => compileCondition(environment, expression)),
});
const started = (...authorizers: readonly ConfiguredAuthorizer[]): Promise<Trial> =>
  startTrial({ authorization: { authorizers } });
const get = async (trial: Trial, url = configMaps): Promise<readonly [number, string]> => {
  const { status, bytes } = await trial.send("GET", url, { user: jane });
  return [status, bytes.toString()];
};
const reviews = (): readonly Review[] => server.received.map(({ body }) => JSON.parse(body.toString()) as Review);
const question = {
  resourceAttributes: { namespace: "default", verb: "list", version: "v1", resource: "configmaps" },
  user: "jane",
  uid: "u1",
  extra: { scopes: ["a"] },
};

describe("a webhook", () => {
  it("is asked with a review, and decides", async () => {
    await using trial = await started(webhook());
    expect((await get(trial))[0]).toBe(200);
    expect(server.received[0]?.url).toBe("/authorize");
    expect(reviews()).toMatchObject([
      { apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec: { ...question, groups: ["dev"] } },
    ]);
    expect((await get(trial, "/metrics"))[0]).toBe(200);
    expect(reviews()[1]?.spec).toMatchObject({ nonResourceAttributes: { path: "/metrics", verb: "get" } });
    await get(trial, `${configMaps}?fieldSelector=metadata.name!%3Da&labelSelector=app,tier%20in%20(x)`);
    expect(reviews()[2]?.spec).toMatchObject({
      resourceAttributes: {
        fieldSelector: { requirements: [{ key: "metadata.name", operator: "NotIn", values: ["a"] }] },
        labelSelector: {
          requirements: [
            { key: "app", operator: "Exists" },
            { key: "tier", operator: "In", values: ["x"] },
          ],
        },
      },
    });
  });

  it("speaks v1beta1, where groups are called group", async () => {
    server.answer(says({ allowed: true }, "authorization.k8s.io/v1beta1"));
    await using trial = await started(webhook({ version: "v1beta1" }));
    expect((await get(trial))[0]).toBe(200);
    const [review] = reviews();
    expect(review).toMatchObject({ apiVersion: "authorization.k8s.io/v1beta1", spec: { ...question, group: ["dev"] } });
    expect(review?.spec).not.toHaveProperty("groups");
  });

  it("may have no opinion, or deny whatever others say", async () => {
    await using trial = await started(webhook(), { type: "AlwaysAllow" });
    server.answer(says({ allowed: false, reason: "never heard of" }));
    expect((await get(trial))[0]).toBe(200);
    server.answer(says({ allowed: false, denied: true, reason: "not on sundays" }));
    expect(await get(trial, "/api/v1/namespaces/default/secrets")).toEqual([
      403,
      expect.stringContaining('in the namespace \\"default\\": not on sundays'),
    ]);
    await using other = await started(webhook());
    server.answer(says({ allowed: false, reason: "never heard of" }));
    expect(await get(other)).toEqual([403, expect.stringContaining("never heard of")]);
  });

  it("is not asked about system:masters", async () => {
    await using trial = await started(webhook());
    await trial.list(configMaps);
    expect(server.received).toEqual([]);
  });

  it("shows who we are, and is looked at", async () => {
    const authority = createCertificateAuthority({ commonName: "us", now: new Date(), lifetimeMs: 3_600_000 });
    const client = issueCertificate({
      ...{ authority, subject: { commonName: "wherry", organizations: [] }, usage: "client" as const },
      ...{ names: [], now: new Date(), lifetimeMs: 3_600_000 },
    });
    await using asking = await startHttps(says({ allowed: true }), { clientCaPem: authority.certPem });
    const url = `${asking.url}/authorize`;
    await using trial = await started(webhook({}, { url, client, authorization: () => "Bearer abc" }));
    expect((await get(trial))[0]).toBe(200);
    expect(asking.received[0]?.clientName).toBe("wherry");
    expect(asking.received[0]?.headers.authorization).toBe("Bearer abc");
    await using wary = await started(webhook({}, { caBundle: untrustedCa() }));
    expect((await get(wary))[0]).toBe(500);
  });
});

describe("what it said", () => {
  it("is remembered for a while", async () => {
    let now = Date.now();
    const clock: Clock = { ...realClock, now: () => now };
    const authorizers = [webhook({ authorizedTtl: 1000, unauthorizedTtl: 100 })];
    await using trial = await startTrial({ authorization: { authorizers }, clock });
    for (const _time of [1, 2]) await get(trial);
    expect(server.received).toHaveLength(1);
    now += 1001;
    await get(trial);
    expect(server.received).toHaveLength(2);
    server.answer(says({ allowed: false }));
    for (const _time of [1, 2]) expect((await get(trial, "/api/v1/secrets"))[0]).toBe(403);
    expect(server.received).toHaveLength(3);
    now += 101;
    await get(trial, "/api/v1/secrets");
    expect(server.received).toHaveLength(4);
  });

  it("is not remembered of what somebody made long on purpose, or where nothing is to be", async () => {
    await using trial = await started(webhook());
    const long = `${configMaps}/${"a".repeat(10_000)}`;
    for (const _time of [1, 2]) await get(trial, long);
    expect(server.received).toHaveLength(2);
    await using forgetful = await started(webhook({ authorizedTtl: 0 }));
    for (const _time of [1, 2]) await get(forgetful);
    expect(server.received).toHaveLength(4);
  });
});

describe("a webhook that fails", () => {
  const failing: readonly (readonly [string, Answering])[] = [
    ["refuses", () => ({ status: 403, body: "no" })],
    ["redirects", () => ({ status: 302, headers: { location: `${server.url}/elsewhere` } })],
    ["answers something else", () => ({ body: { apiVersion: "v1", kind: "Pod" } })],
    ["answers another version", says({ allowed: true }, "authorization.k8s.io/v1beta1")],
    ["answers nonsense", () => ({ body: "not json" })],
    ["answers no boolean", says({ allowed: "true" })],
    ["says both", says({ allowed: true, denied: true })],
  ];

  it.each(failing)("%s: an internal error, told to nobody", async (_how, answer) => {
    server.answer(answer);
    await using trial = await started(webhook());
    const [status, body] = await get(trial);
    expect(status).toBe(500);
    expect(JSON.parse(body)).toMatchObject({
      message: `Internal Server Error: "${configMaps}"`,
      reason: "InternalError",
    });
    expect(server.received).toHaveLength(1);
  });

  it("counts as it is told to", async () => {
    server.answer(() => ({ status: 403, body: "no" }));
    await using open = await started(webhook(), { type: "AlwaysAllow" });
    expect((await get(open))[0]).toBe(200);
    await using closed = await started(webhook({ failurePolicy: "Deny" }), { type: "AlwaysAllow" });
    expect((await get(closed))[0]).toBe(500);
  });

  it("is asked again where that may help", async () => {
    let times = 0;
    server.answer(() => {
      times += 1;
      const status = { allowed: true };
      const body = { apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", status };
      return times === 1 ? { status: 500, body: "oh" } : { body };
    });
    await using trial = await started(webhook());
    expect((await get(trial))[0]).toBe(200);
    expect(times).toBe(2);
  });
});

describe("match conditions", () => {
  it.each<[readonly string[], number]>([
    [["request.user == 'jane' && 'dev' in request.groups && request.uid == 'u1'"], 1],
    [["has(request.resourceAttributes)", "request.resourceAttributes.namespace == 'default'"], 1],
    [["request.resourceAttributes.subresource == ''", "!has(request.nonResourceAttributes)"], 1],
    [["!has(request.resourceAttributes.fieldSelector)", "request.extra['scopes'] == ['a']"], 1],
    [["request.user != 'jane'"], 0],
    [["request.nonResourceAttributes.path == '/'", "request.user != 'jane'"], 0],
  ])("%o", async (expressions, asked) => {
    await using trial = await started(webhook(conditions(...expressions)), { type: "AlwaysAllow" });
    expect((await get(trial))[0]).toBe(200);
    expect(server.received).toHaveLength(asked);
  });

  it("that fail count as the webhook's failure", async () => {
    const failing = conditions("request.nonResourceAttributes.path == '/'");
    await using open = await started(webhook(failing), { type: "AlwaysAllow" });
    expect((await get(open))[0]).toBe(200);
    await using closed = await started(webhook({ ...failing, failurePolicy: "Deny" }), { type: "AlwaysAllow" });
    expect((await get(closed))[0]).toBe(500);
    expect(server.received).toEqual([]);
  });
});

it("takes part in admission policies", async () => {
  await using trial = await started(webhook(), { type: "AlwaysAllow" });
  const api = "/apis/admissionregistration.k8s.io/v1";
  await trial.ok("POST", `${api}/validatingadmissionpolicies`, {
    metadata: { name: "p" },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }],
      },
      validations: [{ expression: "authorizer.group('').resource('secrets').check('delete').allowed()" }],
    },
  });
  await trial.ok("POST", `${api}/validatingadmissionpolicybindings`, {
    metadata: { name: "p" },
    spec: { policyName: "p", validationActions: ["Deny"] },
  });
  server.answer(({ body }) => {
    const review = JSON.parse(body.toString()) as { spec: { resourceAttributes?: { resource: string; verb: string } } };
    const { resource, verb } = review.spec.resourceAttributes ?? { resource: "", verb: "" };
    const status = resource === "secrets" ? { allowed: false, denied: true, reason: verb } : { allowed: true };
    return { body: { apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", status } };
  });
  const create = (): Promise<{ readonly status: number; readonly bytes: Buffer }> =>
    trial.send("POST", configMaps, { user: jane, body: { metadata: { name: "a" } } });
  const refused = await create();
  expect([refused.status, refused.bytes.toString()]).toEqual([422, expect.stringContaining("failed expression")]);
});
