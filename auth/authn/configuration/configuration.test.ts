import { describe, expect, it } from "vitest";
import { certified } from "../certificates/certificates.testing.ts";
import { compileConfiguration } from "./compile-configuration.ts";
import { readAuthenticationConfiguration } from "./read-configuration.ts";

type Loose = Record<string, unknown>;

const issuer = { url: "https://issuer", audiences: ["here"] };
const username = { claim: "sub", prefix: "" };
const kind = { apiVersion: "apiserver.config.k8s.io/v1", kind: "AuthenticationConfiguration" };

/** A configuration with one issuer that is right, but for what a test says. */
const jwt = (parts: { issuer?: Loose; claimMappings?: Loose } & Loose = {}): Loose => ({
  ...parts,
  issuer: { ...issuer, ...parts.issuer },
  claimMappings: { username, ...parts.claimMappings },
});

async function problem(...authenticators: readonly Loose[]): Promise<string | undefined> {
  return refusal({ ...kind, jwt: authenticators });
}

async function refusal(file: unknown): Promise<string | undefined> {
  try {
    const bytes = Buffer.from(typeof file === "string" ? file : JSON.stringify(file));
    compileConfiguration(await readAuthenticationConfiguration(bytes), ["https://kubernetes"]);
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message.replace("invalid authentication configuration: ", "") : "";
  }
}

describe("an authentication configuration", () => {
  it("is read from YAML", async () => {
    const text = `
apiVersion: apiserver.config.k8s.io/v1beta1
kind: AuthenticationConfiguration
anonymous: { enabled: true, conditions: [{ path: /livez }] }
jwt:
- issuer:
    url: https://issuer
    audiences: [one, two]
    audienceMatchPolicy: MatchAny
  claimMappings:
    username: { expression: "'x:' + claims.sub" }
    uid: { claim: oid }
    extra: [{ key: acme.io/roles, valueExpression: claims.roles }]
  claimValidationRules: [{ claim: hd, requiredValue: acme.io }]
  userValidationRules:
  - expression: "!user.username.startsWith('system:')"
    message: reserved
`;
    const { jwt: read, anonymous } = compileConfiguration(await readAuthenticationConfiguration(Buffer.from(text)), []);
    expect(anonymous).toEqual({ enabled: true, conditions: [{ path: "/livez" }] });
    expect(read[0]).toMatchObject({
      issuer: { url: "https://issuer", audiences: ["one", "two"] },
      mappings: {
        username: { expression: { text: "'x:' + claims.sub" } },
        groups: undefined,
        uid: { claim: "oid", prefix: "" },
        extra: [{ key: "acme.io/roles", expression: { text: "claims.roles" } }],
      },
      claimRules: { required: new Map([["hd", "acme.io"]]), expressions: [] },
      userRules: [{ message: "reserved" }],
    });
  });

  it.each<[unknown, string | undefined]>([
    [{ ...kind, jwt: [] }, undefined],
    [kind, undefined],
    ["", "empty config data"],
    ["[]", "couldn't get version/kind; json parse error: it is no object"],
    [{ apiVersion: kind.apiVersion }, "Object 'Kind' is missing"],
    [{ kind: kind.kind }, "Object 'apiVersion' is missing"],
    [
      { ...kind, apiVersion: "v1" },
      'no kind "AuthenticationConfiguration" is registered for version "v1"; it must be AuthenticationConfiguration of apiserver.config.k8s.io/v1',
    ],
    [
      { ...kind, jwt: [{ ...jwt(), foo: 1, issuer: { ...issuer, bar: 1 } }], __proto: {} },
      'strict decoding error: unknown field "__proto", unknown field "jwt[0].foo", unknown field "jwt[0].issuer.bar"',
    ],
    [
      { ...kind, jwt: [{ issuer: { url: 1 } }] },
      "json: cannot unmarshal number into Go struct field AuthenticationConfiguration.jwt.issuer.url of type string",
    ],
    [
      { ...kind, anonymous: { enabled: "yes" } },
      "json: cannot unmarshal string into Go struct field AuthenticationConfiguration.anonymous.enabled of type bool",
    ],
    [
      { ...kind, jwt: {} },
      "json: cannot unmarshal object into Go struct field AuthenticationConfiguration.jwt of type array",
    ],
    [
      { ...kind, anonymous: { enabled: false, conditions: [{ path: "/" }] } },
      'anonymous.conditions: Invalid value: [{"path":"/"}]: enabled should be set to true when conditions are defined',
    ],
    [{ ...kind, jwt: Array.from({ length: 65 }, () => jwt()) }, "jwt: Too many: 65: must have at most 64 items"],
  ])("%j", async (file, message) => {
    expect(await refusal(file)).toBe(message);
  });
});

