import { describe, expect, it } from "vitest";
import { silentLogger } from "../../../base/log.ts";
import { ManualClock } from "../../../storage/manual-clock.testing.ts";
import type { Changing } from "../changing.ts";
import { type CompiledConfiguration, compileConfiguration } from "../configuration/compile-configuration.ts";
import { readAuthenticationConfiguration } from "../configuration/read-configuration.ts";
import type { TokenIdentity } from "../token-authenticator.ts";
import { createIssuer, type TestIssuer } from "./issuer.testing.ts";
import { signingAlgorithms } from "./jwt-authenticator.ts";
import { jwtTokens } from "./jwt-tokens.ts";
import { configurationOfFlags, type OidcFlags } from "./oidc-flags.ts";

type Loose = Record<string, unknown>;

interface Trial extends Disposable {
  readonly issuer: TestIssuer;
  readonly clock: ManualClock;
  /** False: nobody can be reached. */
  reachable: boolean;
  readonly fetched: readonly string[];
  told(): readonly string[];
  change(jwt: readonly Loose[]): Promise<void>;
  ask(token: string, audiences?: readonly string[]): Promise<TokenIdentity | string | undefined>;
}

const url = "https://issuer.example";
const start = Date.UTC(2026, 0, 1);
const settled = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function compiled(jwt: readonly Loose[]): Promise<CompiledConfiguration> {
  const file = { apiVersion: "apiserver.config.k8s.io/v1", kind: "AuthenticationConfiguration", jwt };
  return compileConfiguration(await readAuthenticationConfiguration(Buffer.from(JSON.stringify(file))), []);
}

const oneIssuer = (parts: Loose = {}, issuer: Loose = {}): Loose => ({
  issuer: { url, audiences: ["wherry"], ...issuer },
  claimMappings: { username: { claim: "sub", prefix: "" }, groups: { claim: "groups", prefix: "oidc:" } },
  ...parts,
});

async function open(
  jwt: readonly Loose[] | OidcFlags = [oneIssuer()],
  { reachable = true, algorithms = signingAlgorithms } = {},
): Promise<Trial> {
  const clock = new ManualClock(start);
  const issuer = createIssuer(url, () => clock.now());
  const fetched: string[] = [];
  const told: string[] = [];
  const stopping = new AbortController();
  let changed: (value: CompiledConfiguration) => void = () => undefined;
  const configuration: Changing<CompiledConfiguration> = {
    current: "issuerUrl" in jwt ? compileConfiguration(configurationOfFlags(jwt), []) : await compiled(jwt),
    onChange: (call) => void (changed = call),
  };
  const trial = { reachable };
  const tell = (message: string, fields: object = {}): void => void told.push(`${message} ${JSON.stringify(fields)}`);
  const identify = jwtTokens(configuration, {
    async getJson(place) {
      fetched.push(place);
      await Promise.resolve();
      const answer = trial.reachable && place.startsWith(url) ? issuer.answer(place.slice(url.length)) : undefined;
      if (answer === undefined) throw new Error("connection refused");
      return answer;
    },
    clock,
    timers: clock,
    log: { ...silentLogger, error: tell },
    signal: stopping.signal,
    audiences: ["https://here"],
    algorithms,
  });
  await settled();
  return Object.assign(trial, {
    issuer,
    clock,
    fetched,
    told: () => told,
    async change(next: readonly Loose[]) {
      changed(await compiled(next));
      await settled();
    },
    async ask(token: string, audiences = ["https://here"]) {
      try {
        return await identify(token, audiences);
      } catch (thrown) {
        return String(thrown).replace("TokenError: oidc: ", "");
      }
    },
    [Symbol.dispose]: () => stopping.abort(),
  });
}

const named = (name: string, groups: readonly string[] = []): unknown =>
  expect.objectContaining({ user: expect.objectContaining({ name, groups }) });

