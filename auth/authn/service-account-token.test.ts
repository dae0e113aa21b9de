import { createHmac, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Node, Pod, Secret, ServiceAccount } from "../../api/generated/types/core-v1.ts";
import type { KubeObject } from "../../api/machinery/object.ts";
import { formatTime } from "../../api/machinery/time.ts";
import { type SigningKey, verificationKey } from "../tokens/account-key.ts";
import { newSigningKey } from "../tokens/account-token-settings.testing.ts";
import { boundClaims, type BoundTokenOptions, legacyClaims } from "../tokens/claims.ts";
import type { TokenUse } from "../tokens/token-use.ts";
import { createTokenSigner, legacyIssuer } from "../tokens/token-signer.ts";
import { legacyServiceAccountToken, serviceAccountToken } from "./service-account-token.ts";
import type { TokenAuthenticator } from "./token-authenticator.ts";

const issuer = "https://issuer.test";
const start = Date.UTC(2026, 0, 1);
const account = { namespace: "ns", name: "robot", uid: "u-robot" };
const user = {
  name: "system:serviceaccount:ns:robot",
  uid: "u-robot",
  groups: ["system:serviceaccounts", "system:serviceaccounts:ns"],
};
const key = newSigningKey();

type Kept = { [kind in "serviceaccount" | "pod" | "secret" | "node"]: KubeObject | undefined };

/** A cluster of at most one object of each kind, and time that goes when the test says so. */
class World {
  now = start;
  readonly used: string[] = [];
  readonly counted: string[] = [];
  readonly objects: Kept = {
    serviceaccount: named("robot"),
    pod: named("web"),
    secret: named("key"),
    node: named("n1"),
  };
  readonly clock = { now: (): number => this.now };

  find<T extends KubeObject>(kind: keyof Kept, name: string): Promise<T | undefined> {
    const object = this.objects[kind];
    return Promise.resolve(object?.metadata?.name === name ? (object as T) : undefined);
  }