describe("an issuer", () => {
  it.each<[Loose, string | undefined]>([
    [{ url: "" }, "jwt[0].issuer.url: Required value"],
    [{ url: "http://x" }, 'jwt[0].issuer.url: Invalid value: "http://x": URL scheme must be https'],
    [{ url: "issuer" }, 'jwt[0].issuer.url: Invalid value: "issuer": URL scheme must be https'],
    [
      { url: "https://a:b@x" },
      'jwt[0].issuer.url: Invalid value: "https://a:b@x": URL must not contain a username or password',
    ],
    [{ url: "https://x?q" }, 'jwt[0].issuer.url: Invalid value: "https://x?q": URL must not contain a query'],
    [{ url: "https://x#f" }, 'jwt[0].issuer.url: Invalid value: "https://x#f": URL must not contain a fragment'],
    [
      { url: "https://x/%zz" },
      'jwt[0].issuer.url: Invalid value: "https://x/%zz": parse "https://x/%zz": invalid URL escape "%zz"',
    ],
    [
      { url: "https://kubernetes" },
      'jwt[0].issuer.url: Invalid value: "https://kubernetes": URL must not overlap with disallowed issuers: [https://kubernetes]',
    ],
    [{ discoveryURL: "https://other/well-known" }, undefined],
    [
      { discoveryURL: "https://issuer/" },
      'jwt[0].issuer.discoveryURL: Invalid value: "https://issuer/": discoveryURL must be different from URL',
    ],
    [{ audiences: [] }, "jwt[0].issuer.audiences: Required value: at least one jwt[0].issuer.audiences is required"],
    [
      { audiences: ["a", "", "a"], audienceMatchPolicy: "MatchAny" },
      '[jwt[0].issuer.audiences[1]: Required value, jwt[0].issuer.audiences[2]: Duplicate value: "a"]',
    ],
    [
      { audiences: ["a", "b"] },
      'jwt[0].issuer.audienceMatchPolicy: Invalid value: "": audienceMatchPolicy must be MatchAny for multiple audiences',
    ],
    [
      { audienceMatchPolicy: "All" },
      'jwt[0].issuer.audienceMatchPolicy: Invalid value: "All": audienceMatchPolicy must be empty or MatchAny for single audience',
    ],
    [{ certificateAuthority: certified({ isAuthority: true }).certPem }, undefined],
    [
      { certificateAuthority: "secret" },
      'jwt[0].issuer.certificateAuthority: Invalid value: "<omitted>": data does not contain any valid RSA or ECDSA certificates',
    ],
    [
      { egressSelectorType: "etcd" },
      'jwt[0].issuer.egressSelectorType: Invalid value: "etcd": egress selector must be either controlplane or cluster',
    ],
  ])("%j", async (changed, message) => {
    expect(await problem(jwt({ issuer: changed }))).toBe(message);
  });

  it("is there once", async () => {
    expect(await problem(jwt(), jwt({ issuer: { discoveryURL: "https://d" } }))).toBe(
      'jwt[1].issuer.url: Duplicate value: "https://issuer"',
    );
    const discovered = (url: string): Loose => jwt({ issuer: { url, discoveryURL: "https://d" } });
    expect(await problem(discovered("https://a"), discovered("https://b"))).toBe(
      'jwt[1].issuer.discoveryURL: Duplicate value: "https://d"',
    );
  });
});