describe("a token of an issuer", () => {
  it("names a user to this server's audiences", async () => {
    using trial = await open();
    const token = trial.issuer.sign({ groups: ["dev", "ops"], jti: "t-1" });
    expect(await trial.ask(token, ["https://here", "https://there"])).toEqual({
      user: {
        name: "jane",
        groups: ["oidc:dev", "oidc:ops"],
        extra: { "authentication.kubernetes.io/credential-id": ["JTI=t-1"] },
      },
      audiences: ["https://here"],
      expiresAt: start + 3_600_000,
    });
    expect(await trial.ask(token, ["https://there"])).toBeUndefined();
  });

  const day = 86_400;
  const now = start / 1000;
  const badSignature = "verify token: failed to verify signature: failed to verify id token signature";
  it.each<[string, (issuer: TestIssuer) => string, unknown]>([
    ["another issuer's", ({ sign }) => sign({ iss: "https://other.example" }), undefined],
    ["nobody's", ({ sign }) => sign({ iss: undefined }), undefined],
    ["no token", () => "abc", undefined],
    ["not base64", () => "a.b+.c", undefined],
    ["not JSON", () => "YQ.YQ.YQ", undefined],
    ["five parts", ({ sign }) => `${sign()}.a.b`, undefined],
    ["huge", ({ sign }) => sign({ pad: "x".repeat(200_000) }), undefined],
    [
      "for somebody else",
      ({ sign }) => sign({ aud: "other" }),
      'verify token: oidc: expected audience "wherry" got ["other"]',
    ],
    ["for nobody", ({ sign }) => sign({ aud: undefined }), 'verify token: oidc: expected audience "wherry" got []'],
    ["for several", ({ sign }) => sign({ aud: ["other", "wherry"] }), named("jane")],
    [
      "ended",
      ({ sign }) => sign({ exp: now - 1 }),
      "verify token: oidc: token is expired (Token Expiry: 2025-12-31T23:59:59.000Z)",
    ],
    ["without an end", ({ sign }) => sign({ exp: undefined }), expect.stringContaining("oidc: token is expired")],
    ["with an end that is no time", ({ sign }) => sign({ exp: "never" }), expect.stringContaining("exp is no time")],
    ["with an end beyond time", ({ sign }) => sign({ exp: 1e300 }), expect.stringContaining("exp is no time")],
    ["soon to begin", ({ sign }) => sign({ nbf: now + 240 }), named("jane")],
    [
      "not begun",
      ({ sign }) => sign({ nbf: now + day }),
      "verify token: oidc: current time 2026-01-01T00:00:00.000Z before the nbf (not before) time: 2026-01-02T00:00:00.000Z",
    ],
    [
      "unsigned",
      ({ unsigned }) => unsigned(),
      expect.stringMatching(/signed with unsupported algorithm, expected \["ES256" .* got "none"$/),
    ],
    ["signed with the public key as a secret", ({ confused }) => confused(), expect.stringContaining('got "HS256"')],
    ["signed with an unknown key", ({ sign }) => sign({}, { kid: "other" }), badSignature],
    ["changed after it was signed", ({ sign }) => changedClaims(sign()), badSignature],
    ["with a changed algorithm", ({ sign }) => sign({}, { alg: "RS256" }), badSignature],
    ["with unknown critical headers", ({ sign }) => sign({}, { crit: ["x"], x: 1 }), badSignature],
  ])("that is %s", async (_what, token, expected) => {
    using trial = await open();
    expect(await trial.ask(token(trial.issuer))).toEqual(expected);
  });

  it("is signed by the algorithms that were asked for", async () => {
    using trial = await open([oneIssuer()], { algorithms: ["RS256"] });
    expect(await trial.ask(trial.issuer.sign())).toBe(
      'verify token: oidc: id token signed with unsupported algorithm, expected ["RS256"] got "ES256"',
    );
    trial.issuer.rotate({ alg: "RS256" });
    expect(await trial.ask(trial.issuer.sign())).toEqual(named("jane"));
  });

  it("ends although it was good a moment ago", async () => {
    using trial = await open();
    const token = trial.issuer.sign({ exp: start / 1000 + 2 });
    expect(await trial.ask(token)).toEqual(named("jane"));
    trial.clock.advance(3000);
    expect(await trial.ask(token)).toContain("oidc: token is expired");
  });
});

function changedClaims(token: string): string {
  const [header = "", claims = "", signature = ""] = token.split(".");
  const changed = Buffer.from(claims, "base64url").toString().replace("jane", "root");
  return [header, Buffer.from(changed).toString("base64url"), signature].join(".");
}

describe("an issuer's keys", () => {
  it("are fetched with the first token, and again for one that nobody signed, but seldom", async () => {
    using trial = await open();
    const { issuer, clock } = trial;
    expect(issuer.keyRequests).toBe(0);
    await trial.ask(issuer.sign());
    expect(issuer.keyRequests).toBe(1);
    issuer.rotate();
    const rotated = issuer.sign();
    // Right after they were fetched they are not fetched again.
    expect(await trial.ask(rotated)).toContain("failed to verify");
    clock.advance(10_000);
    expect(await trial.ask(rotated)).toEqual(named("jane"));
    expect(issuer.keyRequests).toBe(2);
    for (let attempt = 0; attempt < 20; attempt += 1) await trial.ask(issuer.sign({}, { kid: `guess-${attempt}` }));
    expect(issuer.keyRequests).toBe(2);
  });

  it("that were withdrawn are believed for minutes only", async () => {
    using trial = await open();
    const { issuer, clock } = trial;
    const old = issuer.sign();
    await trial.ask(old);
    issuer.rotate();
    clock.advance(10 * 60_000 + 1);
    await trial.ask(old);
    await settled();
    clock.advance(10_001);
    expect(await trial.ask(old)).toContain("failed to verify");
  });

  it("need no names", async () => {
    using trial = await open();
    trial.issuer.rotate({ kid: "" });
    const first = trial.issuer.sign();
    trial.issuer.rotate({ kid: "", keep: true });
    for (const token of [first, trial.issuer.sign()]) expect(await trial.ask(token)).toEqual(named("jane"));
  });

  it("that cannot be had are not asked for by each token", async () => {
    using trial = await open();
    trial.reachable = false;
    const before = trial.fetched.length;
    for (let attempt = 0; attempt < 5; attempt += 1)
      expect(await trial.ask(trial.issuer.sign({ attempt }))).toBe("verify token: connection refused");
    expect(trial.fetched.length).toBe(before + 1);
    trial.reachable = true;
    trial.clock.advance(1000);
    expect(await trial.ask(trial.issuer.sign())).toEqual(named("jane"));
  });

  it("are known as soon as the issuer can be reached", async () => {
    using trial = await open([oneIssuer()], { reachable: false });
    expect(await trial.ask(trial.issuer.sign())).toBe("authenticator not initialized");
    trial.reachable = true;
    trial.clock.advance(10_000);
    await settled();
    expect(await trial.ask(trial.issuer.sign())).toEqual(named("jane"));
    expect(trial.told()).toEqual([
      'oidc authenticator: initializing plugin {"issuer":"https://issuer.example","why":"connection refused"}',
    ]);
  });

  it.each([
    [{ issuer: `${url}/` }, `did not match the issuer URL returned by provider ("${url}/")`],
    [{ jwks_uri: undefined }, "provider did not return JWKS URL"],
    [{ jwks_uri: "http://issuer.example/keys" }, "is not an https URL"],
  ])("are not taken from a document that says %j", async (document, message) => {
    using trial = await open([oneIssuer()], { reachable: false });
    trial.issuer.document = document;
    trial.reachable = true;
    trial.clock.advance(10_000);
    await settled();
    expect(trial.told().at(-1)?.replaceAll("\\", "")).toContain(message);
  });

  it("are where the discovery URL says", async () => {
    using trial = await open([oneIssuer({}, { discoveryURL: `${url}/elsewhere` })]);
    expect(trial.fetched).toEqual([`${url}/elsewhere`]);
  });
});

describe("a new configuration", () => {
  it("counts when its issuers have been reached", async () => {
    using trial = await open();
    const token = trial.issuer.sign();
    expect(await trial.ask(token)).toEqual(named("jane"));
    trial.reachable = false;
    const prefixed = { claimMappings: { username: { claim: "sub", prefix: "x:" } } };
    await trial.change([oneIssuer(prefixed)]);
    expect(await trial.ask(token)).toEqual(named("jane"));
    trial.reachable = true;
    trial.clock.advance(10_000);
    await settled();
    expect(await trial.ask(token)).toEqual(named("x:jane"));
    await trial.change([]);
    expect(await trial.ask(token)).toBeUndefined();
  });
});

describe("the flags for one issuer", () => {
  const flags = { issuerUrl: url, clientId: "wherry", certificateAuthority: "" };
  it.each<[Partial<OidcFlags>, Loose, unknown]>([
    [{}, {}, named(`${url}#jane`)],
    [{ usernamePrefix: "-" }, {}, named("jane")],
    [{ usernamePrefix: "x:" }, {}, named("x:jane")],
    [{ usernameClaim: "email" }, { email: "j@x" }, named("j@x")],
    [{ usernameClaim: "email" }, { email: "j@x", email_verified: true }, named("j@x")],
    [{ usernameClaim: "email" }, { email: "j@x", email_verified: false }, "email not verified"],
    [
      { usernameClaim: "email" },
      { email: "j@x", email_verified: "true" },
      "parse 'email_verified' claim: json: cannot unmarshal string into Go value of type bool",
    ],
    [{ usernameClaim: "name" }, {}, 'parse username claims "name": claim not present'],
    [
      { usernameClaim: "name" },
      { name: 1 },
      'parse username claims "name": json: cannot unmarshal number into Go value of type string',
    ],
    [{ usernameClaim: "name", usernamePrefix: "-" }, { name: "" }, "empty username is not allowed"],
    [{ usernamePrefix: "-", groupsClaim: "g", groupsPrefix: "p:" }, { g: "one" }, named("jane", ["p:one"])],
    [{ usernamePrefix: "-", groupsClaim: "g" }, { g: ["a", "b"] }, named("jane", ["a", "b"])],
    [{ usernamePrefix: "-", groupsClaim: "g" }, { g: null }, named("jane")],
    [{ usernamePrefix: "-", groupsClaim: "g" }, { _claim_names: { h: "src" } }, named("jane")],
    [{ usernamePrefix: "-", groupsClaim: "g" }, { g: ["a"], _claim_names: { g: "src" } }, named("jane", ["a"])],
    [
      { groupsClaim: "g" },
      { _claim_names: { g: "src" }, _claim_sources: { src: { endpoint: "https://x" } } },
      'could not expand distributed claims: "g" is not in the token itself',
    ],
    [
      { groupsClaim: "g" },
      { g: [1] },
      'parse groups claim "g": json: cannot unmarshal number into Go value of type string',
    ],
    [{ groupsClaim: "__proto__" }, {}, named(`${url}#jane`)],
    [{ requiredClaims: new Map([["hd", "x"]]) }, { hd: "x" }, named(`${url}#jane`)],
    [{ requiredClaims: new Map([["hd", "x"]]) }, {}, "required claim hd not present in ID token"],
    [
      { requiredClaims: new Map([["hd", "x"]]) },
      { hd: "y" },
      "required claim hd value does not match. Got = y, want = x",
    ],
  ])("%j take %j", async (chosen, claims, expected) => {
    using trial = await open({ ...flags, ...chosen });
    expect(await trial.ask(trial.issuer.sign(claims))).toEqual(expected);
  });
});

describe("expressions", () => {
  const failed = (rule: string, message: string): string =>
    `error evaluating claim validation expression: validation expression '${rule}' failed: ${message}`;
  const rule = "claims.exp - claims.iat <= 3600";
  it.each<[string, Loose, Loose, unknown]>([
    ["username", { username: { expression: "'x:' + claims.sub" } }, {}, named("x:jane")],
    [
      "username",
      { username: { expression: "claims.number" } },
      { number: 1 },
      "error evaluating username claim expression: username claim expression must return a string",
    ],
    ["username", { username: { expression: "''" } }, {}, "empty username via CEL expression is not allowed"],
    [
      "username",
      { username: { expression: "claims.none" } },
      {},
      "error evaluating username claim expression: expression 'claims.none' resulted in error: no such key: none",
    ],
    [
      "an escaped name",
      { username: { expression: "claims.acme__dot__io__slash__user" } },
      { "acme.io/user": "ann" },
      named("ann"),
    ],
    [
      "an escaped name below",
      { username: { expression: "claims.a.b__dash__c" } },
      { a: { "b-c": "ann" } },
      named("ann"),
    ],
    ["a key as it is", { username: { expression: "claims['acme.io/user']" } }, { "acme.io/user": "ann" }, named("ann")],
    [
      "whether a name is there",
      { username: { expression: "has(claims.a__dot__b) ? 'yes' : 'no'" } },
      { "a.b": 1 },
      named("yes"),
    ],
    ["groups", { groups: { expression: "claims.roles.split(',')" } }, { roles: "a,,b" }, named("jane", ["a", "b"])],
    ["groups", { groups: { expression: "claims.roles" } }, { roles: ["a", ""] }, named("jane", ["a"])],
    ["groups", { groups: { expression: "claims.roles" } }, { roles: null }, named("jane")],
    [
      "groups",
      { groups: { expression: "claims.roles" } },
      { roles: [1] },
      "error evaluating group claim expression: expression must return a string or a list of strings",
    ],
    [
      "uid",
      { uid: { expression: "claims.oid" } },
      { oid: "u-1" },
      expect.objectContaining({ user: { name: "jane", uid: "u-1", groups: [] } }),
    ],
    [
      "extra",
      {
        extra: [
          { key: "a.b/c", valueExpression: "claims.x" },
          { key: "a.b/d", valueExpression: "''" },
        ],
      },
      { x: "v" },
      expect.objectContaining({ user: { name: "jane", groups: [], extra: { "a.b/c": ["v"] } } }),
    ],
    ["whole numbers", { username: { expression: "string(type(claims.n) == double)" } }, { n: 3 }, named("true")],
  ])("for %s: %j of %j", async (_what, mappings, claims, expected) => {
    using trial = await open([oneIssuer({ claimMappings: { username: { claim: "sub", prefix: "" }, ...mappings } })]);
    expect(await trial.ask(trial.issuer.sign(claims))).toEqual(expected);
  });

  it.each<[Loose, Loose, unknown]>([
    [{ claimValidationRules: [{ expression: rule, message: "too long" }] }, {}, named("jane")],
    [
      { claimValidationRules: [{ expression: rule, message: "too long" }] },
      { exp: start / 1000 + 7200 },
      failed(rule, "too long"),
    ],
    [
      { claimValidationRules: [{ expression: "claims.hd == 'x'" }] },
      {},
      "error evaluating claim validation expression: expression 'claims.hd == 'x'' resulted in error: no such key: hd",
    ],
    [
      { userValidationRules: [{ expression: "!user.username.startsWith('system:')", message: "reserved" }] },
      { sub: "system:admin" },
      "error evaluating user info validation rule: validation expression '!user.username.startsWith('system:')' failed: reserved",
    ],
    [
      { userValidationRules: [{ expression: "user.groups.all(g, g != 'oidc:system:masters') && user.uid == ''" }] },
      { groups: ["dev"] },
      named("jane", ["oidc:dev"]),
    ],
  ])("%j judge %j", async (rules, claims, expected) => {
    using trial = await open([oneIssuer(rules)]);
    expect(await trial.ask(trial.issuer.sign(claims))).toEqual(expected);
  });
});
