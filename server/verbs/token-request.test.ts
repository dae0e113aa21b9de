import { decodeJwt } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { testTokenSettings } from "../../auth/tokens/account-token-settings.testing.ts";
import { legacyClaims } from "../../auth/tokens/claims.ts";
import { createTokenSigner, legacyIssuer } from "../../auth/tokens/token-signer.ts";
import { ManualClock } from "../../storage/manual-clock.testing.ts";
import { type Loose, parsed, settled, startTrial, type Trial } from "../trial.testing.ts";

interface Token extends Loose {
  readonly spec: { readonly audiences: readonly string[]; readonly expirationSeconds: number };
  readonly status: { readonly token: string; readonly expirationTimestamp: string };
}

interface Review extends Loose {
  readonly status: { readonly authenticated?: boolean; readonly user?: object; readonly error?: string };
}

const issuer = "https://kubernetes.default.svc.cluster.local";
const core = "/api/v1/namespaces/default";
const accounts = `${core}/serviceaccounts`;
const reviews = "/apis/authentication.k8s.io/v1/tokenreviews";
const start = Date.UTC(2026, 0, 1);

function pod(name: string, spec: object = {}): object {
  return {
    metadata: { name },
    spec: { serviceAccountName: "robot", containers: [{ name: "c", image: "i" }], ...spec },
  };
}

interface Scene {
  readonly trial: Trial;
  readonly clock: ManualClock;
  readonly uids: Record<string, string>;
}

async function scene(more: object = {}): Promise<Scene> {
  const clock = new ManualClock(start);
  const trial = await startTrial({ clock, serviceAccountTokens: { ...testTokenSettings(), ...more } });
  const uids: Record<string, string> = {};
  const make = async (url: string, object: object): Promise<void> => {
    const { metadata } = await trial.ok("POST", url, object);
    uids[metadata?.name ?? ""] = metadata?.uid ?? "";
  };
  await make(accounts, { metadata: { name: "robot" } });
  await make(accounts, { metadata: { name: "other" } });
  await make("/api/v1/nodes", { metadata: { name: "n1" } });
  await make(`${core}/pods`, pod("web", { nodeName: "n1" }));
  await make(`${core}/pods`, pod("lost", { nodeName: "n2" }));
  await make(`${core}/secrets`, { metadata: { name: "key" } });
  return { trial, clock, uids };
}

function ask(trial: Trial, spec: object = {}, metadata: object = {}, account = "robot"): Promise<Token> {
  return trial.ok<Token>("POST", `${accounts}/${account}/token`, { metadata, spec });
}

async function review(trial: Trial, token: string, audiences: readonly string[] = []): Promise<Review["status"]> {
  return (await trial.ok<Review>("POST", reviews, { spec: { token, audiences } })).status;
}