describe("mappings", () => {
  const both = { claim: "a", expression: "claims.a" };
  const reserved = "k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use";
  it.each<[Loose, string | undefined]>([
    [{ username: {} }, "jwt[0].claimMappings.username: Required value: claim or expression is required"],
    [
      { username: { claim: "sub" } },
      "jwt[0].claimMappings.username.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing",
    ],
    [{ username: both }, 'jwt[0].claimMappings.username: Invalid value: "": claim and expression can\'t both be set'],
    [{ uid: both }, 'jwt[0].claimMappings.uid: Invalid value: "": claim and expression can\'t both be set'],
    [
      { groups: { expression: "claims.a", prefix: "x" } },
      'jwt[0].claimMappings.groups.prefix: Invalid value: "x": may not be specified when expression is set',
    ],
    [
      {
        username: { expression: "claims.email" },
        extra: [{ key: "a.b/c", valueExpression: "string(claims.email_verified)" }],
      },
      undefined,
    ],
    [{ username: { expression: "claims.?email_verified.orValue(true) ? claims.email : claims.sub" } }, undefined],
    [{ username: { expression: "claims['email']" } }, undefined],
    [
      { username: { expression: "[claims].map(c, claims.email)[0]" } },
      expect.stringContaining("claims.email_verified must be used in claimMappings.username.expression or"),
    ],
    [
      { extra: [{ key: "roles", valueExpression: "'x'" }] },
      'jwt[0].claimMappings.extra[0].key: Invalid value: "roles": must be a domain-prefixed path (such as "acme.io/foo")',
    ],
    [
      { extra: [{ key: "a.k8s.io/X", valueExpression: "'x'" }] },
      `[jwt[0].claimMappings.extra[0].key: Invalid value: "a.k8s.io/X": must be lowercase, jwt[0].claimMappings.extra[0].key: Invalid value: "a.k8s.io/X": ${reserved}]`,
    ],
    [
      { extra: [{ key: "a.b/c", valueExpression: "'x'" }, { key: "a.b/c" }, { key: "a.b/d" }] },
      '[jwt[0].claimMappings.extra[1].key: Duplicate value: "a.b/c", jwt[0].claimMappings.extra[2].valueExpression: Required value]',
    ],
    [
      { uid: { expression: "claim.sub" } },
      expect.stringMatching(
        /^jwt\[0\]\.claimMappings\.uid\.expression: Invalid value: "claim\.sub": compilation failed: ERROR: <input>:1:1: undeclared reference to 'claim'/,
      ),
    ],
  ])("%j", async (changed, message) => {
    expect(await problem(jwt({ claimMappings: changed }))).toEqual(message);
  });
});

describe("rules", () => {
  const path = "jwt[0].claimValidationRules";
  it.each<[readonly Loose[], string | undefined]>([
    [
      [
        { claim: "hd", requiredValue: "x" },
        { expression: "claims.hd == 'x'", message: "m" },
      ],
      undefined,
    ],
    [[{}], `${path}[0]: Required value: claim or expression is required`],
    [[{ claim: "a", expression: "true" }], `${path}[0]: Invalid value: "a": claim and expression can't both be set`],
    [[{ claim: "a", message: "m" }], `${path}[0].message: Invalid value: "m": may not be specified when claim is set`],
    [
      [{ expression: "true", requiredValue: "v" }],
      `${path}[0].requiredValue: Invalid value: "v": may not be specified when expression is set`,
    ],
    [[{ claim: "a" }, { claim: "a" }], `${path}[1].claim: Duplicate value: "a"`],
    [[{ expression: "true" }, { expression: "true" }], `${path}[1].expression: Duplicate value: "true"`],
    [[{ expression: "claims.hd" }], `${path}[0].expression: Invalid value: "claims.hd": must evaluate to bool`],
    [[{ expression: "1" }], `${path}[0].expression: Invalid value: "1": must evaluate to bool`],
  ])("of claims: %j", async (rules, message) => {
    expect(await problem(jwt({ claimValidationRules: rules }))).toBe(message);
  });

  const users = "jwt[0].userValidationRules";
  it.each<[readonly Loose[], unknown]>([
    [[{ expression: "user.groups.all(g, !g.startsWith('system:')) && user.extra['a'][0] == user.uid" }], undefined],
    [[{}], `${users}[0].expression: Required value`],
    [[{ expression: "true" }, { expression: "true" }], `${users}[1].expression: Duplicate value: "true"`],
    [
      [{ expression: "user.username" }],
      `${users}[0].expression: Invalid value: "user.username": must evaluate to bool`,
    ],
    [[{ expression: "user.name == 'x'" }], expect.stringContaining("undefined field 'name'")],
  ])("of users: %j", async (rules, message) => {
    expect(await problem(jwt({ userValidationRules: rules }))).toEqual(message);
  });
});
