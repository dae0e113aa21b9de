import { describe, expect, it } from "vitest";
import type { Secret } from "../../api/generated/types/core-v1.ts";
import { bootstrapToken } from "./bootstrap-token.ts";
import { TokenError } from "./token-authenticator.ts";

const now = Date.UTC(2026, 0, 1);
const id = "foobar";
const tokenSecret = "circumnavigation";

function secretOf(texts: Readonly<Record<string, string>>, differently: Partial<Secret> = {}): Secret {
  return {
    metadata: { name: `bootstrap-token-${id}`, namespace: "kube-system" },
    type: "bootstrap.kubernetes.io/token",
    data: Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString("base64")])),
    ...differently,
  };
}
const usual = { "token-id": id, "token-secret": tokenSecret, "usage-bootstrap-authentication": "true" };

async function identify(
  secret: Secret,
  token = `${id}.${tokenSecret}`,
  asked: readonly string[] = [],
): Promise<unknown> {
  const authenticate = bootstrapToken({
    audiences: ["api"],
    findSecret: async (name) => (secret.metadata?.name === name ? secret : undefined),
    clock: { now: () => now },
  });
  try {
    return await authenticate(token, asked);
  } catch (thrown) {
    if (thrown instanceof TokenError) return thrown.message;
    throw thrown;
  }
}

describe("a bootstrap token", () => {
  it("stands for a user of its own, in the groups that its secret names", async () => {
    expect(await identify(secretOf(usual))).toEqual({
      user: { name: "system:bootstrap:foobar", groups: ["system:bootstrappers"] },
      audiences: [],
    });
    const grouped = secretOf({ ...usual, "auth-extra-groups": "system:bootstrappers:foo,system:bootstrappers:a:b" });
    expect(await identify(grouped)).toMatchObject({
      user: { groups: ["system:bootstrappers", "system:bootstrappers:a:b", "system:bootstrappers:foo"] },
    });
    expect(await identify(secretOf({ ...usual, expiration: "2109-11-10T23:00:00Z" }))).toMatchObject({
      user: { name: "system:bootstrap:foobar" },
    });
  });

  const told = "bootstrap secret kube-system/bootstrap-token-foobar matching bearer token";
  it.each<[string, Secret, string]>([
    [
      "a group that it may not give",
      secretOf({ ...usual, "auth-extra-groups": "foo" }),
      "has invalid value for key auth-extra-groups",
    ],
    [
      "system:masters",
      secretOf({ ...usual, "auth-extra-groups": "system:bootstrappers:a,system:masters" }),
      "has invalid value for key auth-extra-groups",
    ],
    [
      "no usage",
      secretOf({ ...usual, "usage-bootstrap-authentication": "yes" }),
      "not marked usage-bootstrap-authentication=true",
    ],
    [
      "another secret",
      secretOf({ ...usual, "token-secret": "circumnavigatioN" }),
      "has invalid value for key token-secret",
    ],
    [
      "no secret",
      secretOf({ "token-id": id, "usage-bootstrap-authentication": "true" }),
      "has invalid value for key token-secret",
    ],
    ["another id", secretOf({ ...usual, "token-id": "barfoo" }), "has invalid value for key token-id"],
    ["another type", secretOf(usual, { type: "Opaque" }), "has invalid type, expected bootstrap.kubernetes.io/token"],
    ["an end that has come", secretOf({ ...usual, expiration: "2026-01-01T00:00:00Z" }), "has expired"],
    ["an end that nobody can read", secretOf({ ...usual, expiration: "tomorrow" }), "has expired"],
    [
      "a deletion",
      secretOf(usual, { metadata: { name: `bootstrap-token-${id}`, deletionTimestamp: "2026-01-01T00:00:00Z" } }),
      "is deleted and awaiting removal",
    ],
  ])("with %s is refused", async (_what, secret, why) => {
    expect(await identify(secret)).toBe(`${told} ${why}`);
  });

  it.each([
    "barfoo.circumnavigation",
    "foo.circumnavigation",
    "foobar.circumnavigatio",
    "foobar.CIRCUMNAVIGATION",
    "a.b.c",
    "",
  ])("%j is nobody's", async (token) => {
    expect(await identify(secretOf(usual), token)).toBeUndefined();
  });

  it("is for this server alone", async () => {
    expect(await identify(secretOf(usual), undefined, ["other"])).toBeUndefined();
    expect(await identify(secretOf(usual), undefined, ["other", "api"])).toMatchObject({ audiences: ["api"] });
  });
});