describe("a TokenRequest", () => {
  let { trial, uids } = {} as Scene;
  beforeAll(async () => {
    ({ trial, uids } = await scene());
    return () => trial[Symbol.asyncDispose]();
  });

  it("is answered with a token for this server, for an hour", async () => {
    const made = await ask(trial, { expirationSeconds: 3600 });
    expect(made.metadata?.managedFields).toMatchObject([
      { operation: "Update", subresource: "token", fieldsV1: { "f:spec": { "f:expirationSeconds": {} } } },
    ]);
    expect(made).toMatchObject({
      kind: "TokenRequest",
      apiVersion: "authentication.k8s.io/v1",
      metadata: { name: "robot", namespace: "default", uid: uids["robot"], creationTimestamp: "2026-01-01T00:00:00Z" },
      spec: { audiences: [issuer], expirationSeconds: 3600 },
      status: { expirationTimestamp: "2026-01-01T01:00:00Z" },
    });
    const now = start / 1000;
    expect(decodeJwt(made.status.token)).toEqual({
      iss: issuer,
      aud: [issuer],
      sub: "system:serviceaccount:default:robot",
      iat: now,
      nbf: now,
      exp: now + 3600,
      jti: expect.any(String) as string,
      "kubernetes.io": { namespace: "default", serviceaccount: { name: "robot", uid: uids["robot"] } },
    });
  });

  it.each([
    ["Pod", "web", { pod: "web", node: "n1" }],
    ["Node", "n1", { node: "n1" }],
    ["Secret", "key", { secret: "key" }],
  ])("binds the token to a %s", async (kind, name, expected) => {
    const boundObjectRef = { apiVersion: "v1", kind, name, uid: uids[name] };
    const { status } = await ask(trial, { boundObjectRef, audiences: ["vault"] });
    const claims = Object.entries(expected).map(([key, value]) => [key, { name: value, uid: uids[value] }] as const);
    expect(decodeJwt(status.token)["kubernetes.io"]).toEqual({
      namespace: "default",
      serviceaccount: { name: "robot", uid: uids["robot"] },
      ...Object.fromEntries(claims),
    });
  });

  it("needs nothing to be said", async () => {
    const bare = await trial.ok<Token>("POST", `${accounts}/robot/token`, {});
    expect(bare.spec).toMatchObject({ audiences: [issuer], expirationSeconds: 3600 });
  });

  it("names a pod's node that is not there", async () => {
    const { status } = await ask(trial, { boundObjectRef: { kind: "Pod", name: "lost" } });
    expect(decodeJwt(status.token)["kubernetes.io"]).toMatchObject({ node: { name: "n2" } });
  });

  it("lets pods that read their token but once live on for a year", async () => {
    const boundObjectRef = { apiVersion: "v1", kind: "Pod", name: "web" };
    const now = start / 1000;
    const extended = await ask(trial, { boundObjectRef, expirationSeconds: 3607 });
    expect(extended.status.expirationTimestamp).toBe("2026-01-01T01:00:07Z");
    expect(decodeJwt(extended.status.token)).toMatchObject({
      exp: now + 31_536_000,
      "kubernetes.io": { warnafter: now + 3607 },
    });
    const elsewhere = await ask(trial, { boundObjectRef, expirationSeconds: 3607, audiences: ["vault"] });
    expect(decodeJwt(elsewhere.status.token)).toMatchObject({ exp: now + 3607 });
    const unbound = await ask(trial, { expirationSeconds: 3607 });
    expect(decodeJwt(unbound.status.token)).toMatchObject({ exp: now + 3607 });
  });

  it.each<readonly [object, object, string, string]>([
    [
      { expirationSeconds: 599 },
      {},
      "Invalid",
      'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
    ],
    [
      { expirationSeconds: 4_294_967_297 },
      {},
      "Invalid",
      'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
    ],
    [
      {},
      { name: "other" },
      "Invalid",
      'TokenRequest.authentication.k8s.io "robot" is invalid: metadata.name: Invalid value: "other": must match the service account name if specified',
    ],
    [
      {},
      { namespace: "other" },
      "BadRequest",
      "the namespace of the provided object does not match the namespace sent on the request",
    ],
    [{ boundObjectRef: { kind: "Pod", name: "gone" } }, {}, "NotFound", 'pods "gone" not found'],
    [{ boundObjectRef: { kind: "Secret", name: "gone" } }, {}, "NotFound", 'secrets "gone" not found'],
    [
      { boundObjectRef: { kind: "Pod", name: "web", uid: "x" } },
      {},
      "Conflict",
      'Operation cannot be fulfilled on Pod "web": the UID in the bound object reference (x) does not match the UID in record. The object might have been deleted and then recreated',
    ],
    [
      { boundObjectRef: { apiVersion: "apps/v1", kind: "Deployment", name: "d" } },
      {},
      "BadRequest",
      "cannot bind token to object of type apps/v1, Kind=Deployment",
    ],
    [
      { boundObjectRef: { apiVersion: "v1", kind: "Service", name: "d" } },
      {},
      "BadRequest",
      "cannot bind token to object of type /v1, Kind=Service",
    ],
  ])("is refused: %j %j", async (spec, metadata, reason, message) => {
    expect(await trial.refusal("POST", `${accounts}/robot/token`, { metadata, spec })).toMatchObject({
      reason,
      message,
    });
  });

  it("is refused for another account than the one that was meant", async () => {
    const uid = "00000000-0000-0000-0000-000000000000";
    const { message } = await trial.refusal("POST", `${accounts}/robot/token`, { metadata: { uid }, spec: {} });
    expect(message).toBe(
      `Operation cannot be fulfilled on TokenRequest.authentication.k8s.io "robot": the UID in the token request (${uid}) does not match the UID of the service account (${uids["robot"]})`,
    );
    const bound = { spec: { boundObjectRef: { kind: "Pod", name: "web" } } };
    expect(await trial.refusal("POST", `${accounts}/other/token`, bound)).toMatchObject({
      message: 'cannot bind token for serviceaccount "other" to pod running with different serviceaccount name.',
    });
    expect(await trial.refusal("POST", `${accounts}/nobody/token`, { spec: {} })).toMatchObject({
      message: 'serviceaccounts "nobody" not found',
    });
  });

  it("tells who checks tokens elsewhere how", async () => {
    expect(await trial.ok("GET", "/.well-known/openid-configuration")).toEqual({
      issuer,
      jwks_uri: "https://127.0.0.1:6443/openid/v1/jwks",
      response_types_supported: ["id_token"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["ES256"],
    });
    const { headers, bytes } = await trial.send("GET", "/openid/v1/jwks");
    expect(headers).toMatchObject({
      "content-type": "application/jwk-set+json",
      "cache-control": "public, max-age=3600",
    });
    expect(parsed(bytes)).toEqual({
      keys: [
        {
          use: "sig",
          kty: "EC",
          kid: expect.any(String) as string,
          ...{ alg: "ES256", crv: "P-256", x: expect.any(String) as string, y: expect.any(String) as string },
        },
      ],
    });
    const stranger = { user: { name: "ann", groups: ["system:authenticated"] } };
    expect((await trial.send("GET", "/openid/v1/jwks", stranger)).status).toBe(403);
  });
});

it("shortens what is longer than the server allows", async () => {
  const { trial } = await scene({ maxLifetimeSeconds: 7200 });
  await using _ = trial;
  const { headers, bytes } = await trial.send("POST", `${accounts}/robot/token`, {
    body: { spec: { expirationSeconds: 9000 } },
  });
  expect(headers["warning"]).toEqual(['299 - "requested expiration of 9000 seconds shortened to 7200 seconds"']);
  expect(parsed(bytes)).toMatchObject({
    spec: { expirationSeconds: 7200 },
    status: { expirationTimestamp: "2026-01-01T02:00:00Z" },
  });
});

describe("a bearer of a token", () => {
  it("is known until the account is gone, and is told nothing of the reason", async () => {
    const { trial, clock, uids } = await scene();
    await using _ = trial;
    const { token } = (await ask(trial)).status;
    const whoami = async (): Promise<{ status: number; text: string }> => {
      const answer = await trial.transport({
        method: "POST",
        url: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: Buffer.from("{}"),
        signal: new AbortController().signal,
        peer: { address: "192.0.2.1" },
      });
      const text = answer.body.type === "bytes" ? Buffer.from(answer.body.bytes).toString() : "";
      return { status: answer.status, text };
    };
    // Nobody has allowed it anything yet: but it is known who asks.
    expect((await whoami()).text).toContain("system:serviceaccount:default:robot");
    expect(await review(trial, token)).toEqual({
      authenticated: true,
      audiences: [issuer],
      user: {
        username: "system:serviceaccount:default:robot",
        uid: uids["robot"],
        groups: ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"],
        extra: { "authentication.kubernetes.io/credential-id": [`JTI=${decodeJwt(token).jti ?? ""}`] },
      },
    });
    await trial.ok("DELETE", `${accounts}/robot`);
    expect(await whoami()).toMatchObject({
      status: 401,
      text: expect.not.stringContaining("robot") as string,
    });
    expect(await review(trial, token)).toEqual({ user: {}, error: 'serviceaccounts "robot" not found' });
    await trial.ok("POST", accounts, { metadata: { name: "robot" } });
    expect((await review(trial, token)).error).toContain("does not match claim");
    expect(clock.now()).toBe(start);
  });
});

describe("a TokenReview", () => {
  it("asks for an audience", async () => {
    const { trial } = await scene();
    await using _ = trial;
    const { token } = (await ask(trial, { audiences: ["vault", "db"] })).status;
    expect(await review(trial, token, ["db", "x"])).toMatchObject({ authenticated: true, audiences: ["db"] });
    expect(await review(trial, token)).toEqual({
      user: {},
      error: `token audiences ["vault" "db"] is invalid for the target audiences ["${issuer}"]`,
    });
  });

  it("knows time", async () => {
    const { trial, clock } = await scene();
    await using _ = trial;
    const { token } = (await ask(trial)).status;
    clock.advance(3_600_000);
    expect(await review(trial, token)).toMatchObject({ authenticated: true });
    clock.advance(61_000);
    expect(await review(trial, token)).toEqual({ user: {}, error: "service account token has expired" });
  });

  it("says of a text that nobody knows that it is none, and needs one", async () => {
    const { trial } = await scene();
    await using _ = trial;
    expect(await review(trial, "rubbish")).toEqual({ user: {}, error: "invalid bearer token" });
    expect(await trial.refusal("POST", reviews, { spec: { token: "" } })).toMatchObject({
      reason: "BadRequest",
      message: "token is required for TokenReview in authentication",
    });
  });

  it("knows tokens that live in secrets, and notes on which day they are used", async () => {
    const settings = testTokenSettings();
    const { trial, uids } = await scene(settings);
    await using _ = trial;
    const account = { namespace: "default", name: "robot", uid: uids["robot"] ?? "" };
    const token = await createTokenSigner(legacyIssuer, settings.signingKey)(legacyClaims(account, "old"));
    await trial.ok("POST", `${core}/secrets`, {
      metadata: { name: "old", annotations: { "kubernetes.io/service-account.name": "robot" } },
      type: "kubernetes.io/service-account-token",
      stringData: { token },
    });
    expect(await review(trial, token)).toMatchObject({
      authenticated: true,
      audiences: [issuer],
      user: { username: "system:serviceaccount:default:robot" },
    });
    await settled();
    const { metadata } = await trial.ok("GET", `${core}/secrets/old`);
    expect(metadata?.labels).toEqual({ "kubernetes.io/legacy-token-last-used": "2026-01-01" });
    await trial.ok("DELETE", `${core}/secrets/old`);
    expect(await review(trial, token)).toEqual({ user: {}, error: "Token has been invalidated" });
  });
});