  authenticator(
    more: { issuers?: readonly string[]; keys?: readonly SigningKey[]; audiences?: readonly string[] } = {},
  ) {
    return serviceAccountToken({ ...this.#shared(more), issuers: more.issuers ?? [issuer] });
  }

  legacy(keys: readonly SigningKey[] = [key]): TokenAuthenticator {
    return legacyServiceAccountToken({ ...this.#shared({ keys }), markUsed: (_, day) => void this.used.push(day) });
  }

  async token(options: Partial<BoundTokenOptions> = {}, by = key, from = issuer): Promise<string> {
    const usual = { audiences: ["api"], bound: {}, id: "t-1", now: this.now, lifetimeSeconds: 3600 };
    return createTokenSigner(from, by)(boundClaims(account, { ...usual, ...options }));
  }

  #shared({ keys = [key], audiences = ["api"] }: { keys?: readonly SigningKey[]; audiences?: readonly string[] }) {
    return {
      keys: keys.map(({ verification }) => verification),
      audiences,
      clock: this.clock,
      count: (use: TokenUse) => void this.counted.push(use),
      objects: {
        serviceAccount: (_: string, name: string) => this.find<ServiceAccount>("serviceaccount", name),
        pod: (_: string, name: string) => this.find<Pod>("pod", name),
        secret: (_: string, name: string) => this.find<Secret>("secret", name),
        node: (name: string) => this.find<Node>("node", name),
      },
    };
  }
}

function named(name: string): KubeObject {
  return { metadata: { name, namespace: "ns", uid: `u-${name}` } };
}

function forged(header: object, payload: string, secret: string | Buffer): string {
  const head = `${Buffer.from(JSON.stringify(header)).toString("base64url")}.${payload}`;
  return `${head}.${createHmac("sha256", secret).update(head).digest("base64url")}`;
}

async function refusal(ask: TokenAuthenticator, token: string, audiences = ["api"]): Promise<string> {
  try {
    return JSON.stringify(await ask(token, audiences)) ?? "not mine";
  } catch (thrown) {
    return (thrown as Error).message;
  }
}

describe("a service account's token", () => {
  it("stands for its account", async () => {
    const world = new World();
    expect(await world.authenticator()(await world.token(), ["api"])).toEqual({
      user: { ...user, extra: { "authentication.kubernetes.io/credential-id": ["JTI=t-1"] } },
      audiences: ["api"],
      expiresAt: start + 3_600_000,
    });
  });

  it("tells the pod and the node that it is for", async () => {
    const world = new World();
    const bound = { pod: { name: "web", uid: "u-web" }, node: { name: "n1", uid: "u-n1" } };
    // The node counts only where the token is its own.
    world.objects.node = undefined;
    const identity = await world.authenticator()(await world.token({ bound }), ["api"]);
    expect(identity?.user.extra).toEqual({
      "authentication.kubernetes.io/credential-id": ["JTI=t-1"],
      "authentication.kubernetes.io/node-name": ["n1"],
      "authentication.kubernetes.io/node-uid": ["u-n1"],
      "authentication.kubernetes.io/pod-name": ["web"],
      "authentication.kubernetes.io/pod-uid": ["u-web"],
    });
  });

  it("counts in its time only, give or take a minute", async () => {
    const world = new World();
    const ask = world.authenticator();
    const token = await world.token();
    const at = async (seconds: number): Promise<string> => {
      world.now = start + seconds * 1000;
      return refusal(ask, token);
    };
    expect(await at(-61)).toBe("service account token is not valid yet");
    expect(await at(-60)).toContain("u-robot");
    expect(await at(3660)).toContain("u-robot");
    expect(await at(3661)).toBe("service account token has expired");
  });

  it("is told of where its holder should have fetched a new one", async () => {
    const world = new World();
    const token = await world.token({ lifetimeSeconds: 86_400, warnAfterSeconds: 3607 });
    world.now += 3_607_000;
    expect(await world.authenticator()(token, ["api"])).not.toHaveProperty("annotations");
    world.now += 93_000;
    expect(await world.authenticator()(token, ["api"])).toMatchObject({
      annotations: {
        "authentication.k8s.io/stale-token":
          "subject: system:serviceaccount:ns:robot, seconds after warning threshold: 93",
      },
    });
    expect(world.counted).toEqual(["valid", "stale"]);
  });

  it("is for its audiences", async () => {
    const world = new World();
    const ask = world.authenticator();
    const token = await world.token({ audiences: ["vault", "api"] });
    expect((await ask(token, ["x", "vault"]))?.audiences).toEqual(["vault"]);
    expect(await refusal(ask, token, ["x", "y"])).toBe(
      'token audiences ["vault" "api"] is invalid for the target audiences ["x" "y"]',
    );
  });

  describe("dies with what it is bound to, at once", () => {
    const invalidated = "service account token has been invalidated";
    it.each([
      [
        "serviceaccount",
        "robot",
        'serviceaccounts "robot" not found',
        "service account UID (u-2) does not match claim (u-robot)",
      ],
      ["pod", "web", invalidated, "pod UID (u-2) does not match service account pod ref claim (u-web)"],
      ["secret", "key", invalidated, "secret UID (u-2) does not match service account secret ref claim (u-key)"],
      ["node", "n1", invalidated, "node UID (u-2) does not match service account node ref claim (u-n1)"],
    ] as const)("%s", async (kind, name, gone, another) => {
      const world = new World();
      const ask = world.authenticator();
      const bound = kind === "serviceaccount" ? {} : { [kind]: { name, uid: `u-${name}` } };
      const token = await world.token({ bound });
      expect(await refusal(ask, token)).toContain("u-robot");
      const going = (seconds: number): KubeObject => ({
        metadata: { ...named(name).metadata, deletionTimestamp: formatTime(start + seconds * 1000) },
      });
      world.objects[kind] = going(-60);
      expect(await refusal(ask, token)).toContain("u-robot");
      world.objects[kind] = going(-61);
      expect(await refusal(ask, token)).toBe(
        kind === "serviceaccount" ? "service account ns/robot has been deleted" : gone,
      );
      world.objects[kind] = { metadata: { name, uid: "u-2" } };
      expect(await refusal(ask, token)).toBe(another);
      world.objects[kind] = undefined;
      expect(await refusal(ask, token)).toBe(gone);
    });
  });

  it("outlives the key that it was signed with as long as that one is known", async () => {
    const world = new World();
    const older = newSigningKey("P-384");
    const rsa = rsaKey();
    const token = await world.token({}, older);
    expect(await refusal(world.authenticator({ keys: [key, rsa, older] }), token)).toContain("u-robot");
    expect(await refusal(world.authenticator({ keys: [key, rsa, older] }), await world.token({}, rsa))).toContain(
      "u-robot",
    );
    expect(await refusal(world.authenticator({ keys: [key] }), token)).toBe("invalid signature, no keys found");
  });

  it("is taken from each issuer, and from nobody else", async () => {
    const world = new World();
    const issuers = [issuer, "https://former.test"];
    const former = await world.token({}, key, "https://former.test");
    expect(await refusal(world.authenticator({ issuers }), former)).toContain("u-robot");
    expect(await refusal(world.authenticator(), former)).toBe("not mine");
  });

  it.each([
    "",
    "abc",
    "a.b",
    "a.b.c",
    "a.b.c.d",
    `{"payload":"x"}`,
    `a.${"e".repeat(100_000)}.c`,
    "....".repeat(20_000),
  ])("is not any text (%#)", async (text) => {
    expect(await refusal(new World().authenticator(), text)).toBe("not mine");
  });

  describe("cannot be forged", () => {
    const world = new World();
    const ask = world.authenticator();
    const publicPem = key.verification.publicKey.export({ type: "spki", format: "pem" }).toString();
    const payloadOf = async (): Promise<string> => (await world.token()).split(".")[1] ?? "";
    const kid = key.verification.id;

    it("without a signature", async () => {
      const header = Buffer.from(JSON.stringify({ alg: "none", kid })).toString("base64url");
      expect(await refusal(ask, `${header}.${await payloadOf()}.`)).toBe("invalid signature");
    });

    it("with the public key for a shared secret", async () => {
      for (const secret of [publicPem, key.verification.publicKey.export({ type: "spki", format: "der" })])
        expect(await refusal(ask, forged({ alg: "HS256", kid }, await payloadOf(), secret))).toBe("invalid signature");
    });

    it("by another key of the same name, or of none", async () => {
      const stranger = newSigningKey();
      const named = { ...stranger, verification: { ...stranger.verification, id: kid } };
      expect(await refusal(ask, await world.token({}, named))).toBe("invalid signature");
      const nameless = { ...stranger, verification: { ...stranger.verification, id: "" } };
      expect(await refusal(ask, await world.token({}, nameless))).toBe("invalid signature");
      expect(await refusal(ask, await world.token({}, stranger))).toBe("invalid signature, no keys found");
    });

    it("by changing what it says", async () => {
      const [header, , signature] = (await world.token()).split(".");
      const other = (await world.token({ audiences: ["api", "more"] })).split(".")[1];
      expect(await refusal(ask, `${header}.${other}.${signature}`)).toBe("invalid signature");
    });

    it("with an extension that must be understood", async () => {
      const header = { alg: "ES256", kid, crit: ["exp"], exp: 1 };
      expect(await refusal(ask, forged(header, await payloadOf(), "x"))).toBe("invalid signature");
    });
  });
});

describe("a token in a secret", () => {
  const sign = createTokenSigner(legacyIssuer, key);

  async function keeping(labels: Record<string, string> = {}): Promise<{ world: World; token: string }> {
    const world = new World();
    const token = await sign(legacyClaims(account, "key"));
    const secret: Secret = {
      metadata: { ...named("key").metadata, labels },
      data: { token: Buffer.from(token).toString("base64") },
    };
    world.objects.secret = secret;
    return { world, token };
  }

  it("stands for its account, and its use is noted once a day", async () => {
    const { world, token } = await keeping();
    expect(await world.legacy()(token, ["api"])).toEqual({
      user,
      audiences: ["api"],
      annotations: {
        "authentication.k8s.io/legacy-token": "system:serviceaccount:ns:robot",
        "authentication.k8s.io/legacy-token-manual-secret": "key",
      },
    });
    expect(world.used).toEqual(["2026-01-01"]);
    expect(world.counted).toEqual(["legacy", "legacy manual"]);
    const again = await keeping({ "kubernetes.io/legacy-token-last-used": "2026-01-01" });
    await again.world.legacy()(again.token, ["api"]);
    expect(again.world.used).toEqual([]);
  });

  it("warns where nobody asked for it", async () => {
    const { world, token } = await keeping();
    const generated: ServiceAccount = { ...named("robot"), secrets: [{ name: "key" }] };
    world.objects.serviceaccount = generated;
    expect(await world.legacy()(token, ["api"])).toMatchObject({
      warning: expect.stringContaining("Use tokens from the TokenRequest API") as string,
      annotations: { "authentication.k8s.io/legacy-token-autogenerated-secret": "key" },
    });
  });

  it("counts as long as it stands there", async () => {
    const { world, token } = await keeping();
    const ask = world.legacy();
    expect(await refusal(ask, token)).toContain("u-robot");
    const kept = world.objects.secret;
    world.objects.secret = { ...kept, data: { token: Buffer.from(`${token}x`).toString("base64") } } as Secret;
    expect(await refusal(ask, token)).toBe("Token does not match server's copy");
    world.objects.secret = { ...kept, metadata: { ...kept?.metadata, deletionTimestamp: formatTime(start) } };
    expect(await refusal(ask, token)).toBe("Token has been invalidated");
    world.objects.secret = undefined;
    expect(await refusal(ask, token)).toBe("Token has been invalidated");
    world.objects.secret = kept;
    world.objects.serviceaccount = { metadata: { name: "robot", uid: "u-2" } };
    expect(await refusal(ask, token)).toBe("ServiceAccount UID (u-2) does not match claim (u-robot)");
    world.objects.serviceaccount = undefined;
    expect(await refusal(ask, token)).toBe('serviceaccounts "robot" not found');
  });

  it("does not count any more once it is marked", async () => {
    const { world, token } = await keeping({ "kubernetes.io/legacy-token-invalid-since": "2025-12-01" });
    expect(await refusal(world.legacy(), token)).toContain(
      "the token in secret ns/key for service account ns/robot has been marked invalid.",
    );
    expect(world.used).toEqual(["2026-01-01"]);
  });

  it("is no bound token, and a bound one none of these", async () => {
    const { world, token } = await keeping();
    expect(await refusal(world.authenticator(), token)).toBe("not mine");
    expect(await refusal(world.legacy(), await world.token())).toBe("not mine");
  });
});

function rsaKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { privateKey, verification: verificationKey(publicKey) };
}
